"""Answers in place of what an import should not ask: MLflow, Variables, Connections, sleep."""

import _posixsubprocess
import _socket
import _thread
import contextlib
import functools
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType, ModuleType
from typing import Any, Final, NoReturn

from dagproof.airflow_compat.stand_in import StandIn
from dagproof.import_audit.events import Seen, spawned
from dagproof.import_audit.native_files import NATIVE_FILES, target_of
from dagproof.import_audit.refusals import Refused, RefusedAccessError
from dagproof.import_audit.watch import Watch
from dagproof.model import Kind

_BEFORE_UNLINK: Final = 4
"""Arguments of a semaphore before the one that says whether it loses its name."""

_INNERMOST: Final = 2
"""Frames from `called` to whoever called the stand-in."""

_OURS: Final = __file__.rpartition("/")[0]

_MLFLOW_MODULES: Final = ("mlflow", "mlflow.tracking", "mlflow.tracking.fluent")
_MLFLOW_OWN: Final = (
    "mlflow.tracking.", "mlflow.models.model", "mlflow.store.", "mlflow.utils.autologging",
    "mlflow.tracing.", "mlflow.genai", "mlflow.projects", "mlflow.data", "mlflow.entities",
    "mlflow.artifacts",
)  # fmt: skip
_MLFLOW_PLAIN: Final = frozenset(
    {
        "get_tracking_uri",
        "get_registry_uri",
        "is_tracking_uri_set",
        "active_run",
        "get_active_model_id",
    }
)
_FLAVOUR: Final = ("log_model", "load_model", "save_model", "autolog", "spark_udf")

_NATIVE_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "psycopg2": ("connect", "_connect"),
    "psycopg": ("connect",),
    "MySQLdb": ("connect", "Connect"),
    "pyodbc": ("connect",),
    "oracledb": ("connect",),
    "cx_Oracle": ("connect",),
    "pymssql": ("connect",),
    "ibm_db": ("connect",),
    "adbc_driver_postgresql.dbapi": ("connect",),
}
"""Database clients whose connections are made by native code, which an audit hook never sees."""


