"""One DAG is tried whole: every conf, every instance, each fault told once."""

from types import SimpleNamespace

import pytest
from exploring import PythonOperator, explored, found, nothing, number, task
from hypothesis import strategies as st

from dagproof.airflow_compat.rendering import FIRST_DATE
from dagproof.contracts import exploration as module
from dagproof.contracts.broken import Broken


def param(name, **schema):
    return SimpleNamespace(
        name=name, required=False, schema=schema or {"type": "integer"}, default=1
    )


def test_dag_that_keeps_its_promises_is_tried_and_counted(world):
    world.confs = [({"n": 1}, True), ({"n": "b"}, False), ({"n": 2}, True), ({"n": 1}, True)]
    made, broken = explored(task(), task("save", PythonOperator, python_callable=len))

    assert [one.offence for one in broken] == ["lossy-xcom"]
    assert made.tried == {"confs": 3, "templates": 2, "values": 1}
    assert world.asked == [{}, {"n": 1}, {"n": 2}]


def test_options_are_handed_on(world):
    begin = nothing
    explored(
        task(),
        begin=begin,
        examples=3,
        seed=4,
        seconds=0.5,
        skipped=[("etl", "a", "b"), ("other", "c", "d")],
    )

    assert world.renderer.opened == (("etl", begin, 0.5, frozenset({("a", "b")})),)
    assert world.cases[1:] == (3, 4)
    assert world.of_params == ("etl", 3, 4)


def test_fault_with_every_conf_has_none(world):
    world.renderer.goes_wrong = staticmethod(lambda *_: True)
    world.renderer.depends = staticmethod(lambda _: False)
    world.confs = [({"n": 1}, True)]

    assert found(task()) == [("load", None)]
    assert [conf for _, _, conf, _ in world.renderer.rendered] == [{}]


def test_fault_with_the_default_conf_has_that(world):
    world.renderer.goes_wrong = staticmethod(lambda *_: True)
    world.confs = [({"n": 1}, True)]

    assert found(task()) == [("load", {})]


def test_fault_of_another_conf_has_the_smallest_one(world):
    world.params = [param("n"), param("m")]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.renderer.words = staticmethod(lambda run: number(run.conf))
    world.confs = [({"n": 40, "m": 1}, True)]

    [broken] = explored(task())[1]

    assert broken.conf == {"n": 13}
    assert broken.message == (
        '`cmd` of task `load` has the text `None` for a value that is missing with the conf `{"n": '
        "13}`: `'None13'`"
    )
    assert world.chosen == ["n"]


def test_smallest_conf_is_one_that_airflow_accepts(world):
    world.params = [param("n")]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.refused = lambda conf: 0 < number(conf) < 20
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 20})]


@pytest.mark.parametrize("names", [[], ["m"]])
def test_conf_with_keys_that_nobody_declared_keeps_its_values(world, names):
    world.params = [param(name) for name in names]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 40})]


def test_param_that_no_value_can_be_made_for_keeps_its_value(world):
    def refuse(_):
        raise ValueError

    world.params = [param("n")]
    world.strategy = refuse
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 40})]


def test_conf_that_nobody_sends_is_not_tried(world):
    world.params = [param("n", title="N")]
    world.confs = [({"n": None}, True), ({"n": 2}, True)]
    explored(task())

    assert world.asked == [{}, {"n": 2}]


def test_conf_that_nobody_sends_is_not_told(world):
    world.params = [param("n", title="N")]
    world.strategy = lambda _: st.fixed_dictionaries({"n": st.sampled_from([None, 30])})
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: bool(run.conf))
    world.confs = [({"n": 4000}, True)]

    assert found(task()) == [("load", {"n": 30})]


def test_fault_is_told_once_for_all_confs_and_instances(world):
    world.renderer.indexes = (0, 1)
    world.renderer.goes_wrong = staticmethod(lambda _, index, run: index == 1 and run.conf)
    world.confs = [({"n": 1}, True), ({"n": 2}, True)]

    assert found(task(), task("save")) == [("load", {"n": 1}), ("save", {"n": 1})]


def test_only_what_the_conf_may_change_is_rendered_again(world):
    world.renderer.depends = staticmethod(lambda task_id: task_id == "load")
    world.confs = [({"n": 1}, True)]
    explored(task(), task("save"))

    assert [(one, conf) for one, _, conf, _ in world.renderer.rendered] == [
        ("load", {}), ("save", {}), ("load", {"n": 1}),
    ]  # fmt: skip


def test_names_where_no_conf_leads_are_looked_for_once_for_each_template(world, monkeypatch):
    read = []
    monkeypatch.setattr(
        module, "unreached", lambda _, __, task, ___: read.append(task.task_id) or iter(())
    )
    world.confs = [({"n": 1}, True)]
    made, _ = explored(task(), task("save"))

    assert read == ["load", "save"]
    assert made.tried["templates"] == 2


def test_run_that_an_asset_triggers_has_no_date_and_says_so(world):
    world.asset = True
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: run.logical_date is None)

    [broken] = explored(task())[1]

    assert broken.conf is None
    assert broken.message == (
        "`cmd` of task `load` has the text `None` for a value that is missing in a run that an "
        "asset triggers, which has no logical date: `'None'`"
    )


def test_fault_with_and_without_a_date_is_told_once(world):
    world.asset = True
    world.renderer.goes_wrong = staticmethod(lambda *_: True)
    world.renderer.depends = staticmethod(lambda _: False)

    assert [one.message for one in explored(task())[1]] == [
        "`cmd` of task `load` has the text `None` for a value that is missing: `'None'`"
    ]


def test_other_runs_have_a_date(world):
    explored(task())

    assert {date for _, _, _, date in world.renderer.rendered} == {FIRST_DATE}


def test_dag_that_refuses_the_default_conf_is_tried_with_others(world):
    world.refused = lambda conf: not conf
    world.confs = [({"n": 1}, True)]
    made, broken = explored(task())

    assert (made.tried["confs"], broken) == (1, [])
    assert [conf for _, _, conf, _ in world.renderer.rendered] == [{"n": 1}]


def test_dag_that_refuses_every_conf_is_rendered_with_its_defaults(world):
    world.refused = lambda _: True
    world.broken_params = [Broken("rejected-default", "m")]
    made, broken = explored(task("save", PythonOperator, python_callable=len))

    assert world.renderer.opened != ()
    assert [one.offence for one in broken] == ["rejected-default", "lossy-xcom"]
    assert made.tried == {"confs": 1, "templates": 1, "values": 1}


def test_one_conf_alone_is_tried_with_templates_alone(world):
    world.confs = [({"n": 1}, True)]
    world.broken_params = [Broken("rejected-default", "m")]
    made, broken = explored(task("save", PythonOperator, python_callable=len), conf={"n": 7})

    assert (world.asked, broken) == ([{"n": 7}], [])
    assert made.tried == {"confs": 1, "templates": 1, "values": 0}


def test_one_conf_that_is_refused_is_said(world):
    world.refused = lambda _: True

    [broken] = explored(task(), conf={"n": 7})[1]

    assert (broken.offence, broken.dag_id) == ("unproved-contract", "etl")
    assert broken.message == "Of DAG `etl`, this conf is refused: too much"


def test_one_task_alone_is_tried(world):
    world.renderer.goes_wrong = staticmethod(lambda *_: True)
    tasks = [task(one, PythonOperator, python_callable=len) for one in ("a", "b")]
    broken = explored(*tasks, task_id="b")[1]

    assert [(one.offence, one.task_id or one.message) for one in broken] == [
        ("none-in-template", "b"), ("lossy-xcom", "b"),
    ]  # fmt: skip
