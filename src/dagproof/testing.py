"""Helpers for tests of DAGs: templates, confs, values sent through XCom, and what runs logged.

None of them needs a database, a service or a run, but for the assertions on what a run logged.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.strategies import SearchStrategy

from dagproof.airflow_compat import params, rendering, xcoms
from dagproof.airflow_compat.offline import offline
from dagproof.airflow_compat.xcoms import configured as xcoms_configured
from dagproof.airflow_compat.xcoms import silent as xcoms_silent
from dagproof.contracts import confs, losses, returned
from dagproof.contracts.annotations import UnprovedError
from dagproof.contracts.loss import Loss
from dagproof.model import Fault, UsageError
from dagproof.tested_repository import tested_dag, tested_repository
from dagproof.tracking_assertions import assert_one_run_per_task_instance, assert_tracked
from dagproof.xcom_contract import XComBackendContract


class RefusedConfError(ValueError):
    """Airflow refuses a conf, and creates no run.

    Attributes:
        param: the Param that it names; empty for none.
    """

    def __init__(self, sentence: str, param: str) -> None:
        super().__init__(sentence)
        self.param = param


class UnknownValueError(LookupError):
    """A task asks for something that only a run can know, and that the test does not give."""


class LostInXComError(ValueError):
    """A value does not come through XCom as it was, or not at all."""


@dataclass(frozen=True, slots=True)
class RenderedTask(Mapping[str, Any]):
    """The template fields of a task, as its operator finds them when it is executed.

    Attributes:
        task: the operator, unmapped, with its fields rendered.
        fields: names of its template fields, in its order.
    """

    task: Any
    fields: tuple[str, ...] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        if name not in self.fields:
            raise KeyError(name)
        return getattr(self.task, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What became of a value that was pushed and pulled.

    Attributes:
        pulled: what the consumer gets.
        stored: bytes of JSON in the metadata database.
        losses: what is different about it; empty where nothing is.
    """

    pulled: Any
    stored: int
    losses: tuple[Loss, ...] = ()


def render_task(
    dag_id: str,
    task_id: str,
    conf: Mapping[str, object] | None = None,
    *,
    logical_date: datetime | None = rendering.FIRST_DATE,
    xcoms: Mapping[str | tuple[str, str], object] | None = None,
    map_index: int = -1,
) -> RenderedTask:
    """Render the templates of a task by Airflow's own renderer.

    Args:
        dag_id: a DAG id, or the path of a DAG file.
        task_id: with its groups.
        conf: of the run.
        logical_date: timezone-aware; None for a run that an asset has triggered.
        xcoms: what other tasks have pushed, by task id, or by task id and key; they go through XCom
            on the way. The items of a list are the values of a mapped task.
        map_index: of a mapped task's instance.

    Returns:
        The rendered fields by name: `render_task("etl", "load")["bash_command"]`.

    Raises:
        UsageError: there is no such DAG or task.
        RefusedConfError: Airflow refuses the conf.
        UnknownValueError: an XCom, a Variable or a Connection is asked for that is not given.
        Exception: whatever a template raises, such as `jinja2.UndefinedError`.
    """
    with tested_repository() as repository, xcoms_configured():
        dag = tested_dag(repository, dag_id)
        if task_id not in dag.task_dict:
            known = ", ".join(f"`{one}`" for one in sorted(dag.task_ids))
            raise UsageError(f"DAG `{dag.dag_id}` has no task `{task_id}`. Its tasks: {known}.")
        if map_index < 0 and "Mapped" in type(dag.task_dict[task_id]).__name__:
            raise UsageError(f"Task `{task_id}` is mapped: say which instance, by `map_index=0`.")
        resolved = _accepted(dag, conf or {})
        run = rendering.Run(dict(conf or {}), resolved, logical_date)
        given = {name: _pulled(value) for name, value in (xcoms or {}).items()}
        answers = _Strict(xcoms=given)
        with offline(answers), xcoms_silent():
            instance = rendering.instance(dag.task_dict[task_id], run, map_index)
            context = instance.get_template_context()
            with _asked(answers):
                instance.render_templates(context)
            task = context["task"]
            for name in task.template_fields:
                setattr(task, name, _pulled_now(getattr(task, name)))
        return RenderedTask(task, tuple(task.template_fields))


def conf_strategy(dag_id: str) -> SearchStrategy[dict[str, object]]:
    """Return confs that the Params of a DAG allow, for Hypothesis' `@given`.

    Args:
        dag_id: a DAG id, or the path of a DAG file.

    Raises:
        UsageError: there is no such DAG.
        ValueError: no conf can be made for one of its Params.
    """
    with tested_repository() as repository:
        return confs.conf_strategy(params.declared_params(tested_dag(repository, dag_id)))


