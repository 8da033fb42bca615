"""Keeps MLflow in this process to the server that it was given, and to this machine."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from dagproof.model import Environment
from dagproof.services.addresses import TRACKING_URI

_MODULE: Final = "mlflow.utils.rest_utils"
_SENDERS: Final = {"_get_http_response_with_retries": 1, "get_workspace_client": 1}
"""What that module sends requests with, and which of its arguments says where to."""
_REGISTRY_URI: Final = "MLFLOW_REGISTRY_URI"
_PORTS: Final = {"http": 80, "https": 443}
_HERE: Final = {"localhost", "127.0.0.1", "::1"}


@contextlib.contextmanager
def fenced(environment: Environment) -> Iterator[None]:
    """Refuse, meanwhile, what MLflow in this process would send to another server.

    An address that stands in a DAG wins over the environment: a run that is to try it would write
    to production. Servers of this machine are let through: tests may have one of their own.
    Databases are, too, and what other processes send.

    Args:
        environment: of the run; without an MLflow server in it nothing is refused.
    """
    given = tuple(filter(None, map(environment.get, (TRACKING_URI, _REGISTRY_URI))))
    if not environment.get(TRACKING_URI, "").startswith(("http://", "https://")):
        yield
        return
    with contextlib.ExitStack() as stack:
        if _MODULE in sys.modules:
            _fence(sys.modules[_MODULE], given, stack)
        else:
            waiting = _OnImport(lambda module: _fence(module, given, stack))
            sys.meta_path.insert(0, waiting)
            stack.callback(sys.meta_path.remove, waiting)
        yield


def _fence(module: ModuleType, given: Sequence[str], stack: contextlib.ExitStack) -> None:
    from unittest import mock

    for name, position in _SENDERS.items():
        send = getattr(module, name, None)
        if send is not None:
            stack.enter_context(mock.patch.object(module, name, _only_to(given, send, position)))


def _only_to(given: Sequence[str], send: Callable[..., Any], position: int) -> Callable[..., Any]:
    allowed = set(map(_server, given))

    @functools.wraps(send)
    def guarded(*arguments: Any, **options: Any) -> Any:
        url = str(arguments[position]) if len(arguments) > position else ""
        server = _server(url)
        if server[0] not in _HERE and server not in allowed:
            parts = urlsplit(url)
            shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
            raise PermissionError(
                f"dagproof lets nothing out to {shown}: take the address from {TRACKING_URI}, "
                "which the run sets"
            )
        return send(*arguments, **options)

    return guarded


def _server(url: str) -> tuple[str, int | None]:
    """Return host and port of an address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


class _OnImport(MetaPathFinder):
    """Calls somebody with the module once it has been imported."""

    def __init__(self, then: Callable[[ModuleType], None]) -> None:
        self._then = then

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Leave finding to others, and listen in where it is the module that is waited for."""
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_tell(module: ModuleType) -> None:
                execute(module)
                self._then(module)

            spec.loader.exec_module = execute_and_tell  # type: ignore[method-assign]
        return spec
