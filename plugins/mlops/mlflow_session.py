"""Finds an MLflow that answers, points its global functions there, and puts all of it back."""

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from mlops import environment

if TYPE_CHECKING:
    from mlflow import MlflowClient

_T = TypeVar("_T")
_PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
_IMPATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "4",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",  # it may ask for an hour
}
_ADDRESSES = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_REGISTRY_URI",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_RUN_ID",
)


_SQL_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


class TrackingError(Exception):
    """MLflow cannot be used; one sentence that names its address and what to do."""


def answering_address() -> str:
    """Return the address of the environment's MLflow, which has just answered a small question.

    Raises:
        TrackingError: there is no address, or no answer within seconds.
    """
    address = known_address()
    ask(address, lambda client: client.search_experiments(max_results=1))
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


def ask(address: str, question: Callable[["MlflowClient"], _T]) -> _T:
    """Ask the MLflow at an address what is answered, or given up, within seconds.

    Many threads may ask at once. A question that is given up stays behind in a thread of its own:
    a server that sends a byte now and then keeps MLflow's client busy for as long as it likes.

    Args:
        address: of the server.
        question: one or two small requests.

    Returns:
        What `question` returns.

    Raises:
        TrackingError: no answer, or a refusal that the question has not handled.
    """
    parts = _parts(address)
    _knock(address, parts)
    from mlflow import MlflowClient, MlflowException

    def answer() -> _T:
        return question(MlflowClient(tracking_uri=address, registry_uri=address))

    with _impatient:
        try:
            return _within(_longest(), answer) if parts.scheme.startswith("http") else answer()
        except (MlflowException, OSError) as error:
            raise no_answer(address, error) from error


def _knock(address: str, parts: SplitResult) -> None:
    """Refuse an SQL server that is away: MLflow tries it for minutes."""
    kind = parts.scheme.partition("+")[0]
    if kind in _SQL_PORTS and parts.hostname:
        try:
            where = parts.hostname, parts.port or _SQL_PORTS[kind]
            socket.create_connection(where, timeout=3).close()
        except OSError as error:
            raise no_answer(address, error) from error


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # is read only when it is asked for
    except ValueError as error:
        raise TrackingError(
            f"`{address.rpartition('@')[2]}` is no address of MLflow; set MLFLOW_TRACKING_URI as "
            "in http://mlflow:5000."
        ) from error
    return parts


def _within(seconds: float, answer: Callable[[], _T]) -> _T:
    """Call a function in a thread; TimeoutError where it takes longer."""
    future: Future[_T] = Future()

    def work() -> None:
        try:
            future.set_result(answer())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            future.set_exception(error)

    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
    if not wait([future], seconds).done:
        raise TimeoutError("timed out")
    return future.result()


def _longest() -> float:
    """Return how many seconds two requests may take, each with all of its tries."""
    tries = int(os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]) + 1
    return 1 + 2 * tries * float(os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"])


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
    before, slashes, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    return f"{before}{slashes}{place.rpartition('@')[2]}{slash}{path}"


@contextmanager
def _defaults(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables where the operator has set none."""
    with put_back(values):
        for name, value in values.items():
            os.environ.setdefault(name, value)
        yield


class _SharedDefaults:
    """Environment variables of many threads at once: the last one to leave puts them back.

    MLflow's client takes its patience from the process's environment, request by request.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self._inside = 0
        self._lock = threading.Lock()
        self._before = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._before.enter_context(_defaults(self._values))

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._before.close()


_impatient = _SharedDefaults(_IMPATIENCE)


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
