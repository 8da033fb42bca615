"""Whether the kernel confines what `dagproof audit` imports, beside Python's own hooks."""

import ctypes
import platform
import sys
from collections.abc import Iterator
from typing import Final

from dagproof.doctor.check import Check, ok, warning
from dagproof.doctor.surroundings import Surroundings

_LANDLOCK: Final = 444
_VERSION: Final = 1
_SINCE_TCP: Final = 4
_MACHINES: Final = frozenset({"x86_64", "aarch64"})


def confinement(_: Surroundings) -> Iterator[Check]:
    """Say what native code of an imported file could still do."""
    if sys.platform != "linux":
        return
    version = _landlock()
    lacks = []
    if version < 1:
        lacks.append("files (no Landlock)")
    if version < _SINCE_TCP and platform.machine() not in _MACHINES:
        lacks.append("sockets")
    if lacks:
        yield warning(
            "confinement",
            f"This kernel does not keep native code from {' and '.join(lacks)}; what Python does, "
            "`audit` sees and refuses all the same",
        )
    else:
        yield ok("confinement", f"Landlock {version} and seccomp confine what `audit` imports")


def _landlock() -> int:
    """Return the version of Landlock; 0 or less where there is none."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    version: int = library.syscall(_LANDLOCK, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return version
