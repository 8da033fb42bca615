"""Tasks that come, go, change their name or what was set, and what that does in a deployment."""

import pytest

from dagproof.model import Severity

ERROR, WARNING, NOTE = Severity


@pytest.mark.parametrize(
    ("field", "before", "after", "severity", "words"),
    [
        ("retries", "2", "", WARNING, "first failure is final"),
        ("retries", "2", "1", NOTE, ""),
        ("retries", "", "2", NOTE, "has to be repeatable"),
        ("retry_delay", "", "1h", NOTE, "takes longer to end"),
        ("retry_delay", "1h", "", NOTE, ""),
        ("execution_timeout", "1h", "", WARNING, "never ended"),
        ("execution_timeout", "", "1h", WARNING, "take longer are ended and fail"),
        ("execution_timeout", "2h", "1h 30m", WARNING, "take longer are ended and fail"),
        ("execution_timeout", "1h", "1d", NOTE, ""),
        ("pool", "", "big", WARNING, "no pool `big`"),
        ("pool", "big", "", NOTE, "can now run at once"),
        ("pool_slots", "", "3", WARNING, "fewer than 3 slots"),
        ("pool_slots", "3", "2", NOTE, ""),
        ("queue", "", "gpu", WARNING, "no worker listens to `gpu`"),
        ("queue", "gpu", "", WARNING, "no worker listens to `default`"),
        ("executor", "", "Kube", WARNING, "without `Kube`"),
        ("executor", "Kube", "", WARNING, "the default executor"),
        ("trigger_rule", "", "all_done", WARNING, "although a task before it has failed"),
        ("trigger_rule", "", "always", WARNING, "although a task before it has failed"),
        ("trigger_rule", "", "one_success", WARNING, "before the other tasks right before it"),
        ("trigger_rule", "", "all_failed", WARNING, "unless tasks before it fail"),
        ("trigger_rule", "", "one_failed", WARNING, "unless tasks before it fail"),
        ("trigger_rule", "all_done", "", NOTE, "no longer runs where"),
        ("trigger_rule", "", "none_failed", NOTE, "other outcomes"),
        ("depends_on_past", "", "True", WARNING, "one failure stops all later runs"),
        ("depends_on_past", "True", "", NOTE, "no longer waits"),
        ("wait_for_downstream", "", "True", WARNING, "waits until the tasks after it"),
        ("wait_for_downstream", "True", "", NOTE, "no longer waits"),
        ("max_active_tis_per_dag", "1", "", WARNING, "at the same time"),
        ("max_active_tis_per_dag", "1", "2", WARNING, "at the same time"),
        ("max_active_tis_per_dag", "", "1", NOTE, ""),
        ("max_active_tis_per_dagrun", "1", "3", WARNING, "at the same time"),
        ("do_xcom_push", "", "False", WARNING, "gets None"),
        ("do_xcom_push", "False", "", NOTE, ""),
        ("multiple_outputs", "", "True", NOTE, "return a dict"),
        ("multiple_outputs", "True", "", WARNING, "gets None"),
        ("outlets", '["a", "b"]', '["b"]', WARNING, "DAGs that `a` schedules"),
        ("outlets", '["a"]', '["a", "b"]', NOTE, ""),
        ("outlets", '["a"]', "", WARNING, "DAGs that `a` schedules"),
        ("outlets", '["a… (900 characters, 00)', '["a"]', WARNING, "schedules are not started"),
        ("is_teardown", "", "True", WARNING, "no longer fails the run"),
        ("is_teardown", "True", "", WARNING, "fails the run"),
        ("expand", '{"x": [1]}', '{"x": [1, 2]}', NOTE, "number of its instances"),
        ("on_failure_callback", "set", "", WARNING, "Nobody is told"),
        ("on_failure_callback", "", "set", NOTE, ""),
        ("owner", "me", "you", NOTE, ""),
        ("bash_command", "a", "b", NOTE, ""),
    ],
)
def test_field_does_the_harm_that_airflow_makes_of_it(
    dag, task, changes, field, before, after, severity, words
):
    def state(text):
        return dag("x", task("a", **({field: text} if text else {})))

    [told] = changes(state(before), state(after)).values()

    assert (told.where, told.severity) == (f"tasks.a.{field}", severity)
    assert words in told.harm
    assert bool(words) == bool(told.harm)


def test_default_is_no_difference(dag, task, changes):
    assert changes(dag("x", task("a", retries="0")), dag("x", task("a"))) == {}


def test_task_that_is_gone_leaves_instances_and_xcoms(dag, task, changes):
    told = changes(dag("x", task("a"), task("b", bash="1", more="2")), dag("x", task("a")))

    assert told.keys() == {"tasks.b"}
    assert (told["tasks.b"].before, told["tasks.b"].after) == ("BashOperator", "")
    assert told["tasks.b"].severity is WARNING
    assert "set to `removed`" in told["tasks.b"].harm


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({}, NOTE),
        ({"depends_on_past": "True"}, ERROR),
        ({"wait_for_downstream": "True"}, ERROR),
        ({"depends_on_past": "True", "ignore_first_depends_on_past": "True"}, NOTE),
        ({"ignore_first_depends_on_past": "True"}, NOTE),
    ],
)
def test_new_task_that_depends_on_the_past_never_starts(dag, task, changes, fields, severity):
    told = changes(dag("x", task("a")), dag("x", task("a"), task("b", operator="new", **fields)))

    assert (told["tasks.b"].before, told["tasks.b"].after) == ("", "new")
    assert told["tasks.b"].severity is severity
    assert ("never starts" in told["tasks.b"].harm) == (severity is ERROR)


