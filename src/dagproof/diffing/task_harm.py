"""What Airflow does in a deployment when a field of a task has changed."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from dagproof.diffing.harm import NONE, Harm, number, remark, rises, warning

Judge = Callable[[str, str], Harm]
"""Says what harm is done by a field that had one text and has another."""


def harm_of(field: str, before: str, after: str) -> Harm:
    """Return what harm a changed field of a task does.

    Args:
        field: its name.
        before: what held, defaults included; empty where nothing did.
        after: what holds now.
    """
    judge = _JUDGES.get(field)
    return NONE if judge is None else judge(before, after)


def _retries(before: str, after: str) -> Harm:
    if after == "0":
        return warning("The first failure is final, also one that passes by itself")
    if before == "0":
        return remark(
            "The task is run again after a failure, so it has to be repeatable: "
            "`dagproof run --twice` tries that"
        )
    return NONE


def _execution_timeout(before: str, after: str) -> Harm:
    if not after:
        return warning("An attempt that hangs is never ended and keeps its slot")
    if rises(before, after) is False:
        return warning("Attempts that take longer are ended and fail")
    return NONE


def _pool(_: str, after: str) -> Harm:
    if after == "default_pool":
        return remark("What the other pool kept apart can now run at once")
    return warning(
        f"Where there is no pool `{after}`, the task stays scheduled and never starts: "
        "make the pool first"
    )


def _pool_slots(before: str, after: str) -> Harm:
    if rises(before, after):
        return warning(f"It never starts in a pool of fewer than {after} slots")
    return NONE


def _queue(_: str, after: str) -> Harm:
    return warning(f"Where no worker listens to `{after}`, the task stays queued")


def _executor(_: str, after: str) -> Harm:
    name = f"`{after}`" if after else "the default executor"
    return warning(f"It fails or stays queued in a deployment without {name}")


_LENIENT: Final = ("all_done", "always", "none_failed", "one_", "all_failed", "all_skipped",
                   "dummy", "none_skipped")  # fmt: skip
"""How rules begin by which a task may run although one before it has not succeeded."""


def _trigger_rule(before: str, after: str) -> Harm:
    if after in {"all_done", "always", "all_done_min_one_success", "one_done"}:
        return warning(
            "It runs although a task before it has failed; as a last task it makes such a run a "
            "success"
        )
    if after in {"all_failed", "one_failed"}:
        return warning("It is skipped unless tasks before it fail")
    if after.startswith("one_"):
        return warning("It can start before the other tasks right before it have ended")
    if before.startswith(_LENIENT):
        return remark("It no longer runs where a task before it fails or is skipped")
    return remark("It runs after other outcomes of the tasks before it")


def _depends_on_past(_: str, after: str) -> Harm:
    if after == "True":
        return warning(
            "It waits in every run until its instance in the run before has succeeded: one failure "
            "stops all later runs"
        )
    return remark("A run no longer waits for the one before")


def _wait_for_downstream(_: str, after: str) -> Harm:
    if after == "True":
        return warning("It waits until the tasks after it have succeeded in the run before")
    return remark("A run no longer waits for the one before")


def _at_once(before: str, after: str) -> Harm:
    if rises(before, after):
        return warning("More of its instances run at the same time")
    return NONE


def _xcom_push(_: str, after: str) -> Harm:
    if after == "False":
        return warning("Its XCom is not there any more: who pulls it gets None")
    return NONE


def _outputs(_: str, after: str) -> Harm:
    if after == "True":
        return remark("It has to return a dict, whose keys become XComs of their own")
    return warning("The keys of its dict are no XComs any more: who pulls one gets None")


def _outlets(before: str, after: str) -> Harm:
    left = [name for name in _names(before) if name not in _names(after)]
    if left:
        return warning(f"DAGs that `{left[0]}` schedules are not started by it any more")
    return NONE


def _names(text: str) -> list[str]:
    """Return the assets of a list; a list that was too long is one of them."""
    try:
        names = json.loads(text or "[]")
    except ValueError:
        return [text]
    return [str(name) for name in names] if isinstance(names, list) else [text]


def _teardown(_: str, after: str) -> Harm:
    if after == "True":
        return warning("Its failure no longer fails the run, and it runs whatever came before")
    return warning("Its failure fails the run, and it does not run after failures any more")


def _expand(_: str, __: str) -> Harm:
    return remark("The number of its instances may differ, also in runs that are under way")


def _failure_callback(_: str, after: str) -> Harm:
    return NONE if after else warning("Nobody is told of its failures any more")


def _delay(before: str, after: str) -> Harm:
    more = number(after), number(before)
    if None not in more and rises(before, after):
        return remark("A run that fails takes longer to end")
    return NONE


_JUDGES: Final[Mapping[str, Judge]] = {
    "retries": _retries,
    "retry_delay": _delay,
    "execution_timeout": _execution_timeout,
    "pool": _pool,
    "pool_slots": _pool_slots,
    "queue": _queue,
    "executor": _executor,
    "trigger_rule": _trigger_rule,
    "depends_on_past": _depends_on_past,
    "wait_for_downstream": _wait_for_downstream,
    "max_active_tis_per_dag": _at_once,
    "max_active_tis_per_dagrun": _at_once,
    "do_xcom_push": _xcom_push,
    "multiple_outputs": _outputs,
    "outlets": _outlets,
    "is_teardown": _teardown,
    "expand": _expand,
    "on_failure_callback": _failure_callback,
}
