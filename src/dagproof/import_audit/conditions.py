"""The circumstances of an import: the usual ones, and others that must not matter to a DAG."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

LATER: Final = timedelta(days=402, hours=5, minutes=41, seconds=13, microseconds=517)
"""Away from now in every field of a date."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What differs between two imports of the same files.

    Attributes:
        name: how they are called in messages.
        hash_seed: of the interpreter.
        environ: variables that are set beside the user's own.
        later: how much later it is.
        elsewhere: whether another language is spoken, if the machine knows one.
        host: the machine's name; empty for its own.
        backwards: whether folders are listed the other way round.
        directory: the working directory; empty for the user's own.
    """

    name: str
    hash_seed: str
    environ: Mapping[str, str] = field(default_factory=dict)
    later: timedelta = timedelta()
    elsewhere: bool = False
    host: str = ""
    backwards: bool = False
    directory: str = ""


def usual() -> Conditions:
    """Return the circumstances of the first import."""
    return Conditions("first", hash_seed="0")


def other(scratch: str) -> Conditions:
    """Return the circumstances of the second import.

    Args:
        scratch: a folder that is there and empty.
    """
    return Conditions(
        "second",
        hash_seed="20231",
        environ={
            "HOME": scratch,
            "PWD": scratch,
            "USER": "somebody",
            "LOGNAME": "somebody",
            "HOSTNAME": "elsewhere",
            "TZ": "Asia/Kathmandu",
            "LANG": "C",
            "LC_ALL": "C",  # Python takes UTF-8 for the encoding then, as in a bare container
        },
        later=LATER,
        elsewhere=True,
        host="elsewhere",
        backwards=True,
        directory=scratch,
    )


@contextlib.contextmanager
def under(conditions: Conditions) -> Iterator[None]:
    """Make the circumstances true in this process; for good, but for the clock."""
    if conditions.elsewhere:
        _speak_another_language()
    time.tzset()
    if conditions.directory:
        os.chdir(conditions.directory)
    if conditions.host:
        _rename(conditions.host)
    if conditions.backwards:
        _list_backwards()
    with _later(conditions.later):
        yield


@contextlib.contextmanager
def _later(shift: timedelta) -> Iterator[None]:
    """Shift the clock, if the library that can is installed."""
    if not shift:
        yield
        return
    try:
        import time_machine
    except ImportError:
        yield
        return
    with time_machine.travel(datetime.now(tz=UTC) + shift, tick=True):
        yield


def _speak_another_language() -> None:
    import locale

    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "C"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            return


def _rename(host: str) -> None:
    import platform

    uname = os.uname()
    renamed = os.uname_result((uname[0], host, *uname[2:]))
    os.uname = lambda: renamed
    platform.node = lambda: host
    socket.gethostname = lambda: host
    socket.getfqdn = lambda name="": name or host


def _list_backwards() -> None:
    listdir, scandir = os.listdir, os.scandir

    def list_backwards(*arguments: Any) -> list[Any]:
        return sorted(listdir(*arguments), reverse=True)

    class Backwards:
        """What `os.scandir` gives, in another order."""

        def __init__(self, *arguments: Any) -> None:
            with scandir(*arguments) as entries:
                self._entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

        def __iter__(self) -> Iterator[Any]:
            return self._entries

        def __next__(self) -> Any:
            return next(self._entries)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def close(self) -> None:
            """Nothing is open."""

    os.listdir = list_backwards  # type: ignore[assignment]
    os.scandir = Backwards  # type: ignore[assignment]
