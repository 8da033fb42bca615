"""Opens MLflow inside a task: one run for each task instance, however often it is retried.

The tags of a run name its task. `airflow.task_key` (dag_id/run_id/task_id/map_index) is the same
in every try; together with the run's name it finds the run that an earlier try began, which is
then resumed. MLflow never changes a logged parameter: where a later try brings other values,
the earlier run is set aside (its key moves to `airflow.superseded_task_key`) and a new one
begins, so that the parameters of each run are those that were used.
"""

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops import environment, task_context

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TASK_KEY = "airflow.task_key"
SUPERSEDED_TASK_KEY = "airflow.superseded_task_key"

_log = logging.getLogger(__name__)
_LONGEST_PARAM = 6000  # characters; MLflow cuts longer ones
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


class TrackingError(Exception):
    """MLflow cannot be used; one sentence that names its address and what to do."""


@contextmanager
def tracked_run(
    component: str,
    *,
    required: bool = True,
    run_name: str | None = None,
    params: Mapping[str, object] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Iterator["Run | None"]:
    """Open this task's MLflow run, new or resumed, as the active run of the block.

    The run ends as FINISHED, or as FAILED when the block raises; the exception goes on
    unchanged. Afterwards the process is as before: no active run, the earlier tracking URI.

    Args:
        component: the experiment, one for each component.
        required: whether MLflow's absence fails the task, or is one warning.
        run_name: by default the task's id. Several runs of one task need names of their own,
            the same in every try.
        params: logged at once. Give parameters here rather than to `mlflow.log_params`, which
            refuses other values when a run is resumed.
        tags: beside those of `task_tags`.

    Yields:
        The run, or None when MLflow is absent and not required.

    Raises:
        TrackingError: MLflow does not answer or refuses, and is required.
    """
    try:
        address = environment.mlflow_tracking_uri()
        with _variables(_IMPATIENCE):
            _check(address)
    except (TrackingError, environment.EnvironmentFileError) as error:
        _absent(error, required=required)
        yield None
        return
    with _variables(_PATIENCE), _pointed_at(address) as mlflow:
        try:
            run = _open(mlflow, component, run_name, params or {}, tags or {})
        except mlflow.MlflowException as error:
            _absent(_no_answer(address, error), required=required)
            run = None
        if run is None:
            yield None
            return
        try:
            yield run
        except BaseException:
            with suppress(mlflow.MlflowException):  # never instead of the task's own exception
                _close(mlflow, run.info.run_id, "FAILED")
            raise
        try:
            _close(mlflow, run.info.run_id, "FINISHED")
        except mlflow.MlflowException as error:
            _absent(_no_answer(address, error), required=required)


def client() -> "MlflowClient":
    """Return a client of the environment's MLflow that has just answered.

    Raises:
        TrackingError: it does not answer.
    """
    from mlflow import MlflowClient

    address = _address()
    with _variables(_IMPATIENCE):
        _check(address)
    return MlflowClient(tracking_uri=address, registry_uri=address)


@contextmanager
def configured() -> Iterator[Any]:
    """Point MLflow's fluent functions at the environment's server while the block runs.

    Yields:
        The module `mlflow`.

    Raises:
        TrackingError: it does not answer, or a call of the block failed for its sake.
    """
    address = _address()
    with _variables(_IMPATIENCE):
        _check(address)
    with _variables(_PATIENCE), _pointed_at(address) as mlflow:
        try:
            yield mlflow
        except mlflow.MlflowException as error:
            raise _no_answer(address, error) from error


def task_tags() -> dict[str, str]:
    """Return the tags that every run of a task carries; outside a task those of the place only."""
    tags = {"source": "airflow"}
    try:
        place = environment.load()
    except environment.EnvironmentFileError as error:
        _log.warning("Tags `environment` and `team` are left out: %s", error)
    else:
        tags |= {"environment": place.name, "team": place.team}
    if (task := task_context.current()) is not None:
        tags |= {
            "dag_id": task.dag_id,
            "run_id": task.run_id,
            "task_id": task.task_id,
            "map_index": str(task.map_index),
            TASK_KEY: task.key,
        }
    return tags


def quoted(text: str) -> str:
    """Quote a text for MLflow's filters, which know no escapes."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def _address() -> str:
    try:
        return environment.mlflow_tracking_uri()
    except environment.EnvironmentFileError as error:
        raise TrackingError(str(error)) from error


def _absent(error: Exception, *, required: bool) -> None:
    if required:
        raise error if isinstance(error, TrackingError) else TrackingError(str(error)) from error
    _log.warning("The task goes on without tracking: %s", error)


def _no_answer(address: str, error: BaseException) -> TrackingError:
    reason = _reason(error)
    if getattr(error, "error_code", "INTERNAL_ERROR") != "INTERNAL_ERROR":
        return TrackingError(f"MLflow at {_public(address)} refuses: {reason}.")
    return TrackingError(
        f"MLflow at {_public(address)} does not answer ({reason}). "
        "Start it, or set MLFLOW_TRACKING_URI."
    )


def _reason(error: BaseException) -> str:
    """Return one line: the operating system's own words, where they lie at the bottom."""
    root: BaseException = error
    while (below := root.__cause__ or root.__context__) is not None:
        root = below
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return " ".join(lines[0].split())[:300].rstrip(".")


def _public(address: str) -> str:
    """Drop the user and password of an address."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _check(address: str) -> None:
    """Ask one small question of the server, so that a dead one is known in seconds."""
    parts = urlsplit(address)
    if not parts.scheme.startswith(("http", "sqlite", "file")) and parts.hostname:
        try:  # MLflow tries an SQL server for minutes
            socket.create_connection((parts.hostname, parts.port or 5432), timeout=3).close()
        except OSError as error:
            raise _no_answer(address, error) from error
    from mlflow import MlflowClient, MlflowException

    try:
        MlflowClient(tracking_uri=address).search_experiments(max_results=1)
    except (MlflowException, OSError) as error:
        raise _no_answer(address, error) from error


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables where the operator has set none, and put them back."""
    added = [name for name in values if name not in os.environ]
    os.environ.update({name: values[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _pointed_at(address: str) -> Iterator[Any]:
    """Set MLflow's global addresses, and afterwards put back all that it keeps of them."""
    import mlflow
    from mlflow.tracking import fluent
    from mlflow.tracking._model_registry import utils as registry
    from mlflow.tracking._tracking_service import utils as tracking

    names = (
        "MLFLOW_TRACKING_URI",
        "MLFLOW_REGISTRY_URI",
        "MLFLOW_EXPERIMENT_ID",
        "MLFLOW_EXPERIMENT_NAME",
        "MLFLOW_RUN_ID",
    )
    before = {name: os.environ.pop(name, None) for name in names}
    uris = tracking._tracking_uri, registry._registry_uri  # noqa: SLF001 - no public getter tells "unset"
    experiment = fluent._active_experiment_id  # noqa: SLF001 - the same
    try:
        fluent._active_experiment_id = None  # noqa: SLF001 - it would forbid resuming a run
        mlflow.set_tracking_uri(address)
        mlflow.set_registry_uri(address)
        yield mlflow
    finally:
        tracking.set_tracking_uri(uris[0])
        registry._registry_uri = uris[1]  # noqa: SLF001 - the setter cannot unset
        fluent._active_experiment_id = experiment  # noqa: SLF001 - the same
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _open(
    mlflow: Any,
    component: str,
    run_name: str | None,
    params: Mapping[str, object],
    tags: Mapping[str, str],
) -> "Run":
    client = mlflow.MlflowClient()
    experiment_id = _experiment(client, component)
    task = task_context.current()
    name = run_name or (task.task_id if task else component)
    logged = {key: str(value)[:_LONGEST_PARAM] for key, value in params.items()}
    earlier = _earlier(client, experiment_id, task.key, name) if task else None
    if earlier is not None and _differs(earlier.data.params, logged):
        _log.warning(
            "Run %s was begun with other parameters; it is set aside for a new one.",
            earlier.info.run_id,
        )
        client.set_tag(earlier.info.run_id, SUPERSEDED_TASK_KEY, task.key if task else "")
        client.delete_tag(earlier.info.run_id, TASK_KEY)
        earlier = None
    run = mlflow.start_run(
        run_id=earlier.info.run_id if earlier else None,
        experiment_id=experiment_id,
        run_name=name,
        nested=mlflow.active_run() is not None,
        tags=task_tags() | {"component": component} | dict(tags),
    )
    try:
        mlflow.set_experiment(experiment_id=experiment_id)
        mlflow.log_params(logged)
    except BaseException:
        with suppress(mlflow.MlflowException):
            _close(mlflow, run.info.run_id, "FAILED")
        raise
    return run


def _experiment(client: "MlflowClient", name: str) -> str:
    """Return the id of the experiment, made if need be; two tasks may do so at once."""
    from mlflow import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return str(client.create_experiment(name))
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
            experiment = client.get_experiment_by_name(name)
    if experiment is None or experiment.lifecycle_stage != "active":
        raise TrackingError(
            f"The MLflow experiment `{name}` is deleted; "
            f"restore it with `mlflow experiments restore`, or purge it with `mlflow gc`."
        )
    return str(experiment.experiment_id)


def _earlier(client: "MlflowClient", experiment_id: str, key: str, name: str) -> "Run | None":
    found = client.search_runs(
        [experiment_id],
        f"tags.`{TASK_KEY}` = {quoted(key)}",
        order_by=["attributes.start_time DESC"],
    )
    return next((run for run in found if run.info.run_name == name), None)


def _differs(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return any(before.get(name, value) != value for name, value in now.items())


def _close(mlflow: Any, run_id: str, status: str) -> None:
    """End our run, and those that the block opened and left open."""
    while (active := mlflow.active_run()) is not None and active.info.run_id != run_id:
        mlflow.end_run("FAILED" if status == "FAILED" else "FINISHED")
    if active is None:  # the block ended it
        mlflow.MlflowClient().set_terminated(run_id, status)
    else:
        mlflow.end_run(status)
