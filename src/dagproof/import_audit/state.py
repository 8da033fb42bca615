"""What a process holds for all files that it imports: compared before and after each of them."""

import builtins
import locale
import logging
import os
import random
import signal
import socket
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

State = Mapping[str, Any]
"""Comparable values by name."""

_TIMERS: Final = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_SIGNALS: Final = tuple(
    number
    for number in (
        signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1,
        signal.SIGUSR2, signal.SIGCHLD, signal.SIGPIPE, signal.SIGSEGV,
    )
)  # fmt: skip


def snapshot() -> State:
    """Return the state of this process."""
    return {name: reader() for name, reader in _READERS.items()}


def read(name: str) -> Any:
    """Return one part of the state."""
    return _READERS[name]()


MODULES: Final = "sys.modules"
"""Not part of the state: libraries change it, too."""


class Kept:
    """What everything else stands on: builtins, loaded modules, standard streams."""

    def __init__(self) -> None:
        self._builtins = builtins.__dict__.copy()
        self._modules = sys.modules.copy()
        self._loaded = list(self._modules.values())
        self._list, self._map = list, map
        self._streams = sys.stdin, sys.stdout, sys.stderr

    def put_back(self) -> list[str]:
        """Put it back as it was; return the names of the state that was replaced.

        Nothing here needs a builtin before they are back.
        """
        names = builtins.__dict__
        replaced = []
        if names != self._builtins:
            replaced = ["builtins"]
            names.clear()
            names.update(self._builtins)
        if self._list(self._map(sys.modules.get, self._modules)) != self._loaded:
            replaced.append(MODULES)
            sys.modules.update(self._modules)
        for name, stream in zip(("stdin", "stdout", "stderr"), self._streams, strict=True):
            if getattr(sys, name, None) is not stream:
                replaced.append(f"sys.{name}")
                setattr(sys, name, stream)
        return replaced


def changes(before: State, after: State) -> list[str]:
    """Return the names of what differs."""
    return [name for name in before if before[name] != after[name]]


def forgive(baseline: State, before: State, after: State) -> State:
    """Return a baseline that takes what changed between two states as given."""
    return {
        name: after[name] if before[name] == baseline[name] else baseline[name] for name in baseline
    }


def described(name: str, before: State, after: State) -> str:
    """Say how something changed, as the end of a sentence."""
    old, new = before[name], after[name]
    if name in _WORDED:
        return _WORDED[name]
    if name == "signal handlers":
        changed = [
            f"{number.name} is handled by {_short(_name(handler))} now"
            for number, was, handler in zip(_SIGNALS, old, new, strict=True)
            if was != handler
        ]
        return ", ".join(changed)
    if isinstance(old, tuple) and isinstance(new, tuple):
        added = [item for item in new if item not in old]
        gone = [item for item in old if item not in new]
        if added or gone:
            told = [f"has {_short(item)} now" for item in added[:2]]
            told += [f"lost {_short(item)}" for item in gone[:2] if name != "logging" or not added]
            return ", ".join(told)
        return "has another order now"
    return f"was {_short(old)} and is {_short(new)} now"


_WORDED: Final = {
    "random": "was seeded",
    "numpy.random": "was seeded",
    "builtins": "had other functions",
    "sys.stdin": "was another stream",
    "sys.stdout": "was another stream",
    "sys.stderr": "was another stream",
    "the alarm": "is set now",
}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return f"`{text[:80]}`"


def _root_logger() -> tuple[str, ...]:
    root = logging.getLogger()
    level = f"level {logging.getLevelName(root.level)}"
    disabled = f"disabled up to {logging.root.manager.disable}"
    return (level, disabled, *(f"handler {type(one).__name__}" for one in root.handlers))


def _handlers() -> tuple[object, ...]:
    return tuple(map(signal.getsignal, _SIGNALS))


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


def _filters() -> tuple[str, ...]:
    return tuple(f"filter {entry[0]} {_name(entry[2])}" for entry in warnings.filters)


def _numpy_random() -> int:
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return 0
    return zlib.crc32(numpy.get_state()[1].tobytes())


def _umask() -> int:
    mask = os.umask(0o077)  # the only way to read it is to set it
    os.umask(mask)
    return mask


def _builtins() -> tuple[object, ...]:
    return tuple(vars(builtins).values())


def _name(value: object) -> str:
    return "" if value is None else getattr(value, "__qualname__", type(value).__qualname__)


def _directory() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as text
    except OSError:
        return "a folder that is gone"


_READERS: Final[Mapping[str, Callable[[], Any]]] = {
    "sys.path": lambda: tuple(str(entry) for entry in sys.path),
    "the working directory": _directory,
    "logging": _root_logger,
    "warnings": _filters,
    "random": lambda: hash(random.getstate()[1]),
    "numpy.random": _numpy_random,
    "the locale": _locale,
    "the time zone": lambda: str(time.tzname),
    "signal handlers": _handlers,
    "the alarm": lambda: tuple(signal.getitimer(timer)[0] > 0 for timer in _TIMERS),
    "the umask": _umask,
    "the recursion limit": sys.getrecursionlimit,
    "the socket timeout": socket.getdefaulttimeout,
    "sys.excepthook": lambda: _name(sys.excepthook),
    "sys.stdin": lambda: id(sys.stdin),
    "sys.stdout": lambda: id(sys.stdout),
    "sys.stderr": lambda: id(sys.stderr),
    "sys.meta_path": lambda: tuple(_name(finder) for finder in sys.meta_path),
    "builtins": _builtins,
}
