"""Memory that a child shares with its parent: what was written stays, however the child ends.

Closed file descriptors, `os._exit`, a segmentation fault and SIGKILL take nothing of it away.
"""

import contextlib
import json
import mmap
import struct
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SIZE: Final = 256 * 1024 * 1024
"""Bytes of address space; only what is written becomes memory."""

_ENCODE: Final = json.JSONEncoder(default=str).encode
"""Of our own: a file may replace what others have."""

_HEAD: Final = struct.Struct("<QQ")
_FINISHED: Final = 1
_EXPLORING: Final = 2
_LENGTH: Final = struct.Struct("<I")


class Board:
    """Records, one after the other, and a mark that says that the last one is there.

    Make it before the child is forked.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)
        self._lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._end, self._stage = _HEAD.size, 0
        _HEAD.pack_into(self._memory, 0, self._end, 0)

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a record; one that finds no room is left out."""
        data = _ENCODE(record).encode()
        with self._lock:
            end = self._end + _LENGTH.size + len(data)
            if end > _SIZE:
                return
            _LENGTH.pack_into(self._memory, self._end, len(data))
            self._memory[self._end + _LENGTH.size : end] = data
            self._end = end
            self._stage = self._stage if self._stage == _EXPLORING else 0
            _HEAD.pack_into(self._memory, 0, end, self._stage)

    def finish(self) -> None:
        """Say that nothing more will come."""
        self._reach(_FINISHED)

    def explore(self) -> None:
        """Say that the file is imported, and its DAGs are explored from now on."""
        self._reach(_EXPLORING)

    def _reach(self, stage: int) -> None:
        with self._lock:
            self._stage = stage
            _HEAD.pack_into(self._memory, 0, self._end, stage)

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return bool(_HEAD.unpack_from(self._memory, 0)[1] == _FINISHED)

    @property
    def exploring(self) -> bool:
        """Whether the file is imported, and its DAGs are explored."""
        return bool(_HEAD.unpack_from(self._memory, 0)[1] == _EXPLORING)

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield what has been written so far, by whichever process; what is no record is not."""
        end = min(_HEAD.unpack_from(self._memory, 0)[0], _SIZE)
        at = _HEAD.size
        while at + _LENGTH.size <= end:
            (length,) = _LENGTH.unpack_from(self._memory, at)
            at += _LENGTH.size
            with contextlib.suppress(ValueError, RecursionError):
                record = json.loads(self._memory[at : at + length])
                if isinstance(record, dict):
                    yield record
            at += length
