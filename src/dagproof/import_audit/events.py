"""What CPython's audit events say, in our words: of what kind, done to what, and whether refused.

The events are those of https://docs.python.org/3/library/audit_events.html.
"""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dagproof.import_audit.orders import Surroundings
from dagproof.import_audit.refusals import (
    RefusedAccessError,
    RefusedConnectionError,
    RefusedHookError,
)
from dagproof.model import Kind

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SILENT_FILES: Final = ("/dev/null", "/dev/tty", "/dev/random", "/dev/urandom", "/dev/zero")
_MACHINE: Final = ("/proc/", "/sys/", "/usr/share/zoneinfo/", "/etc/", "/usr/lib/", "/dev/pts/")
_OWN_FILES: Final = ("/linecache.py", "/inspect.py", "/tokenize.py", "/traceback.py", "/pkgutil.py",
              "/importlib/metadata/__init__.py", "/importlib_metadata/__init__.py")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """An event in our words.

    Attributes:
        kind: what it is about, as far as the event alone tells.
        detail: what it was done to.
        refusal: the exception that keeps it from happening; None for what may happen.
        native: whether native code was called.
    """

    kind: Kind
    detail: str
    refusal: type[Exception] | None = None
    native: bool = False


Judge = Callable[[tuple[Any, ...]], Seen | None]
"""Takes the arguments of an event; None for one that is of no interest."""


class Events:
    """The events that are looked at.

    Args:
        surroundings: which folders are ours.
        libraries: folders of installed packages; what is read there is of no interest.
    """

    def __init__(self, surroundings: Surroundings, libraries: tuple[str, ...]) -> None:
        self._scratch = f"{surroundings.scratch}/"
        self._home = f"{surroundings.home}/"
        bytecode = (surroundings.bytecode,) if surroundings.bytecode else ()
        self._kept = tuple(f"{folder.rstrip('/')}/" for folder in (*libraries, *bytecode))
        self._bytecode = f"{surroundings.bytecode}/" if surroundings.bytecode else ""
        self._boring = (self._home, *self._kept)

    def table(self) -> Mapping[str, Judge]:
        """Return a judge for each event."""
        writes = dict.fromkeys(_WRITES, self._written)
        writes |= dict.fromkeys(_WRITES_IN_FOLDER, self._written_in_folder)
        moves = dict.fromkeys(_MOVES, self._moved)
        copies = dict.fromkeys(_COPIES, self._copied)
        reads = dict.fromkeys(("os.listdir", "os.scandir", "glob.glob"), self._listed)
        return {
            **_FIXED,
            **writes,
            **moves,
            **copies,
            **reads,
            "open": self._opened,
            "os.symlink": self._linked,
            "sqlite3.connect": self._sqlite,
        }

    def _opened(self, arguments: tuple[Any, ...]) -> Seen | None:
        path, mode, flags = arguments
        if isinstance(path, int):
            return None  # it was opened before
        name = _path(path)
        writing = flags & _WRITING if isinstance(flags, int) else set(str(mode)) & set("wax+")
        if writing:
            return None if self._is_bytecode(name) else self._write(name)
        if name.startswith((*self._boring, *_MACHINE)) or name in _SILENT_FILES:
            return None
        return Seen(Kind.FILESYSTEM_READ, name)

    def _listed(self, arguments: tuple[Any, ...]) -> Seen | None:
        path = arguments[0] if arguments else "."
        name = _path("." if path is None else path)
        if not name or f"{name}/".startswith((*self._boring, *_MACHINE)):
            return None
        return Seen(Kind.FILESYSTEM_READ, name)

    def _written(self, arguments: tuple[Any, ...]) -> Seen | None:
        name = _path(arguments[0])
        return self._write(name) if name and not self._is_bytecode(name) else None

    def _written_in_folder(self, arguments: tuple[Any, ...]) -> Seen | None:
        name = _path(arguments[0], arguments[-1] if len(arguments) > 1 else -1)
        return self._write(name) if name and not self._is_bytecode(name) else None

    def _copied(self, arguments: tuple[Any, ...]) -> Seen | None:
        """Tell where something is copied to; reading it is an event of its own."""
        name = _path("." if arguments[1] is None else arguments[1])
        return self._write(name) if name and not self._is_bytecode(name) else None

    def _moved(self, arguments: tuple[Any, ...]) -> Seen | None:
        folders = (*arguments[2:], -1, -1)
        names = [
            _path(path, folder)
            for path, folder in zip(arguments[:2], folders, strict=False)
            if isinstance(path, str | bytes | os.PathLike)
        ]
        if names and all(self._is_bytecode(name) for name in names):
            return None  # importlib writes it under another name first
        outside = [name for name in names if not name.startswith(self._scratch)]
        return self._write(outside[0] if outside else names[-1]) if names else None

    def _linked(self, arguments: tuple[Any, ...]) -> Seen | None:
        """Tell a link whose one folder is that of the link; its target is only text."""
        return self._moved((*arguments[:2], -1, *arguments[2:]))

    def _write(self, name: str) -> Seen | None:
        if name in _SILENT_FILES or name.startswith(self._home):
            return None
        inside = f"{name}/".startswith(self._scratch)
        return Seen(Kind.FILESYSTEM_WRITE, name, None if inside else RefusedAccessError)

    def _is_bytecode(self, name: str) -> bool:
        """Say whether Python keeps the bytecode of an installed package there."""
        if self._bytecode and name.startswith(self._bytecode):
            return True
        folder, _, file = name.rpartition("/")
        if not name.startswith(self._kept):
            return False
        return folder.endswith("/__pycache__") or file == "__pycache__"

    def _sqlite(self, arguments: tuple[Any, ...]) -> Seen | None:
        name = os.fsdecode(arguments[0])
        if name in {"", ":memory:"} or name.startswith("file::memory:") or "mode=memory" in name:
            return None
        inside = _path(name.removeprefix("file:")).startswith(self._scratch)
        return Seen(Kind.DATABASE, name, None if inside else RefusedAccessError)


