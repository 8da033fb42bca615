"""Keeps one execution API in this process, which tasks ask for all that they need."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, Final
from unittest import mock

from dagproof.model import UnavailableError

_LIFESPAN_SECONDS: Final = 30.0


def warm_up() -> None:
    """Start the in-process execution API, which costs seconds once, before the first task does.

    Raises:
        UnavailableError: Airflow 3.2 and FastAPI 0.137 or newer do not go together.
    """
    from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor

    try:
        with one_api_client():
            client = InProcessTestSupervisor._api_client()  # noqa: SLF001 - no public seam
            _await_lifespan(_api_server().app.state)
            client.get("health")  # the first request builds the routes of every API version
    except Exception as error:
        if type(error).__name__ != "PydanticUserError":
            raise
        raise UnavailableError(
            f"Airflow {version('apache-airflow')} cannot start its execution API with FastAPI "
            f"{version('fastapi')}. Install `fastapi<0.137`."
        ) from error


def _await_lifespan(state: Any) -> None:
    """Wait until the application has started.

    Airflow 3.0 to 3.2 start it in another thread and do not wait; routes that are built by a
    request in the meantime never see what the start puts into `state`.
    """
    deadline = time.monotonic() + _LIFESPAN_SECONDS
    while not getattr(state, "lifespan_called", False) and time.monotonic() < deadline:
        time.sleep(0.005)


@functools.cache
def _api_server() -> Any:
    """Airflow 3.0 and 3.1 build this application anew for every task, in a second each."""
    from airflow.sdk.execution_time import supervisor

    server = supervisor.in_process_api_server()
    server.transport.app = _with_wsgi_paths(server.transport.app)
    return server


def _with_wsgi_paths(app: Callable[..., Any]) -> Callable[..., Any]:
    """Give `app` its paths as WSGI spells UTF-8, which httpx does not: ids may hold an umlaut."""

    def with_wsgi_paths(environ: dict[str, Any], start: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
        return app(environ, start)

    return with_wsgi_paths


@contextlib.contextmanager
def one_api_client() -> Iterator[None]:
    """Have all tasks ask one application, which is built once, and send what all versions take."""
    from airflow.sdk.execution_time import supervisor

    server = _api_server()
    original = supervisor.InProcessTestSupervisor._api_client  # noqa: SLF001 - no public seam

    def api_client(*arguments: Any) -> Any:
        client = original(*arguments)
        # Airflow 3.0 does not say that its bodies are JSON; FastAPI insists since 0.132.
        client.headers.setdefault("content-type", "application/json")
        return client

    with (
        mock.patch.object(supervisor, "in_process_api_server", return_value=server),
        mock.patch.object(
            supervisor.InProcessTestSupervisor, "_api_client", staticmethod(api_client)
        ),
    ):
        yield
