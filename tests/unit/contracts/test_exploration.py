"""One DAG is tried whole: every conf, every instance, every promise, each fault told once."""

from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from dagproof.airflow_compat.params import Refusal
from dagproof.airflow_compat.rendering import FIRST_DATE
from dagproof.airflow_compat.watched_rendering import Outcome, RenderedTask
from dagproof.contracts import exploration as module
from dagproof.contracts.broken import Broken
from dagproof.contracts.exploration import Exploration
from dagproof.contracts.options import Options


class PythonOperator(SimpleNamespace):
    """Named as the one whose callable returns the XCom."""


class BashOperator(SimpleNamespace):
    """Named as one without a callable."""


def task(task_id="load", kind=BashOperator, **facts):
    return kind(task_id=task_id, template_fields=("cmd",), cmd="{{ x }}", params={}, **facts)


def dag(*tasks):
    return SimpleNamespace(
        dag_id="etl", tasks=tasks, task_ids=[one.task_id for one in tasks], params={}
    )


def number(conf):
    return conf.get("n", 0)


class Renderer:
    """Renders `{{ x }}` for every task: it is `None` where `goes_wrong` says so."""

    goes_wrong = staticmethod(lambda _task_id, _index, _run: False)
    depends = staticmethod(lambda _task_id: True)
    indexes = (-1,)
    names = frozenset({"x"})
    source = "{{ x }}"
    opened = ()
    rendered = ()

    def __init__(self, dag, begin, seconds, skipped):
        type(self).opened = (*self.opened, (dag.dag_id, begin, seconds, skipped))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def instances(self, _):
        """Return the map indexes."""
        return self.indexes

    def render(self, task, run, index):
        """Render a task instance."""
        kind = type(self)
        kind.rendered = (*kind.rendered, (task.task_id, index, dict(run.conf), run.logical_date))
        printed = [None] if self.goes_wrong(task.task_id, index, run) else ["a"]
        depends = self.depends(task.task_id)
        outcome = Outcome(
            self.source, is_file=False, native=False, value=str(printed[0]), printed=printed
        )
        outcome.depends = depends
        return RenderedTask(None, (outcome,))

    def parsed(self, *_):
        """Return nothing to look for names in."""


@pytest.fixture
def world(monkeypatch):
    """What surrounds an exploration: confs, what refuses them, what renders."""
    renderer = type("Fake", (Renderer,), {})
    world = SimpleNamespace(
        renderer=renderer,
        confs=[],
        refused=lambda conf: False,
        params=[],
        broken_params=[],
        promised=[],
        asset=False,
        strategy=lambda params: st.fixed_dictionaries({"n": st.integers(0, 50)}),
        asked=[],
    )

    def answer(conf):
        world.asked.append(dict(conf))
        if world.refused(conf):
            return Refusal("n", "too much", ValueError("too much"))
        return {"n": number(conf)}

    def cases(params, examples, seed):
        world.cases = (params, examples, seed)
        return [SimpleNamespace(conf=conf, allowed=allowed) for conf, allowed in world.confs]

    def broken_params(dag, examples, seed):
        world.of_params = (dag.dag_id, examples, seed)
        return iter(world.broken_params)

    def broken_promises(dag_id, task_id, function, **options):
        options.pop("on_value")(7)
        world.promised.append((dag_id, task_id, function, options))
        yield Broken("lossy-xcom", task_id)

    def strategy(chosen):
        world.chosen = [one.name for one in chosen]
        return world.strategy(chosen)

    monkeypatch.setattr(module, "Renderer", renderer)
    monkeypatch.setattr(module, "gate", lambda _: answer)
    monkeypatch.setattr(module, "declared_params", lambda _: world.params)
    monkeypatch.setattr(module, "cases", cases)
    monkeypatch.setattr(module, "broken_params", broken_params)
    monkeypatch.setattr(module, "broken_promises", broken_promises)
    monkeypatch.setattr(module, "conf_strategy", strategy)
    monkeypatch.setattr(module, "is_asset_triggered", lambda _: world.asset)
    return world


def nothing(*_):
    """Begin."""


def explored(*tasks, begin=nothing, **options):
    made = Exploration(dag(*tasks), begin, Options(**options))
    return made, list(made.run())


def found(*tasks, **options):
    return [(one.task_id, one.conf) for one in explored(*tasks, **options)[1]]


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
    world.params = [SimpleNamespace(name="n"), SimpleNamespace(name="m")]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.confs = [({"n": 40, "m": 1}, True)]

    [broken] = explored(task())[1]

    assert broken.conf == {"n": 13}
    assert broken.message == (
        '`cmd` of task `load` has the text `None` for a value that is missing with the conf `{"n": '
        "13}`: `'None'`"
    )
    assert world.chosen == ["n"]


