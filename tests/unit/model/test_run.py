"""What a DagOutcome answers about its run and its tasks."""

import pytest

from dagproof.model import DagOutcome, TaskOutcome


def task(task_id, map_index=-1, state="success", xcoms=None):
    return TaskOutcome(task_id, map_index, state, 1, 0.1, xcoms=xcoms or {})


def outcome(*tasks, state="success"):
    return DagOutcome("d", "run", state, tasks, 1.0)


def test_label_of_an_unmapped_task_is_its_id():
    assert task("group.fit").label == "group.fit"


def test_label_of_the_first_mapped_instance_has_its_index():
    assert task("fit", 0).label == "fit[0]"


@pytest.mark.parametrize(
    ("state", "succeeded"), [("success", True), ("failed", False), ("timeout", False)]
)
def test_only_success_is_a_success(state, succeeded):
    assert outcome(state=state).succeeded is succeeded


def test_failures_leave_out_those_behind_a_failure():
    run = outcome(
        task("a"), task("b", state="failed"), task("c", state="upstream_failed"), state="failed"
    )

    assert [failure.task_id for failure in run.failures] == ["b"]


def test_task_is_found_by_its_id_alone_when_there_is_one():
    assert outcome(task("a"), task("fit", 3)).task("fit").map_index == 3


def test_task_is_found_by_its_map_index_among_several():
    assert outcome(task("fit", 0), task("fit", 1)).task("fit", 1).map_index == 1


def test_map_index_zero_is_not_taken_for_no_index():
    assert outcome(task("fit", 0), task("fit", 1)).task("fit", 0).map_index == 0


def test_several_instances_without_index_are_listed():
    run = outcome(task("a"), task("fit", 0), task("fit", 1))

    with pytest.raises(KeyError) as caught:
        run.task("fit")

    assert caught.value.args == (
        "'fit' in 'd': several instances, give map_index (there are: fit[0], fit[1])",
    )


def test_unknown_task_lists_all_tasks():
    with pytest.raises(KeyError) as caught:
        outcome(task("a"), task("fit", 0)).task("fti")

    assert caught.value.args == ("'fti' in 'd': no such task instance (there are: a, fit[0])",)


def test_unknown_index_lists_the_instances_of_that_task_alone():
    with pytest.raises(KeyError, match=r"no such task instance \(there are: fit\[0\]\)"):
        outcome(task("a"), task("fit", 0)).task("fit", 7)


def test_xcom_is_the_return_value_unless_another_key_is_given():
    run = outcome(task("a", xcoms={"return_value": 1, "rows": 2}))

    assert (run.xcom("a"), run.xcom("a", "rows")) == (1, 2)


def test_xcom_of_a_mapped_instance_is_its_own():
    run = outcome(task("a", 0, xcoms={"return_value": 1}), task("a", 1, xcoms={"return_value": 2}))

    assert run.xcom("a", map_index=1) == 2


def test_xcom_that_was_not_pushed_is_a_key_error():
    with pytest.raises(KeyError, match="rows"):
        outcome(task("a")).xcom("a", "rows")
