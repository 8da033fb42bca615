"""DAGs are compared by id, renamed ones found, and what is most harmful told first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.diffing.comparison import diffs
from dagproof.model import DagShape, Fate, Severity, TaskShape

NAMES = st.sampled_from(["a", "b", "load", "load_month", "g.load", "check"])
TEXTS = st.sampled_from(["1", "2", "True", "False", "5m", "1h", "x" * 70, "`y`", '{"default": 1}'])
PARAMS = st.sampled_from(['{"default": 1}', "{}", '{"type": "string"}', '{"def'])
FIELDS = st.dictionaries(
    st.sampled_from(
        ["retries", "pool", "trigger_rule", "python_callable", "class", "depends_on_past", "expand",
         "execution_timeout", "outlets"]
    ),
    TEXTS, max_size=4,
)  # fmt: skip


@st.composite
def shapes(draw):
    ids = draw(st.lists(NAMES, unique=True, max_size=5))
    tasks = tuple(
        TaskShape(
            one, draw(st.sampled_from(["@task", "BashOperator"])),
            tuple(sorted(draw(st.sets(st.sampled_from(ids[:at]))) if at else ())),
            draw(st.booleans()), draw(FIELDS),
        )
        for at, one in enumerate(ids)
    )  # fmt: skip
    return DagShape(
        draw(st.sampled_from(["x", "y", "x_1"])), draw(st.sampled_from(["a.py", "b.py"])),
        draw(st.sampled_from(["", "@daily", "@hourly", "s3://x"])),
        tuple(sorted(tasks, key=lambda task: task.task_id)),
        draw(st.dictionaries(st.sampled_from(["m", "n"]), PARAMS, max_size=2)),
        draw(st.dictionaries(st.sampled_from(
            ["catchup", "start_date", "tags", "max_active_runs", "fail_fast", "end_date"]), TEXTS)),
    )  # fmt: skip


STATES = st.lists(shapes(), max_size=3, unique_by=lambda dag: dag.dag_id)


@settings(max_examples=50, deadline=None)
@given(STATES)
def test_state_does_not_differ_from_itself(dags):
    assert diffs(dags, dags) == ()


@settings(max_examples=50, deadline=None)
@given(STATES, STATES)
def test_renames_are_the_same_the_other_way_round(before, after):
    there, back = diffs(before, after), diffs(after, before)

    def renamed(found, *, backwards=False):
        pairs = {(one.before.dag_id, one.after.dag_id) for one in found if one.fate is Fate.RENAMED}
        return {pair[::-1] for pair in pairs} if backwards else pairs

    def tasks(found, *, backwards=False):
        return {
            (change.after, change.before) if backwards else (change.before, change.after)
            for one in found
            for change in one.changes
            if change.message.startswith("Task ") and change.message.endswith(" now")
        }

    assert renamed(there) == renamed(back, backwards=True)
    assert tasks(there) == tasks(back, backwards=True)


@settings(max_examples=50, deadline=None)
@given(STATES, STATES)
def test_what_is_told_is_true_and_what_differs_is_told(before, after):
    found = {one.dag_id: one for one in diffs(before, after)}
    old, new = ({dag.dag_id: dag for dag in dags} for dags in (before, after))

    came = {one.before.dag_id for one in found.values() if one.fate is Fate.RENAMED}
    for dag_id in old.keys() - new.keys() - came:
        assert found[dag_id].fate is Fate.REMOVED
    for dag_id in new.keys() - old.keys():
        assert found[dag_id].fate in {Fate.ADDED, Fate.RENAMED}
    for one in found.values():
        assert one.changes, "a DAG that does not differ is not told"
        assert all(change.message for change in one.changes)
        assert all(change.before != change.after for change in one.changes)
        order = [[*Severity].index(change.severity) for change in one.changes]
        assert order == sorted(order)


def test_dags_are_in_order_of_id(dag, task):
    found = diffs([dag("b", task("1")), dag("c")], [dag("a"), dag("c", catchup="True")])

    assert [(one.dag_id, one.fate) for one in found] == [
        ("a", "added"), ("b", "removed"), ("c", "changed"),
    ]  # fmt: skip


def test_states_are_those_of_the_dag(dag, task):
    before, after, gone, new = dag("x"), dag("x", tags="t"), dag("gone", task("a")), dag("new")

    found = diffs([before, gone], [after, new])

    assert [(one.dag_id, one.before, one.after) for one in found] == [
        ("gone", gone, None), ("new", None, new), ("x", before, after),
    ]  # fmt: skip


def test_file_that_moves_is_no_difference(dag, task):
    assert diffs([dag("x", task("a"), path="a.py")], [dag("x", task("a"), path="b/c.py")]) == ()


def test_text_that_names_the_dag_does_not_differ_by_its_new_name(dag, task, changes):
    def named(name):
        pull = f"{{{{ task_instance.xcom_pull(task_ids='a', dag_id='{name}') }}}}"
        tasks = (task("a"), task("b", "a", op_args=pull), task("c", "b"))
        return dag(name, *tasks, description=f"{name} is fine")

    assert changes(named("old"), named("new")).keys() == {"dag_id"}


@pytest.mark.parametrize(
    ("schedule", "fields", "severity"),
    [
        ("@daily", {"catchup": "True", "start_date": "2024-01-01T00:00:00Z"}, Severity.WARNING),
        ("@daily", {}, Severity.NOTE),
        ("", {"catchup": "True"}, Severity.NOTE),
    ],
)
def test_new_dag_that_catches_up_makes_many_runs(dag, schedule, fields, severity):
    [one] = diffs([], [dag("x", schedule=schedule, **fields)])

    assert [change.severity for change in one.changes] == [severity]
    assert ("2024-01-01T00:00:00Z" in one.changes[0].harm) == (severity is Severity.WARNING)


def test_dag_that_is_gone_leaves_its_runs_where_they_are(dag):
    [one] = diffs([dag("x")], [])

    assert one.changes[0].severity is Severity.WARNING
    assert "runs that are under way stop where they are" in one.changes[0].harm
    assert (one.changes[0].before, one.changes[0].after) == ("x", "")


@pytest.mark.parametrize(
    ("fields", "starts"),
    [
        ({}, "it starts as `dags_are_paused_at_creation` says"),
        ({"is_paused_upon_creation": "True"}, "it starts paused"),
        ({"is_paused_upon_creation": "False"}, "it starts not paused"),
        ({"catchup": "True", "start_date": "2024"},
         "and with `catchup` makes a run for every interval since 2024"),
    ],
)  # fmt: skip
def test_renamed_dag_starts_anew(dag, task, changes, fields, starts):
    tasks = (task("a"), task("b", "a"), task("c", "b"))

    told = changes(dag("old", *tasks, schedule="@daily", **fields),
                   dag("new", *tasks, schedule="@daily", **fields))["dag_id"]  # fmt: skip

    assert told.severity is Severity.ERROR
    assert "history, XComs, notes and its paused state stay with `old`" in told.harm
    assert starts in told.harm


def test_fields_of_a_renamed_dag_do_no_harm_of_their_own(dag, task, changes):
    tasks = (task("a"), task("b", "a"), task("c", "b"))

    told = changes(dag("old", *tasks, schedule="@daily"), dag("new", *tasks, schedule="@hourly"))

    assert told["schedule"].severity is Severity.NOTE
    assert told["dag_id"].severity is Severity.ERROR


def test_default_is_told_where_nothing_was_said(dag, changes):
    told = changes(dag("x"), dag("x", max_active_runs="1"))["max_active_runs"]

    assert (told.before, told.after) == ("16", "1")
    assert told.message == "`max_active_runs` is `1`, and was `16`"
    assert changes(dag("x", schedule="@daily"), dag("x"))["schedule"].message == (
        "`schedule` is gone: it was `@daily`"
    )
    assert changes(dag("x"), dag("x", description="d"))["description"].message == (
        "`description` is `d` now"
    )