def test_smallest_conf_is_one_that_airflow_accepts(world):
    world.params = [SimpleNamespace(name="n")]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.refused = lambda conf: 0 < number(conf) < 20
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 20})]


@pytest.mark.parametrize("names", [[], ["m"]])
def test_conf_with_keys_that_nobody_declared_keeps_its_values(world, names):
    world.params = [SimpleNamespace(name=name) for name in names]
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 40})]


def test_param_that_no_value_can_be_made_for_keeps_its_value(world):
    def refuse(_):
        raise ValueError

    world.params = [SimpleNamespace(name="n")]
    world.strategy = refuse
    world.renderer.goes_wrong = staticmethod(lambda _, __, run: number(run.conf) > 12)
    world.confs = [({"n": 40}, True)]

    assert found(task()) == [("load", {"n": 40})]


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


def test_dag_that_refuses_every_conf_is_not_rendered_and_keeps_its_promises_all_the_same(world):
    world.refused = lambda _: True
    world.broken_params = [Broken("rejected-default", "m")]
    made, broken = explored(task("save", PythonOperator, python_callable=len))

    assert world.renderer.opened == ()
    assert [one.offence for one in broken] == ["rejected-default", "lossy-xcom"]
    assert made.tried == {"confs": 0, "templates": 0, "values": 1}


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


def test_promise_is_tried_with_what_is_known_of_the_task(world):
    one = task("a", PythonOperator, python_callable=len, multiple_outputs=True)
    explored(
        one,
        task("b", PythonOperator, python_callable=len),
        examples=3,
        stored=9,
        xcoms={"etl.a": (1, 2), "a": (3,)},
    )

    assert world.promised == [
        (
            "etl",
            "a",
            len,
            {"examples": (1, 2), "multiple_outputs": True, "budget": 9, "tries": 3},
        ),
        ("etl", "b", len, {"examples": (), "multiple_outputs": False, "budget": 9, "tries": 3}),
    ]


def test_thing_that_ended_the_process_is_left_out_and_everything_else_is_said_to_begin(world):
    world.broken_params = [Broken("rejected-default", "m")]
    begun = []
    tasks = [task(one, PythonOperator, python_callable=len) for one in ("a", "b")]

    def begin(*what):
        begun.append(what)

    _, first = explored(*tasks, begin=begin)
    assert begun == [("", ""), ("a", ""), ("b", "")]
    begun.clear()
    _, second = explored(*tasks, begin=begin, skipped=[("etl", "", ""), ("etl", "a", "")])

    assert begun == [("b", "")]
    assert [one.message for one in first] == ["m", "a", "b"]
    assert [one.message for one in second] == ["b"]


def test_callable_that_ended_the_process_is_not_called(world, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "offences", lambda *known: asked.append(known[-1]) or [])
    explored(task(), skipped=[("etl", "load", "")])

    assert [asked[0]._begin("load"), asked[0]._begin("save")] == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        task("a", PythonOperator, python_callable=len, do_xcom_push=False),
        task("a", PythonOperator, python_callable=None),
        task("a", PythonOperator, python_callable="len"),
        task("a", BashOperator),
        task("a", BashOperator, python_callable=len),
    ],
)
def test_task_that_pushes_nothing_that_it_returns_promises_nothing(world, other):
    explored(other)

    assert world.promised == []


def test_callable_of_a_mapped_task_promises_too(world):
    mapped = SimpleNamespace(
        task_id="a",
        template_fields=(),
        is_mapped=True,
        operator_class=PythonOperator,
        partial_kwargs={"python_callable": len},
        params={},
    )
    explored(mapped)

    assert [function for _, _, function, _ in world.promised] == [len]


@pytest.mark.parametrize(
    ("patterns", "pure"),
    [
        (("etl.load",), True),
        (("other.*", "etl.*"), True),
        (("etl",), False),
        (("ETL.*",), False),
        ((), False),
    ],
)
def test_callable_that_the_settings_name_may_be_called(world, monkeypatch, patterns, pure):
    asked = []
    monkeypatch.setattr(module, "offences", lambda *known: asked.append(known[-1]) or [])
    explored(task(), pure=patterns)

    assert asked[0]._is_pure("load") is pure


def test_what_cannot_be_proved_is_told_last_with_its_place(world, monkeypatch):
    def say(*known):
        known[-1]._unproved("load", "nothing can be said", ("/a.py", 3))
        return []

    monkeypatch.setattr(module, "offences", say)
    broken = explored(task("load", PythonOperator, python_callable=len))[1]

    assert [one.offence for one in broken] == ["lossy-xcom", "unproved-contract"]
    assert broken[1].message == "Of task `load`, nothing can be said"
    assert (broken[1].task_id, broken[1].place) == ("load", ("/a.py", 3))