@pytest.mark.parametrize("past", [True, False])
def test_renamed_task_leaves_its_history(dag, task, changes, past):
    fields = {"depends_on_past": "True"} if past else {}
    told = changes(dag("x", task("load", **fields)), dag("x", task("load_month", **fields)))

    assert told.keys() == {"tasks.load_month"}
    assert told["tasks.load_month"].message == "Task `load` is `load_month` now"
    assert (told["tasks.load_month"].before, told["tasks.load_month"].after) == (
        "load", "load_month"
    )  # fmt: skip
    assert told["tasks.load_month"].severity is (ERROR if past else WARNING)
    assert ("never starts" if past else "stay with `load`") in told["tasks.load_month"].harm


def test_texts_follow_the_names_of_renamed_tasks(dag, task, changes):
    def state(name):
        pull = f"{{{{ ti.xcom_pull(task_ids='{name}') }}}}"
        return dag("x", task(name, python_callable=name, operator="@task"),
                   task("b", name, op_args=pull, expand=f'{{"v": "XCom({name})"}}'))  # fmt: skip

    assert changes(state("load"), state("load_all")).keys() == {"tasks.load_all"}


def test_function_of_a_renamed_task_bears_its_name(dag, task, changes):
    def state(name):
        return dag("x", task(f"g.{name}", python_callable=name))

    assert changes(state("load"), state("load_all")).keys() == {"tasks.g.load_all"}


def test_renamed_task_with_another_function_says_so(dag, task, changes):
    def state(name, function):
        return dag("x", task(name, python_callable=function, a="1", b="2"))

    assert changes(state("load", "go"), state("load_all", "run")).keys() == {
        "tasks.load_all", "tasks.load_all.python_callable",
    }  # fmt: skip


@pytest.mark.parametrize(("now", "words"), [(True, "becomes a list"), (False, "one value")])
def test_task_that_is_mapped_gives_a_list(dag, task, changes, now, words):
    def state(mapped):
        return dag("x", task("a", mapped=mapped, **({"expand": "[1]"} if mapped else {})))

    told = changes(state(not now), state(now))

    assert told.keys() == {"tasks.a.mapped"}
    assert (told["tasks.a.mapped"].before, told["tasks.a.mapped"].after) == (
        str(not now), str(now)
    )  # fmt: skip
    assert told["tasks.a.mapped"].severity is WARNING
    assert words in told["tasks.a.mapped"].harm


def test_other_operator_is_told_once(dag, task, changes):
    told = changes(dag("x", task("a", operator="One")), dag("x", task("a", operator="Two")))

    assert told.keys() == {"tasks.a.operator"}
    assert told["tasks.a.operator"].message == "The operator of `a` is `Two`, and was `One`"


def test_same_difference_of_several_tasks_is_told_once(dag, task, changes):
    def state(retries, *names, **fields):
        return [task(name, retries=retries, **fields) for name in names]

    names = ("a", "b", "c", "g.d")
    told = changes(dag("x", *state("2", *names), task("e", retries="1")),
                   dag("x", *state("0", *names), task("e", retries="0")))  # fmt: skip

    assert told.keys() == {"tasks.*.retries", "tasks.e.retries"}
    assert told["tasks.*.retries"].message == (
        "`retries` of 4 tasks is `0`, and was `2`: `a`, `b`, `c` and 1 other"
    )
    assert told["tasks.*.retries"].severity is WARNING


def test_three_tasks_are_told_once(dag, task, changes):
    told = changes(
        dag("x", *(task(name) for name in "abc")),
        dag("x", *(task(name, pool="p") for name in "abc")),
    )

    assert told.keys() == {"tasks.*.pool"}
    assert told["tasks.*.pool"].message.endswith(": `a`, `b`, `c`")


def test_two_tasks_are_told_each(dag, task, changes):
    told = changes(
        dag("x", task("a"), task("b")), dag("x", task("a", pool="p"), task("b", pool="p"))
    )

    assert told.keys() == {"tasks.a.pool", "tasks.b.pool"}


def test_long_values_are_not_in_the_sentence(dag, task, changes):
    told = changes(dag("x", task("a", sql="s" * 61)), dag("x", task("a", sql="t")))["tasks.a.sql"]

    assert told.message == "`sql` of `a` has changed"
    assert (told.before, told.after) == ("s" * 61, "t")
    assert changes(dag("x", task("a", sql="s" * 61)), dag("x", task("a")))[
        "tasks.a.sql"
    ].message == ("`sql` of `a` is gone")
    assert changes(dag("x", task("a")), dag("x", task("a", sql="1\n2")))["tasks.a.sql"].message == (
        "`sql` of `a` is set now"
    )
    assert changes(dag("x", task("a", sql="`q`")), dag("x", task("a", sql="r")))[
        "tasks.a.sql"
    ].message == ("`sql` of `a` has changed")
