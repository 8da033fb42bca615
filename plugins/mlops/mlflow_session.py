"""Finds an MLflow that answers, points its global functions there, and puts all of it back."""

import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops import environment

if TYPE_CHECKING:
    from mlflow import MlflowClient

_PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
_IMPATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "4",
}
_ADDRESSES = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_REGISTRY_URI",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_RUN_ID",
)


_SQL_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_taking_turns = threading.Lock()


class TrackingError(Exception):
    """MLflow cannot be used; one sentence that names its address and what to do."""


def answering_address() -> str:
    """Return the address of the environment's MLflow, which has just answered a small question.

    Raises:
        TrackingError: there is no address, or no answer within seconds.
    """
    address = known_address()
    with asking(address) as client:
        client.search_experiments(max_results=1)
    return address


def known_address() -> str:
    """Return the address of the environment's MLflow, whether or not it answers.

    Raises:
        TrackingError: there is none.
    """
    try:
        return environment.mlflow_tracking_uri()
    except environment.EnvironmentFileError as error:
        raise TrackingError(str(error)) from error


@contextmanager
def asking(address: str) -> Iterator["MlflowClient"]:
    """Ask the MLflow at an address small questions that are answered, or given up, within seconds.

    Threads take turns, since MLflow's client takes its patience from the process's environment.

    Yields:
        The client.

    Raises:
        TrackingError: no answer, or a refusal that the block has not handled.
    """
    parts = urlsplit(address)
    port = parts.port or _SQL_PORTS.get(parts.scheme.partition("+")[0])
    if parts.scheme.partition("+")[0] in _SQL_PORTS and parts.hostname:
        try:  # MLflow tries an SQL server for minutes
            socket.create_connection((parts.hostname, port), timeout=3).close()
        except OSError as error:
            raise no_answer(address, error) from error
    from mlflow import MlflowClient, MlflowException

    with _taking_turns, _defaults(_IMPATIENCE):
        try:
            yield MlflowClient(tracking_uri=address, registry_uri=address)
        except (MlflowException, OSError) as error:
            raise no_answer(address, error) from error


@contextmanager
def pointed_at(address: str) -> Iterator[Any]:
    """Set MLflow's global addresses, and afterwards put back all that it keeps of them.

    Yields:
        The module `mlflow`.
    """
    import mlflow
    from mlflow.tracking import fluent
    from mlflow.tracking._model_registry import utils as registry
    from mlflow.tracking._tracking_service import utils as tracking

    uris = tracking._tracking_uri, registry._registry_uri  # noqa: SLF001 - no public getter tells "unset"
    experiment = fluent._active_experiment_id  # noqa: SLF001 - the same
    with _defaults(_PATIENCE), put_back(_ADDRESSES):
        for name in _ADDRESSES:
            os.environ.pop(name, None)
        try:
            fluent._active_experiment_id = None  # noqa: SLF001 - it would forbid resuming a run
            mlflow.set_tracking_uri(address)
            mlflow.set_registry_uri(address)
            yield mlflow
        finally:
            tracking.set_tracking_uri(uris[0])
            registry._registry_uri = uris[1]  # noqa: SLF001 - the setter cannot unset
            fluent._active_experiment_id = experiment  # noqa: SLF001 - the same


def no_answer(address: str, error: BaseException) -> TrackingError:
    """Say in one sentence that MLflow refuses, or does not answer, and why."""
    reason = _reason(error)
    if hasattr(error, "error_code") and not is_lost(error):
        return TrackingError(f"MLflow at {public(address)} refuses: {reason}.")
    return TrackingError(
        f"MLflow at {public(address)} does not answer ({reason}). "
        "Start it, or set MLFLOW_TRACKING_URI."
    )


def is_lost(error: BaseException) -> bool:
    """Say whether no answer came, or one that tells nothing: the request may be carried out."""
    return getattr(error, "error_code", None) == "INTERNAL_ERROR"


def _reason(error: BaseException) -> str:
    """Return one line: the words of who gave up, which lie below those of MLflow's client."""
    root = error
    while (below := _below(root)) is not None:
        root = below
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    if "timed out" in str(root):
        return "it did not answer in time"
    of_network = isinstance(root, OSError) or type(root).__module__.startswith("urllib3.")
    lines = str(root if of_network else error).strip().splitlines() or [type(error).__name__]
    return " ".join(lines[0].split())[:300].rstrip(".")


def _below(error: BaseException) -> BaseException | None:
    """Return what an error was raised for; urllib3 keeps some among the arguments."""
    wrapped = (one for one in error.args if isinstance(one, BaseException))
    return error.__cause__ or error.__context__ or next(wrapped, None)


def public(address: str) -> str:
    """Return an address without its user and password."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:  # joining its parts again may lose slashes
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@contextmanager
def _defaults(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables where the operator has set none."""
    with put_back(values):
        for name, value in values.items():
            os.environ.setdefault(name, value)
        yield


@contextmanager
def put_back(names: Iterable[str]) -> Iterator[None]:
    """Put environment variables back as they were before the block."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