def accepted_params(dag_id: str, conf: Mapping[str, object]) -> dict[str, object]:
    """Return the params that the tasks of a run with this conf see.

    Args:
        dag_id: a DAG id, or the path of a DAG file.
        conf: of the run.

    Raises:
        UsageError: there is no such DAG.
        RefusedConfError: Airflow refuses the conf, and creates no run.
    """
    with tested_repository() as repository:
        return _accepted(tested_dag(repository, dag_id), conf)


def xcom_round_trip(value: object, backend: Any = None) -> RoundTrip:
    """Push a value and pull it, by Airflow's serializers and the XCom backend that is configured.

    Args:
        value: of any kind.
        backend: a subclass of `BaseXCom`; the configured one when None.

    Raises:
        LostInXComError: it cannot be pushed, or cannot be read back.
    """
    with tested_repository(), xcoms_configured():
        trip = xcoms.round_trip(value, backend_class=backend)
        if trip.failure is not None or not trip.read_back:
            why = trip.failure.words if trip.failure else "it is too large to be read back"
            raise LostInXComError(f"{type(value).__name__} does not come through XCom: {why}")
        lost = losses.compare(value, trip.pulled).losses
        return RoundTrip(trip.pulled, trip.stored or 0, tuple(lost))


def xcom_values(annotation: Any) -> SearchStrategy[Any]:
    """Return values of a return annotation, for Hypothesis' `@given`.

    Raises:
        ValueError: there is no strategy for it.
    """
    try:
        return returned.strategy(annotation)
    except UnprovedError as error:
        raise ValueError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def register_profiles() -> None:
    """Make Hypothesis know `dagproof` and `dagproof-ci`, for `--hypothesis-profile`.

    Both have no deadline: the first example imports Airflow. `dagproof-ci` tries four times as
    many, the same ones each time, and keeps what failed in `.hypothesis/examples`, so that a cache
    of that folder brings failures back first. `--hypothesis-seed` gives other examples.
    """
    settings.register_profile("dagproof", deadline=None, max_examples=50)
    settings.register_profile(
        "dagproof-ci",
        deadline=None,
        max_examples=200,
        print_blob=True,
        database=DirectoryBasedExampleDatabase(Path(".hypothesis") / "examples"),
    )


class _Strict(rendering.Answers):
    """Refuses to make anything up."""

    def absent(self, name: str) -> bool:
        self.missing = name
        return True

    def stand_in(self, name: str) -> Any:
        raise _unknown(name)

    missing = ""


@contextlib.contextmanager
def _asked(answers: _Strict) -> Iterator[None]:
    """Say how to give what Airflow does not find, unless the template has a default for it."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ == "AirflowRuntimeError" and answers.missing:
            raise _unknown(answers.missing) from error
        raise


def _unknown(name: str) -> UnknownValueError:
    kind, _, rest = name.partition(".")
    task_id, _, key = rest.partition("[")
    given = f"({task_id!r}, {key.removesuffix(']')})" if key else repr(task_id)
    how = {
        "xcom": f"give it as `xcoms={{{given}: ...}}`",
        "var": f"set the environment variable `AIRFLOW_VAR_{rest.upper()}`",
        "conn": f"set the environment variable `AIRFLOW_CONN_{rest.upper()}`",
    }.get(kind, "stub it: only a run can know it")
    return UnknownValueError(f"The task asks for `{name}`: {how}.")


def _accepted(dag: Any, conf: Mapping[str, object]) -> dict[str, object]:
    answer = params.accepted(dag, conf)
    if isinstance(answer, params.Refusal):
        sentence = f"DAG `{dag.dag_id}` refuses this conf: {answer.reason}"
        raise RefusedConfError(sentence, answer.param) from answer.error
    return answer


def _pulled_now(value: Any) -> Any:
    """Put lists in place of what would be pulled item by item: afterwards nobody answers."""
    if isinstance(value, Sequence) and type(value).__module__.startswith("airflow."):
        return [_pulled_now(item) for item in value]
    if type(value) in (list, tuple):
        return type(value)(_pulled_now(item) for item in value)
    if type(value) is dict:
        return {key: _pulled_now(item) for key, item in value.items()}
    return value


def _pulled(value: object) -> object:
    trip = xcoms.round_trip(value)
    if trip.failure is not None:
        raise LostInXComError(f"The XCom that is given cannot be pushed: {trip.failure.words}")
    return trip.pulled if trip.read_back else value


__all__ = [
    "Fault",
    "LostInXComError",
    "RefusedConfError",
    "RenderedTask",
    "RoundTrip",
    "UnknownValueError",
    "XComBackendContract",
    "accepted_params",
    "assert_one_run_per_task_instance",
    "assert_tracked",
    "conf_strategy",
    "register_profiles",
    "render_task",
    "xcom_round_trip",
    "xcom_values",
]