def _path(path: Any, folder: Any = -1) -> str:
    """Return an absolute path, with links as they are; empty for what is no file.

    Args:
        path: a path, or an open descriptor.
        folder: the descriptor of the folder that a path is relative to; none below zero.
    """
    if isinstance(path, int):
        target = _target(path)
        return target if target.startswith("/") else ""
    name = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0 and not name.startswith("/"):
        name = f"{_target(folder)}/{name}"
    return os.path.abspath(name)  # noqa: PTH100 - links are not followed


def _target(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - as text
    except OSError:
        return ""


def _always(kind: Kind, refusal: type[Exception] | None, *which: int) -> Judge:
    """Return a judge that tells some of the arguments as they are."""

    def judge(arguments: tuple[Any, ...]) -> Seen:
        told = [_text(arguments[index]) for index in which if index < len(arguments)]
        return Seen(kind, " ".join(told), refusal)

    return judge


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return os.fsdecode(value)
    return str(value)[:200]


def _address(arguments: tuple[Any, ...]) -> Seen | None:
    """Tell the address that a socket is to reach."""
    address = arguments[1] if len(arguments) > 1 else ""
    if isinstance(address, tuple) and len(address) > 1:
        return Seen(Kind.NETWORK, f"{_text(address[0])}:{address[1]}", RefusedConnectionError)
    return Seen(Kind.NETWORK, _text(address), RefusedConnectionError)


def _resolved(arguments: tuple[Any, ...]) -> Seen | None:
    host, port = (*arguments, None)[:2]
    if isinstance(host, tuple):  # of an address whose name is asked for
        host, port = host[0], None
    if host in {None, ""}:
        return None
    return Seen(
        Kind.NETWORK, f"{_text(host)}:{port}" if port else _text(host), RefusedConnectionError
    )


def _spawned(arguments: tuple[Any, ...]) -> Seen:
    executable, command = arguments[:2]
    return spawned(command if isinstance(command, list | tuple) else [command or executable])


def spawned(parts: Sequence[Any]) -> Seen:
    """Return the start of a command in our words."""
    told = " ".join(shlex.quote(_text(part)) for part in parts)
    return Seen(Kind.SUBPROCESS, told if len(parts) > 1 else _text(parts[0]), RefusedAccessError)


def _killed(arguments: tuple[Any, ...]) -> Seen | None:
    pid, number = arguments[:2]
    if pid == os.getpid():
        return None  # it harms nobody but itself, and how it ended is told
    return Seen(Kind.SUBPROCESS, f"process {pid}, signal {number}", RefusedAccessError)


def _loaded(arguments: tuple[Any, ...]) -> Seen | None:
    name = _text(arguments[-1]) if arguments and arguments[-1] is not None else "this process"
    return Seen(Kind.SUBPROCESS, name, RefusedAccessError, native=True)


def _connected(arguments: tuple[Any, ...]) -> Seen | None:
    """Tell the host that a client is to reach; it is the first argument."""
    host, port = (*arguments[1:], None, None)[:2]
    told = f"{_text(host)}:{port}" if port else _text(host)
    return Seen(Kind.NETWORK, told, RefusedConnectionError)


def _environment(arguments: tuple[Any, ...]) -> Seen | None:
    return Seen(Kind.ENVIRONMENT, _text(arguments[0]))


_WRITES: Final = (
    "os.truncate", "os.lchmod", "os.chflags", "os.lchflags", "os.setxattr", "os.removexattr",
    "shutil.chown", "shutil.make_archive", "tempfile.mkstemp", "tempfile.mkdtemp",
)  # fmt: skip
_WRITES_IN_FOLDER: Final = (
    "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.chown", "os.utime", "shutil.rmtree",
)  # fmt: skip
"""Whose last argument is the descriptor of a folder."""
_MOVES: Final = ("os.rename", "os.link", "shutil.move")
_COPIES: Final = (
    "shutil.copyfile", "shutil.copytree", "shutil.copymode", "shutil.copystat",
    "shutil.unpack_archive",
)  # fmt: skip
_CONNECTS: Final = (
    "ftplib.connect",
    "imaplib.open",
    "nntplib.connect",
    "poplib.connect",
    "smtplib.connect",
    "telnetlib.Telnet.open",
    "http.client.connect",
)

_RESOLVES: Final = (
    "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
)  # fmt: skip

_FIXED: Final[Mapping[str, Judge]] = {
    **dict.fromkeys(("socket.connect", "socket.sendto", "socket.sendmsg"), _address),
    **dict.fromkeys(_RESOLVES, _resolved),
    **dict.fromkeys(("os.putenv", "os.unsetenv"), _environment),
    **dict.fromkeys(("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle"), _loaded),
    **dict.fromkeys(("os.fork", "os.forkpty"), _always(Kind.SUBPROCESS, RefusedAccessError)),
    "socket.bind": _address,
    "socket.sethostname": _always(Kind.SUBPROCESS, RefusedAccessError, 0),
    "urllib.Request": _always(Kind.NETWORK, RefusedConnectionError, 0),
    **dict.fromkeys(_CONNECTS, _connected),
    "webbrowser.open": _always(Kind.SUBPROCESS, RefusedAccessError, 0),
    "subprocess.Popen": _spawned,
    "os.posix_spawn": _spawned,
    "os.exec": _spawned,
    "os.system": _always(Kind.SUBPROCESS, RefusedAccessError, 0),
    "pty.spawn": _always(Kind.SUBPROCESS, RefusedAccessError, 0),
    "os.kill": _killed,
    "os.killpg": _always(Kind.SUBPROCESS, RefusedAccessError, 0, 1),
    "resource.prlimit": _always(Kind.SUBPROCESS, RefusedAccessError),
    "resource.setrlimit": _always(Kind.ENVIRONMENT, RefusedAccessError, 0),
    "syslog.openlog": _always(Kind.FILESYSTEM_WRITE, RefusedAccessError, 0),
    "syslog.syslog": _always(Kind.FILESYSTEM_WRITE, RefusedAccessError, 1),
    **dict.fromkeys(("sys.settrace", "sys.setprofile"), _always(Kind.ENVIRONMENT, None)),
    "sys.addaudithook": _always(Kind.ENVIRONMENT, RefusedHookError),
    "setopencodehook": _always(Kind.ENVIRONMENT, RefusedHookError),
}  # fmt: skip


def reads_for_python(path: str) -> bool:
    """Say whether a file of the standard library reads sources to show or import them."""
    return path.startswith("<frozen importlib") or path.endswith(_OWN_FILES)
