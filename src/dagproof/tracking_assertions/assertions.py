"""The two assertions: one on the MLflow run of a task instance, one on all of a DAG's run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dagproof.model import DagOutcome, TaskOutcome, UsageError
from dagproof.tracking_assertions import datasets, models, runs, values
from dagproof.tracking_assertions.differences import Difference, compared, rendered
from dagproof.tracking_assertions.models import ExpectedModel
from dagproof.tracking_assertions.runs import OwnRun


def assert_tracked(  # noqa: PLR0913 - a call says what is expected, and nothing else
    outcome: DagOutcome,
    client: Any,
    task_id: str,
    *,
    map_index: int | None = None,
    status: str | None = "FINISHED",
    params: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    dataset: Any = None,
    inputs: Any = None,
    outputs: Any = None,
    logged_model: Any = None,
    model: str | None = None,
    version: Any = None,
    alias: str | None = None,
    loads: bool = False,
    exact: bool = False,
) -> Any:
    """Assert that a task instance began exactly one MLflow run, and what it logged.

    Runs that are nested in it belong to it; a run that a retry resumes is one; one that the task
    deleted does not count. `...` in place of a value means that it is there, whatever it is.

    Args:
        outcome: of `run_dag`.
        client: an `MlflowClient` of the MLflow that the tasks logged to.
        task_id: the task's id, with its groups.
        map_index: needed only when the task has several mapped instances.
        status: of the run; a run that the task left open has none. None for any.
        params: by name; compared as MLflow stores them, so that 2023 is "2023". A predicate is
            given the text.
        metrics: by name: a number, `pytest.approx`, a pair of bounds such as `(0.85, None)`, or a
            predicate. NaN is NaN.
        tags: by name; like params.
        dataset: the name of a dataset that the run has as input, or a mapping with `name` and any
            of `digest`, `context` and `schema` (like `inputs`), or a list of those.
        inputs: the columns of the model's signature: names in order, or types by name, or True.
            None may be left out. For columns without names, types in order, or one type.
        outputs: like `inputs`.
        logged_model: the name under which the model was logged, or `...`; needed where the run
            logged several and `model` does not tell which.
        model: the registered model that has a version of this run.
        version: its number; by default any.
        alias: that points at that version.
        loads: whether the model must load.
        exact: whether the run may hold no other params, metrics, own tags or datasets than given,
            of those that are given.

    Returns:
        The `mlflow.entities.Run`.

    Raises:
        AssertionError: anything is otherwise; its text lists all of it.
        KeyError: there is no such task instance.
        UsageError: MLflow is not among the services, or `version` or `alias` has no `model`.
        UnavailableError: MLflow did not answer when it was asked for the task's runs.
    """
    __tracebackhide__ = True
    if model is None and (version is not None or alias is not None):
        raise UsageError("`version` and `alias` are those of a model: name it by `model=`.")
    task = outcome.task(task_id, map_index)
    found = runs.own_runs(outcome, client, task)
    own = [one for one in found if one.counts]
    if len(own) != 1:
        raise AssertionError(_not_one(outcome, client, task, found))
    run, data = own[0].run, own[0].run.data
    metric = values.judge_number, values.number, values.shown_number
    wanted = ExpectedModel(inputs, outputs, logged_model, model, version, alias, loads)
    differences = [
        *_status(own[0], status),
        *_of_texts("params", params, data.params, exact=exact),
        *compared(
            "metrics",
            metrics or {},
            {} if metrics is None else data.metrics,
            metric[0],
            exact=exact,
            show=metric[1],
            show_expected=metric[2],
        ),
        *_of_texts("tags", tags, _own_tags(data.tags, tags or {}), exact=exact),
        *datasets.differences(run, dataset, exact=exact),
        *models.differences(client, run, wanted),
    ]
    if differences:
        count = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
        raise AssertionError(
            f"The MLflow run of task `{task.label}` is not what was expected: {count}\n"
            f"{rendered(differences)}\n{runs.where(client, own[0])}"
        )
    return run


def assert_one_run_per_task_instance(
    outcome: DagOutcome, client: Any, only: Collection[str] | None = None
) -> None:
    """Assert that each task instance that tracked at all has exactly one MLflow run, and ended it.

    Runs that are nested in another belong to it. A run that began outside any task, in a callback
    of the DAG or in a process that outlived its task, has no owner and is a fault.

    Args:
        outcome: of `run_dag`.
        client: an `MlflowClient` of the MLflow that the tasks logged to.
        only: ids of tasks. Nothing is said of others; of these, each instance that was tried must
            have a run.

    Raises:
        AssertionError: its text lists all task instances with their runs where one is at fault.
        UsageError: there is no such task, or MLflow is not among the services.
        UnavailableError: MLflow did not answer when it was asked for a task's runs.
    """
    __tracebackhide__ = True
    _check_known(outcome, only)
    blocks = []
    for task in outcome.tasks:
        if only is not None and task.task_id not in only:
            continue
        found = runs.own_runs(outcome, client, task)
        troubles = list(_troubles(task, client, found, must_track=only is not None))
        if troubles:
            lines = [f"  {task.label}: {', '.join(troubles)}", runs.listed(found)]
            blocks.append("\n".join(line for line in lines if line))
    nobodys = [] if only is not None else runs.ownerless(outcome, client)
    if nobodys:
        blocks.append(f"  outside any task: {_count(len(nobodys))}\n{runs.listed(nobodys)}")
    if blocks:
        text = "\n".join(blocks)
        raise AssertionError(
            f"Not every task instance of `{outcome.dag_id}` has exactly one MLflow run and ended "
            f"it:\n{text}"
        )


def _check_known(outcome: DagOutcome, only: Collection[str] | None) -> None:
    if isinstance(only, str):
        raise UsageError(f"`only` is a collection of task ids: write `only=[{only!r}]`.")
    known = {task.task_id for task in outcome.tasks}
    for name in sorted(set(only or ()) - known):
        listed = ", ".join(f"`{one}`" for one in sorted(known))
        raise UsageError(f"DAG `{outcome.dag_id}` has no task `{name}`. Its tasks: {listed}.")


def _troubles(
    task: TaskOutcome, client: Any, found: Sequence[OwnRun], *, must_track: bool
) -> Iterator[str]:
    own = [one for one in found if one.counts]
    tried = task.tries > 0 and not task.stubbed
    if (found or (must_track and tried)) and len(own) != 1:
        yield _count(len(own))
    if any(one.left_open for one in own):
        yield "left open"
    running = [one.run_id for one in own if one.run.info.status == "RUNNING"]
    nested = [run_id for run_id in task.open_mlflow_runs if run_id not in task.mlflow_runs]
    for run_id in (*running, *nested):
        run = runs.fetched(client, run_id)
        if run is not None and run.info.status == "RUNNING":
            yield f"`{run.info.run_name}` still RUNNING"


def _count(number: int) -> str:
    return {0: "no run", 1: "1 run"}.get(number, f"{number} runs")


def _not_one(outcome: DagOutcome, client: Any, task: TaskOutcome, found: Sequence[OwnRun]) -> str:
    own = [one for one in found if one.counts]
    lines = [f"Task `{task.label}` has {_count(len(own))} of MLflow; it shall have exactly one."]
    if found:
        lines.append(runs.listed(found))
    if len({one.try_number for one in own}) > 1:
        lines.append("  A retry began another: resume the first one, by `start_run(run_id=...)`.")
    elif len(own) > 1:
        lines.append("  Begin those that belong to another run with `nested=True`.")
    if not own:
        if task.stubbed:
            lines.append("  It was stubbed, and did not run.")
        elif task.tries == 0:
            lines.append(f"  It did not run: its state is `{task.state}`.")
        elif task.error is not None:
            kind = task.error.type.rpartition(".")[2]
            lines.append(f"  It failed: {kind}: {task.error.message.strip()}".partition("\n")[0])
        others = [one for one in outcome.tasks if one.mlflow_runs]
        told = [f"`{one.label}` {len(one.mlflow_runs)}" for one in others if one is not task]
        nobodys = runs.ownerless(outcome, client)
        told += [f"outside any task {len(nobodys)}"] if nobodys else []
        lines.append(f"  Runs of the others: {', '.join(told) or 'none'}.")
    return "\n".join(lines)


def _status(own: OwnRun, expected: str | None) -> Iterator[Difference]:
    if expected is None:
        return
    if own.left_open:
        note = "end it by `with mlflow.start_run():`, or expect `status=None`"
        yield Difference("status", "", expected, "left open by the task", note)
    elif own.run.info.status != expected:
        yield Difference("status", "", expected, own.run.info.status)


def _of_texts(
    group: str, expected: Mapping[str, Any] | None, logged: Mapping[str, str], *, exact: bool
) -> Iterator[Difference]:
    if expected is not None:
        yield from compared(group, expected, logged, exact=exact)


def _own_tags(tags: Mapping[str, str], expected: Mapping[str, Any]) -> dict[str, str]:
    """Leave out what MLflow sets itself, unless it is asked for."""
    return {
        name: value
        for name, value in tags.items()
        if name in expected or not name.startswith("mlflow.")
    }
