"""Opens MLflow inside a task: one run for each task instance, however often it is retried.

The tags of a run name its task. `airflow.task_key` (dag_id/run_id/task_id/map_index) is the same
in every try; together with the run's name it finds the run that an earlier try began, which is
then resumed. MLflow never changes a logged parameter: where a later try brings other values,
the earlier run is set aside (its key moves to `airflow.superseded_task_key`) and a new one
begins, so that the parameters of each run are those that were used.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from mlops import environment, task_context
from mlops.mlflow_session import TrackingError, answering_address, no_answer, pointed_at
from mlops.once import once

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = [
    "TASK_KEY",
    "TrackingError",
    "client",
    "configured",
    "fail_soft",
    "quoted",
    "task_tags",
    "tracked_run",
]

TASK_KEY = "airflow.task_key"
SUPERSEDED_TASK_KEY = "airflow.superseded_task_key"

_log = logging.getLogger(__name__)
_LONGEST_PARAM = 6000  # characters; MLflow cuts longer ones


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
    address = None
    try:
        address = answering_address()
    except TrackingError as error:
        _absent(error, required=required)
    if address is None:  # outside the handler: an exception of the block is not MLflow's doing
        yield None
        return
    with pointed_at(address) as mlflow:
        run = None
        try:
            run = _open(mlflow, component, run_name, params or {}, tags or {})
        except TrackingError as error:
            _absent(error, required=required)
        except mlflow.MlflowException as error:
            _absent(no_answer(address, error), required=required)
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
            _absent(no_answer(address, error), required=required)


@contextmanager
def fail_soft(*, required: bool) -> Iterator[None]:
    """Let a block that only tracks fail for MLflow's sake in one sentence, or with one warning.

    Where tracking is not required, what is left of the block is left out, and the task goes on: put
    nothing else into it.

    Args:
        required: whether the task fails.

    Raises:
        TrackingError: MLflow does not answer or refuses, and is required.
    """
    from mlflow import MlflowException, get_tracking_uri

    try:
        yield
    except TrackingError as error:
        _absent(error, required=required)
    except MlflowException as error:
        _absent(no_answer(get_tracking_uri(), error), required=required)


def client() -> "MlflowClient":
    """Return a client of the environment's MLflow that has just answered.

    Raises:
        TrackingError: it does not answer.
    """
    from mlflow import MlflowClient

    address = answering_address()
    return MlflowClient(tracking_uri=address, registry_uri=address)


@contextmanager
def configured() -> Iterator[Any]:
    """Point MLflow's fluent functions at the environment's server while the block runs.

    Yields:
        The module `mlflow`.

    Raises:
        TrackingError: it does not answer, or a call of the block failed for its sake.
    """
    address = answering_address()
    with pointed_at(address) as mlflow:
        try:
            yield mlflow
        except mlflow.MlflowException as error:
            raise no_answer(address, error) from error


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


def _absent(error: TrackingError, *, required: bool) -> None:
    if required:
        raise error
    _log.warning("The task goes on without tracking: %s", error)


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
    asked = {
        "experiment_id": experiment_id,
        "run_name": name,
        "nested": mlflow.active_run() is not None,
        "tags": task_tags() | {"component": component} | dict(tags),
    }
    run = once(
        lambda: _earlier(client, experiment_id, task.key, name, logged) if task else None,
        lambda: mlflow.start_run(**asked),
    )
    active = mlflow.active_run()
    if active is None or active.info.run_id != run.info.run_id:
        run = mlflow.start_run(run_id=run.info.run_id, **asked)
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


def _earlier(
    client: "MlflowClient", experiment_id: str, key: str, name: str, params: Mapping[str, str]
) -> "Run | None":
    """Return the run that an earlier try began; one with other parameters is set aside."""
    found = client.search_runs(
        [experiment_id],
        f"tags.`{TASK_KEY}` = {quoted(key)}",
        order_by=["attributes.start_time DESC"],
    )
    earlier = next((run for run in found if run.info.run_name == name), None)
    if earlier is None:
        return None
    before = earlier.data.params
    if all(before.get(param, value) == value for param, value in params.items()):
        return earlier
    run_id = earlier.info.run_id
    _log.warning("Run %s was begun with other parameters; it is set aside for a new one.", run_id)
    client.set_tag(run_id, SUPERSEDED_TASK_KEY, key)
    client.delete_tag(run_id, TASK_KEY)
    return None


def _close(mlflow: Any, run_id: str, status: str) -> None:
    """End our run, and those that the block opened and left open."""
    while (active := mlflow.active_run()) is not None and active.info.run_id != run_id:
        mlflow.end_run(status)
    if active is None:  # the block ended it
        mlflow.MlflowClient().set_terminated(run_id, status)
    else:
        mlflow.end_run(status)