class StandIns:
    """Puts the answers in their places, also in modules that are imported later.

    Args:
        watch: told of every question.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._done: set[str] = set()

    def install(self) -> None:
        """Replace what is loaded already."""
        with contextlib.suppress(ImportError):
            importlib.import_module("_posixshmem")
        real_sleep, real_exit, real_abort = time.sleep, os._exit, os.abort

        def sleep(seconds: float, /) -> None:
            self._watch.note("time.sleep", Kind.SLEEP, f"{seconds} s", _caller())
            real_sleep(min(float(seconds), 0.0001))

        def leave(status: int) -> NoReturn:
            self._watch.last_words(f"`os._exit({status})` ended its process", _caller())
            real_exit(status)

        def abort() -> NoReturn:
            self._watch.last_words("`os.abort()` ended its process", _caller())
            real_abort()

        self._tell_of_threads()
        self._tell_of_what_python_does_not()
        self._remember_addresses()
        time.sleep = sleep  # type: ignore[assignment]
        os._exit = leave
        os.abort = abort
        for name in tuple(sys.modules):
            self.loaded(name)

    def _tell_of_threads(self) -> None:
        """Write down each thread that starts; Python before 3.12 has no event for it."""
        for module in (_thread, threading):
            for name in ("start_new_thread", "start_new", "start_joinable_thread"):
                for attribute in (name, f"_{name}"):
                    start = vars(module).get(attribute)
                    if callable(start):
                        setattr(module, attribute, self._starting(start))

    def _tell_of_what_python_does_not(self) -> None:
        """Write down, and refuse, what has no audit event."""

        def to(kind: Kind, which: int = 0) -> Callable[..., Seen]:
            def seen(*arguments: Any, **_: Any) -> Seen:
                told = os.fsdecode(arguments[which]) if len(arguments) > which else ""
                return Seen(kind, told, RefusedAccessError)

            return seen

        def run(arguments: Any, *_: Any, **__: Any) -> Seen:
            return spawned([os.fsdecode(one) for one in arguments])

        def process(*arguments: Any, **_: Any) -> Seen:
            return Seen(Kind.SUBPROCESS, " ".join(map(str, arguments)), RefusedAccessError)

        write = to(Kind.FILESYSTEM_WRITE)
        for module, name, seen in (
            (_posixsubprocess, "fork_exec", run),
            (subprocess, "_fork_exec", run),
            (os, "mkfifo", write),
            (os, "mknod", write),
            (sys.modules.get("_posixshmem"), "shm_open", write),
            (sys.modules.get("_posixshmem"), "shm_unlink", write),
            (signal, "pidfd_send_signal", process),
            (os, "setpriority", process),
            (os, "sched_setaffinity", process),
        ):
            function = getattr(module, name, None)
            if module is not None and function is not None:
                label = f"{module.__name__.lstrip('_')}.{name.lstrip('_')}"
                setattr(module, name, self._refused(function, label, seen))
        os.open = self._open_by_whole_path(os.open)
        with contextlib.suppress(ImportError, AttributeError):
            semaphores: Any = importlib.import_module("_multiprocessing")
            semaphores.SemLock = _nameless(semaphores.SemLock)

    def _remember_addresses(self) -> None:
        """Have the watch know the addresses of the hosts that were asked for."""
        find, find_one = _socket.getaddrinfo, _socket.gethostbyname

        @functools.wraps(find)
        def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
            found = find(host, *arguments, **options)
            for *_, address in found:
                self._watch.resolved(_named(host), str(address[0]))
            return found

        @functools.wraps(find_one)
        def gethostbyname(host: Any, /) -> str:
            address = find_one(host)
            self._watch.resolved(_named(host), address)
            return address

        _socket.getaddrinfo = getaddrinfo  # the one that `socket.getaddrinfo` calls
        socket.gethostbyname = gethostbyname

    def _refused(
        self, function: Callable[..., Any], label: str, seen: Callable[..., Seen | None]
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*arguments: Any, **options: Any) -> Any:
            told = seen(*arguments, **options)
            if told is not None:
                self._watch.see(label, told, _caller())
            return function(*arguments, **options)

        return called

    def _open_by_whole_path(self, function: Callable[..., int]) -> Callable[..., int]:
        """Have the folder of a relative path said, which the event of `os.open` leaves out."""

        @functools.wraps(function)
        def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if dir_fd is not None and not os.fsdecode(path).startswith("/"):
                folder = os.readlink(f"/proc/self/fd/{dir_fd}")  # noqa: PTH115 - as text
                path = f"{folder}/{os.fsdecode(path)}"
            return function(path, flags, mode)

        return opened

    def _starting(self, start: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(start)
        def started(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
            self._watch.thread(function, _caller())
            return start(function, *arguments, **options)

        return started

    def loaded(self, name: str) -> None:
        """Replace what a module has that has just been imported."""
        module = sys.modules.get(name)
        if module is None or name in self._done:
            return
        if name == "mlflow" or name.startswith("mlflow."):
            self._done.add(name)
            self._stand_in_for_mlflow(name, module)
        elif name in _NATIVE_CLIENTS:
            self._done.add(name)
            for function in _NATIVE_CLIENTS[name]:
                if hasattr(module, function):
                    setattr(module, function, self._no_connection(name, module, function))
        elif name in NATIVE_FILES:
            self._done.add(name)
            for path, kind in NATIVE_FILES[name].items():
                self._tell_of_native_file(name, module, path, kind)

    def _tell_of_native_file(self, name: str, module: ModuleType, path: str, kind: Kind) -> None:
        """Write down what native code does to a file, and refuse to write one."""
        owner, _, function = path.rpartition(".")
        place = getattr(module, owner, None) if owner else module
        original = getattr(place, function, None)
        if place is None or original is None:
            return
        refusal = None if kind is Kind.FILESYSTEM_READ else RefusedAccessError

        def seen(*arguments: Any, **options: Any) -> Seen | None:
            target = target_of(path, kind, arguments, options)
            return None if target is None else Seen(kind, target, refusal)

        with contextlib.suppress(AttributeError, TypeError):  # a type made in C cannot be changed
            setattr(place, function, self._refused(original, f"{name}.{path}", seen))

    def _stand_in_for_mlflow(self, name: str, module: ModuleType) -> None:
        if name in _MLFLOW_MODULES:
            for key, value in tuple(vars(module).items()):
                own = getattr(value, "__module__", None) or ""
                if key.startswith("_") or key in _MLFLOW_PLAIN or not own.startswith(_MLFLOW_OWN):
                    continue
                if callable(value) and not isinstance(value, type):
                    setattr(module, key, self._answer(value, f"mlflow.{key}", Kind.MLFLOW))
        elif name == "mlflow.tracking.client":
            client = module.MlflowClient
            for key, value in tuple(vars(client).items()):
                if callable(value) and (not key.startswith("_") or key == "__init__"):
                    label = "mlflow.MlflowClient" + ("" if key == "__init__" else f".{key}")
                    plain = None if key == "__init__" else ...
                    setattr(client, key, self._answer(value, label, Kind.MLFLOW, plain))
        else:
            for key in _FLAVOUR:
                value = vars(module).get(key)
                if callable(value):
                    setattr(module, key, self._answer(value, f"{name}.{key}", Kind.MLFLOW))

    def _answer(
        self, function: Callable[..., Any], label: str, kind: Kind, value: object = ...
    ) -> Callable[..., Any]:
        """Return what stands in for a function, for the repository's own calls alone."""

        @functools.wraps(function)
        def called(*arguments: Any, **options: Any) -> Any:
            frame = _caller()
            if not self._watch.owns(frame):
                return function(*arguments, **options)
            self._watch.note(label, kind, "", frame)
            self._watch.stood_in += 1
            return StandIn(label) if value is ... else value

        return called

    def _no_connection(self, name: str, module: ModuleType, function: str) -> Callable[..., Any]:
        base = getattr(module, "OperationalError", ConnectionRefusedError)
        error = type(base.__name__, (Refused, base), {"__module__": name})

        def called(*_: object, **__: object) -> NoReturn:
            self._watch.note(f"{name}.{function}", Kind.DATABASE, "", _caller(), refused=True)
            raise error(f"dagproof audit refuses {name}.{function}()")

        return called


def _named(host: Any) -> str:
    return os.fsdecode(host) if isinstance(host, str | bytes) else ""


def _nameless(semaphore: Any) -> Callable[..., Any]:
    """Have semaphores lose their names at once, so that no file of them is left behind."""

    def made(*arguments: Any, **options: Any) -> Any:
        return semaphore(*arguments[:_BEFORE_UNLINK], **{**options, "unlink": True})

    vars(made).update({name: getattr(semaphore, name) for name in ("SEM_VALUE_MAX", "_rebuild")})
    return made


def _caller() -> FrameType:
    """Return the frame that called a stand-in, whoever of ours stands between."""
    frame = sys._getframe(_INNERMOST)  # noqa: SLF001 - there is no other way
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return frame
