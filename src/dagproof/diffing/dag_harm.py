"""What Airflow does in a deployment when something of a whole DAG has changed."""

from collections.abc import Callable, Mapping
from typing import Final

from dagproof.diffing.harm import NONE, Harm, error, remark, rises, warning
from dagproof.model import DagShape

Judge = Callable[[str, str, DagShape], Harm]
"""Says what harm is done by a field that had one text and has another in the DAG of today."""


def harm_of(field: str, before: str, after: str, dag: DagShape) -> Harm:
    """Return what harm a changed field of a DAG does.

    Args:
        field: its name, `schedule` among them.
        before: what held, defaults included; empty where nothing did.
        after: what holds now.
        dag: as it is today.
    """
    judge = _JUDGES.get(field)
    return NONE if judge is None else judge(before, after, dag)


def of_new(dag: DagShape) -> Harm:
    """Return what harm a new DAG does by being there."""
    if dag.schedule and _catches_up(dag):
        since = dag.fields.get("start_date", "")
        return warning(
            f"With `catchup` Airflow makes a run for every interval since {since or 'its start'}, "
            "as soon as the DAG is not paused"
        )
    return NONE


def of_removed() -> Harm:
    """Return what harm is done by a DAG that is gone."""
    return warning(
        "Airflow makes no run of it any more, runs that are under way stop where they are, and "
        "what triggers it or waits for it fails or waits for ever"
    )


def of_renamed(old: str, dag: DagShape) -> Harm:
    """Return what harm another id does.

    Args:
        old: the id that it had.
        dag: as it is today.
    """
    paused = dag.fields.get("is_paused_upon_creation")
    state = {"True": "paused", "False": "not paused"}.get(
        paused or "", "as `dags_are_paused_at_creation` says"
    )
    runs = (
        f", and with `catchup` makes a run for every interval since {_since(dag)}"
        if dag.schedule and _catches_up(dag)
        else ""
    )
    return error(
        f"For Airflow it is a new DAG: history, XComs, notes and its paused state stay with "
        f"`{old}`, which has no more runs; it starts {state}{runs}"
    )


def _catches_up(dag: DagShape) -> bool:
    return dag.fields.get("catchup") == "True"


def _since(dag: DagShape) -> str:
    return dag.fields.get("start_date") or "its start"


def _is_timed(schedule: str) -> bool:
    return schedule.startswith(("@", "every ")) or len(schedule.split()) in {5, 6}


def _schedule(before: str, after: str, dag: DagShape) -> Harm:
    if not after:
        return warning("It no longer runs by itself, and what waits for its runs waits for ever")
    if not before:
        if _catches_up(dag):
            return error(
                f"Runs begin by themselves, one for every interval since {_since(dag)} at first"
            )
        return warning("Runs begin by themselves as soon as the DAG is not paused")
    if not _is_timed(after) and _is_timed(before):
        return warning(
            "Runs that assets start have no logical date: templates such as `{{ ds }}` fail there"
        )
    return warning(
        "Runs come at other moments and cover other intervals: the first one after the change may "
        "overlap the last one before it, or leave a gap"
    )


def _timezone(_: str, __: str, dag: DagShape) -> Harm:
    if not dag.schedule:
        return NONE
    return warning("Scheduled runs move by the difference of the time zones, as do their intervals")


def _start_date(before: str, after: str, dag: DagShape) -> Harm:
    if not before or not after:
        return NONE if not dag.schedule else remark("Intervals before the start have no runs")
    if after > before:
        return warning(
            "Tasks of runs before it do not start any more, whether they are under way or cleared"
        )
    if dag.schedule and _catches_up(dag):
        return warning(
            "Airflow makes runs for the earlier intervals where the DAG has no scheduled run yet; "
            "elsewhere it goes on after the last one, and `airflow backfill create` makes them"
        )
    return NONE


def _end_date(before: str, after: str, _: DagShape) -> Harm:
    if after and (not before or after < before):
        return warning("No run is made after it, and tasks of later runs do not start any more")
    return NONE


def _catchup(_: str, after: str, dag: DagShape) -> Harm:
    if not dag.schedule:
        return NONE
    if after == "True":
        return error(
            "Airflow makes a run for every interval since its last scheduled run, or since "
            f"{_since(dag)} where there is none, as soon as the DAG is not paused"
        )
    return warning(
        "Intervals that pass while the DAG is paused or the scheduler is down are left out for good"
    )


def _max_active_runs(before: str, after: str, dag: DagShape) -> Harm:
    if not rises(before, after):
        return NONE
    if any(task.fields.get("depends_on_past") == "True" for task in dag.tasks):
        return remark("Tasks with `depends_on_past` still wait for the run before")
    if before == "1":
        return warning("Runs can overlap, and write to the same places at the same time")
    return NONE


def _failed_runs(_: str, after: str, __: DagShape) -> Harm:
    if after != "0":
        return warning(f"Airflow pauses the DAG after {after} failed runs in a row")
    return NONE


def _dagrun_timeout(before: str, after: str, _: DagShape) -> Harm:
    if not after:
        return warning("A run that hangs is never ended")
    if rises(before, after) is False:
        return warning("Runs that take longer fail, and what is left of them is skipped")
    return NONE


def _native(_: str, after: str, __: DagShape) -> Harm:
    if after == "True":
        return warning(
            "Templates give Python values in place of text: `{{ ds_nodash }}` becomes a number"
        )
    return warning("Templates give text in place of numbers, lists and dicts")


def _fail_fast(_: str, after: str, __: DagShape) -> Harm:
    if after == "True":
        return warning("The first task that fails ends the others of its run")
    return NONE


def _paused(_: str, __: str, ___: DagShape) -> Harm:
    return remark("It counts where the DAG is new, and changes nothing where it is known")


def _access(_: str, __: str, ___: DagShape) -> Harm:
    return warning("Other people may see, run or change the DAG")


def _failure_callback(_: str, after: str, __: DagShape) -> Harm:
    return NONE if after else warning("Nobody is told of failed runs any more")


def _run_types(_: str, __: str, ___: DagShape) -> Harm:
    return warning("Runs of the other kinds are refused")


_JUDGES: Final[Mapping[str, Judge]] = {
    "schedule": _schedule,
    "timezone": _timezone,
    "start_date": _start_date,
    "end_date": _end_date,
    "catchup": _catchup,
    "max_active_runs": _max_active_runs,
    "max_consecutive_failed_dag_runs": _failed_runs,
    "dagrun_timeout": _dagrun_timeout,
    "render_template_as_native_obj": _native,
    "fail_fast": _fail_fast,
    "is_paused_upon_creation": _paused,
    "access_control": _access,
    "on_failure_callback": _failure_callback,
    "allowed_run_types": _run_types,
}
