"""Keeps MLflow in this process to the server that it was given, and to this machine."""

import contextlib
import functools
import ipaddress
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from dagproof.services.addresses import REGISTRY_URI, TRACKING_URI

_MODULE: Final = "mlflow.utils.rest_utils"
_SENDERS: Final = {"_get_http_response_with_retries": False, "get_workspace_client": True}
"""What that module sends requests with, and whether all of them are looked at: Databricks' are.

Their second argument says where to.
"""
_STORES: Final = re.compile(r"/(?:ajax-)?api/\d+\.\d+/(?:preview/)?mlflow/|/v1/traces\b")
"""What is in an address of runs, models and traces; files and gateways go where those say."""
_PORTS: Final = {"http": 80, "https": 443}
_TRACES: Final = "mlflow.tracing.export."
"""Modules that send traces; without them there are none."""
_FLUSH_SECONDS: Final = 5.0

Lets = Callable[[str], bool]


@contextlib.contextmanager
def fenced(environment: Mapping[str, str], lets: Lets = lambda _: False) -> Iterator[None]:
    """Refuse, meanwhile, what MLflow in this process would write to another server.

    An address that stands in a DAG wins over the environment: a run that is to try it would write
    to production. Servers of this machine are let through: tests may have one of their own.
    Databases are, too, and what other processes send.

    Args:
        environment: of the run; without an MLflow server in it nothing is refused.
        lets: says which other addresses are let through.
    """
    if urlsplit(environment.get(TRACKING_URI, "")).scheme not in _PORTS:
        yield
        return
    given = [urlsplit(one) for one in map(environment.get, (TRACKING_URI, REGISTRY_URI)) if one]

    def check(url: str) -> None:
        there = urlsplit(url)
        if not (_is_here(there) or any(_is_below(there, one) for one in given) or lets(url)):
            shown = f"{there.scheme}://{there.netloc.rpartition('@')[2]}"
            raise PermissionError(
                f"dagproof lets nothing out to {shown}: take the address from {TRACKING_URI}, "
                f'which the run sets, or say `allow = ["network:{there.hostname}"]`'
            )

    with contextlib.ExitStack() as stack:
        if _MODULE in sys.modules:
            _fence(sys.modules[_MODULE], check, stack)
        else:
            waiting = _OnImport(lambda module: _fence(module, check, stack))
            sys.meta_path.insert(0, waiting)
            stack.callback(sys.meta_path.remove, waiting)
        yield


def _fence(module: ModuleType, check: Callable[[str], None], stack: contextlib.ExitStack) -> None:
    from unittest import mock

    for name, every in _SENDERS.items():
        send = getattr(module, name, None)
        if send is not None:
            stack.enter_context(
                mock.patch.object(module, name, _checking(check, send, every=every))
            )
    stack.callback(_flush_traces)


def _checking(
    check: Callable[[str], None], send: Callable[..., Any], *, every: bool
) -> Callable[..., Any]:
    @functools.wraps(send)
    def guarded(first: object, url: object, *arguments: Any, **options: Any) -> Any:
        if every or _STORES.search(str(url)):
            check(str(url))
        return send(first, url, *arguments, **options)

    return guarded


def _is_here(address: SplitResult) -> bool:
    """Say whether an address is one of this machine."""
    host = (address.hostname or "").rstrip(".")
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found.is_loopback or found.is_unspecified or bool(mapped and mapped.is_loopback)


def _is_below(address: SplitResult, given: SplitResult) -> bool:
    """Say whether an address is on the server that was given, and below its path."""
    folder = given.path.rstrip("/") + "/"
    return _server(address) == _server(given) and f"{address.path}/".startswith(folder)


def _server(address: SplitResult) -> tuple[str | None, object]:
    try:
        port: object = address.port
    except ValueError:
        port = address.netloc
    return address.hostname, port or _PORTS.get(address.scheme)


def _flush_traces() -> None:
    """Have traces sent that MLflow sends later, as the end of a task's own process would."""
    flush = getattr(sys.modules.get("mlflow"), "flush_trace_async_logging", None)
    if flush is not None and any(name.startswith(_TRACES) for name in list(sys.modules)):
        flushing = threading.Thread(target=flush, daemon=True)
        flushing.start()
        flushing.join(_FLUSH_SECONDS)


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
