"""Templates of real operators are rendered without a run, each watched by itself."""

import os
from datetime import UTC, datetime
from importlib.metadata import version
from unittest import mock

import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset, Param, task, task_group
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable
from jinja2 import UndefinedError, pass_context

from dagproof.airflow_compat.alarms import EndlessTemplateError
from dagproof.airflow_compat.params import accepted
from dagproof.airflow_compat.rendering import Run, instance, is_asset_triggered
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.airflow_compat.watched_rendering import Renderer

AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))


@pytest.fixture(autouse=True)
def _home(airflow_home):
    """Have a scratch home before anything is rendered."""


def bash(*commands, dag_id="etl", **facts):
    """Return a DAG with one task for each command: `t0`, `t1` and so on."""
    with DAG(dag_id, schedule=None, **facts) as dag:
        for number, command in enumerate(commands):
            BashOperator(task_id=f"t{number}", bash_command=command)
    return dag


def rendered(dag, task_id="t0", conf=None, index=-1, **facts):
    """Return the task instance and what its templates gave."""
    with Renderer(dag) as renderer:
        return renderer.render(dag.task_dict[task_id], Run(conf or {}, **facts), index)


def outcome(command, conf=None, **facts):
    [*_, one] = rendered(bash(command, **facts), conf=conf).outcomes
    return one


def test_template_gives_what_the_operator_finds():
    told = rendered(bash("echo {{ ds }} {{ params.n }}", params={"n": 1}), conf={"n": 7})

    assert told.task.bash_command == "echo 2024-02-29 7"
    assert (told.error, told.unknown) == (None, False)
    [one] = [one for one in told.outcomes if "params" in one.source]
    assert (one.value, one.printed) == ("echo 2024-02-29 7", ["2024-02-29", 7])
    assert (one.is_file, one.native, one.error, one.depends) == (False, False, None, True)


def test_native_dag_keeps_values():
    one = outcome("{{ params.n }}", params={"n": 1}, render_template_as_native_obj=True)

    assert (one.value, one.native) == (1, True)


@pytest.mark.skipif(AIRFLOW < (3, 2), reason="before 3.2 only a DAG can say it")
def test_task_may_say_how_its_values_are_kept():
    with DAG("etl", schedule=None) as dag:
        for task_id, native in (("plain", None), ("native", True)):
            PythonOperator(task_id=task_id, python_callable=len, op_args=["{{ 1 + 1 }}"])
            dag.task_dict[task_id].render_template_as_native_obj = native
    with Renderer(dag) as renderer:
        values = [
            renderer.render(dag.task_dict[one], Run()).outcomes[0].value
            for one in ("plain", "native")
        ]

    assert values == ["2", 2]


def test_template_that_fails_does_not_keep_the_others():
    with DAG("etl", schedule=None) as dag:
        PythonOperator(
            task_id="t0",
            python_callable=print,
            op_args=["{{ nothing }}", "{{ ds", "{{ ds }}", "{{ 1 | nope }}"],
        )
    told = rendered(dag)

    assert [type(one.error).__name__ for one in told.outcomes] == [
        "UndefinedError", "TemplateSyntaxError", "NoneType", "TemplateAssertionError",
    ]  # fmt: skip
    assert told.error is None


@pytest.mark.parametrize(
    ("template", "unknown", "pulled"),
    [
        ("{{ ds }}", False, ()),
        ("{{ var.value.nothing }}", True, ()),
        ("{{ var.json.nothing.deep }}", True, ()),
        ("{{ conn.nothing.host }}", True, ()),
        ("{{ ti.xcom_pull('t1') }}", True, ("t1",)),
        ("{{ ti.xcom_pull(task_ids=['t1', 't2']) }}", True, ("t1", "t2")),
        ("{{ ti.xcom_pull('t1', key='k')['a'] }}", True, ("t1",)),
        ("{{ ti.xcom_pull('t1', dag_id='other') }}", True, ()),
        ("{{ prev_start_date_success }}", False, ()),
    ],
)
def test_thing_that_only_a_run_can_know_is_told(template, unknown, pulled):
    one = outcome(template)

    assert (one.error, one.unknown, one.pulled) == (None, unknown, pulled)


def test_variables_and_connections_of_the_environment_are_known():
    template = "{{ var.value.a }} {{ var.json.b.c }} {{ conn.d.host }} {{ conn.e.login }}"
    given = {
        "AIRFLOW_VAR_A": "1",
        "AIRFLOW_VAR_B": '{"c": 2}',
        "AIRFLOW_CONN_D": "postgres://u:p@db:5432/x",
        "AIRFLOW_CONN_E": '{"conn_type": "http", "login": "me"}',
    }
    with mock.patch.dict(os.environ, given):
        one = outcome(template)

    assert (one.value, one.error, one.unknown) == ("1 2 db me", None, False)


def test_xcoms_that_are_given_are_pulled():
    xcoms = {"t1": [1, 2], ("t1", "k"): {"a": 3}}
    dag = bash("{{ ti.xcom_pull('t1') }} {{ ti.xcom_pull('t1', key='k')['a'] }}", "true")
    told = rendered(dag, xcoms=xcoms)

    assert told.task.bash_command == "[1, 2] 3"
    assert not told.unknown


@pytest.mark.parametrize(
    ("template", "depends"),
    [
        ("{{ ds }}", False),
        ("{{ ti.task_id }}", False),
        ("{{ params.n }}", True),
        ("{{ dag_run.run_id }}", True),
        ("{{ ti.dag_run.conf }}", True),
        ("{{ dag.params }}", True),
        ("{% set params = 1 %}{{ params }}", False),
        ("{{ seen() }}", True),
        ("{{ blind() }}", False),
        ("{{ 1 | seen }}", True),
        ("{{ [1] | map('string') | list }}", False),
        ("{{ nothing }}", False),
        ("{{ ds", False),
    ],
)
def test_conf_matters_to_a_template_that_leads_to_it(template, depends):
    @pass_context
    def seen(context, *_):
        return context["params"]

    one = outcome(
        template,
        params={"n": 1},
        user_defined_macros={"seen": seen, "blind": lambda: 1},
        user_defined_filters={"seen": seen},
    )

    assert one.depends is depends


def test_template_that_no_conf_matters_to_is_rendered_once():
    calls = []
    dag = bash("{{ macro() }}", user_defined_macros={"macro": lambda: calls.append(1)})
    with Renderer(dag) as renderer:
        both = [renderer.render(dag.task_dict["t0"], Run({"n": n})).outcomes[0] for n in (1, 2)]
        dateless = renderer.render(dag.task_dict["t0"], Run(logical_date=None)).outcomes[0]

    assert both[0] is both[1]
    assert dateless is not both[0]
    assert len(calls) == 2


def test_templates_are_told_before_they_are_compiled_and_before_each_rendering():
    begun = []
    dag = bash("{{ params.n }}", "{{ params.n }}", "{{ ds", params={"n": 1})
    with Renderer(dag, lambda *what: begun.append(what)) as renderer:
        for conf in ({"n": 1}, {"n": 2}):
            for one in dag.tasks:
                renderer.render(one, Run(conf))

    assert [what for what in begun if "{{" in what[1]] == [
        ("t0", "{{ params.n }}"), ("t1", "{{ params.n }}"), ("t2", "{{ ds"),
        ("t0", "{{ params.n }}"), ("t1", "{{ params.n }}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "template",
    ["{{ forever() }}", "{{ 7 ** (10 ** 9) }}", "{{ stubborn() }}"],
    ids=["rendering", "compiling", "catching"],
)
def test_template_that_does_not_end_is_interrupted_and_left_out(template):
    def forever():
        while True:
            pass

    def stubborn():
        try:
            forever()
        except BaseException:  # noqa: BLE001 - on purpose
            forever()

    dag = bash(template, "{{ ds }}", user_defined_macros={"forever": forever, "stubborn": stubborn})
    with Renderer(dag, seconds=0.3) as renderer:
        first, again = (renderer.render(dag.task_dict["t0"], Run({"n": n})) for n in (1, 2))
        other = renderer.render(dag.task_dict["t1"], Run())

    assert isinstance(first.outcomes[0].error, EndlessTemplateError)
    assert "7" not in str(again.task.bash_command)
    assert again.outcomes[:1] in ((), first.outcomes[:1])
    assert other.outcomes[0].value == "2024-02-29"


def test_template_that_ended_the_process_is_left_out():
    calls = []
    dag = bash("{{ end() }}", user_defined_macros={"end": lambda: calls.append(1)})
    with Renderer(dag, skipped=frozenset({("t0", "{{ end() }}")})) as renderer:
        told = renderer.render(dag.task_dict["t0"], Run())

    assert (calls, told.error) == ([], None)
    assert "{{ end() }}" not in [one.source for one in told.outcomes]


def test_macro_that_ends_the_process_in_words_is_an_error():
    def leave():
        raise SystemExit(3)

    one = outcome("{{ leave() }}", user_defined_macros={"leave": leave})

    assert isinstance(one.error, SystemExit)


def test_file_is_rendered_and_may_matter(tmp_path):
    (tmp_path / "a.sh").write_text("echo {{ ds }}", "utf-8")
    one = outcome("a.sh", template_searchpath=str(tmp_path))

    assert (one.source, one.is_file, one.value, one.depends) == (
        "a.sh", True, "echo 2024-02-29", True,
    )  # fmt: skip


def test_file_that_is_missing_is_an_error_of_its_template():
    one = outcome("nowhere.sh")

    assert type(one.error).__name__ == "TemplateNotFound"
    assert one.is_file


def test_params_of_the_run_are_those_that_airflow_made():
    dag = bash("{{ params.n }}", params={"n": Param(1, type="integer")})
    answer = accepted(dag, {"n": 7})

    assert rendered(dag, conf={"n": 7}, params=answer).task.bash_command == "7"
    assert rendered(dag, conf={"n": 7}).task.bash_command == "7"


def test_params_of_one_task_are_validated_for_it():
    with DAG("etl", schedule=None, params={"n": 1}) as dag:
        BashOperator(task_id="own", bash_command="{{ params.m }}", params={"m": 2})
        BashOperator(task_id="other", bash_command="{{ params.m }}")
    with Renderer(dag) as renderer:
        run = Run({}, {"n": 1})
        own, other = (renderer.render(dag.task_dict[one], run) for one in ("own", "other"))

    assert own.task.bash_command == "2"
    assert isinstance(other.outcomes[0].error, UndefinedError)


def test_two_runs_do_not_share_their_params():
    dag = bash("{{ params.n }}", params={"n": 1})
    with Renderer(dag) as renderer:
        values = [
            renderer.render(dag.task_dict["t0"], Run({"n": n})).task.bash_command for n in (7, 8, 9)
        ]

    assert values == ["7", "8", "9"]


def test_run_that_an_asset_triggers_has_no_date():
    dag = bash("{{ run_id }}", "{{ ds }}")

    assert rendered(dag, logical_date=None).task.bash_command.startswith("asset_triggered__")
    [one] = [
        one for one in rendered(dag, "t1", logical_date=None).outcomes if one.source == "{{ ds }}"
    ]
    assert isinstance(one.error, UndefinedError)


@pytest.mark.parametrize(
    ("schedule", "triggered"),
    [
        (None, False),
        ("@daily", False),
        ([Asset("a")], True),
        (
            AssetOrTimeSchedule(
                timetable=CronTriggerTimetable("0 0 * * *", timezone="UTC"), assets=[Asset("a")]
            ),
            True,
        ),
    ],
)
def test_dag_is_triggered_by_assets_where_its_schedule_says_so(schedule, triggered):
    start = datetime(2024, 1, 1, tzinfo=UTC)

    assert is_asset_triggered(DAG("etl", schedule=schedule, start_date=start)) is triggered


@task
def add(x, y):
    return x, y


@task
def numbers():
    return [1]


def mapped():
    with DAG("etl", schedule=None) as dag:
        add.override(task_id="listed").partial(y="{{ ds }}").expand(x=["{{ a }}", "b", "c"])
        add.override(task_id="keyed").expand_kwargs([{"x": 1, "y": "{{ b }}"}, {"x": 2, "y": 3}])
        add.override(task_id="pulled").partial(y="{{ ds }}").expand(x=numbers())

        @task_group
        def group(v):
            add.override(task_id="inside")(v, y="{{ ti.map_index }}")

        group.expand(v=[5, 6])

        @task_group
        def later(v):
            add.override(task_id="inside")(v, y="{{ ds }}")

        later.expand(v=numbers.override(task_id="more")())
    return dag


@pytest.mark.parametrize(
    ("task_id", "count"),
    [("listed", 3), ("keyed", 2), ("pulled", 1), ("group.inside", 2), ("later.inside", 1)],
)
def test_every_instance_of_an_expanded_task_is_rendered(task_id, count):
    dag = mapped()
    with Renderer(dag) as renderer:
        one = dag.task_dict[task_id]
        told = [renderer.render(one, Run(), index) for index in renderer.instances(one)]

    assert len(told) == count
    assert [one.error for one in told] == [None] * count
    assert all(one.task is not None for one in told)


def test_instances_get_their_own_values():
    dag = mapped()
    with Renderer(dag) as renderer:
        inside = [
            renderer.render(dag.task_dict["group.inside"], Run(), index).task for index in (0, 1)
        ]
        pulled = renderer.render(dag.task_dict["pulled"], Run(), 0)
        listed = renderer.render(dag.task_dict["listed"], Run(), 0)

    assert [(one.op_args, one.op_kwargs) for one in inside] == [
        ((5,), {"y": "0"}), ((6,), {"y": "1"}),
    ]  # fmt: skip
    assert isinstance(pulled.task.op_kwargs["x"], StandIn)
    assert pulled.task.op_kwargs["y"] == "2024-02-29"
    assert [str(one.error) for one in listed.outcomes if one.error] == ["'a' is undefined"]


def test_operator_that_fails_is_an_error_beside_its_templates():
    class Failing(BashOperator):
        def render_template_fields(self, context, jinja_env=None):
            raise RuntimeError("no")

    with DAG("etl", schedule=None) as dag:
        Failing(task_id="t0", bash_command="{{ ds }}")
    told = rendered(dag)

    assert (str(told.error), told.outcomes) == ("no", ())


def test_names_are_those_that_a_template_can_use():
    dag = bash("{{ ds }}", user_defined_macros={"mine": 1})
    with Renderer(dag) as renderer:
        renderer.render(dag.task_dict["t0"], Run())

        assert {"ds", "params", "ti", "macros", "mine", "range"} <= renderer.names
        assert "nothing" not in renderer.names


def test_template_is_read_where_airflow_is_strict():
    lenient = bash("{{ ds }}", template_undefined=__import__("jinja2").Undefined)
    dag = bash("{{ ds }}")
    with Renderer(dag) as renderer:
        assert renderer.parsed(dag.task_dict["t0"], "{{ ds }}") is not None
        assert renderer.parsed(dag.task_dict["t0"], "{{ ds") is None
    with Renderer(lenient) as renderer:
        assert renderer.parsed(lenient.task_dict["t0"], "{{ ds }}") is None


def test_instance_is_the_one_of_a_run():
    dag = bash("{{ ds }}")
    made = instance(
        dag.task_dict["t0"], Run({"n": 1}, logical_date=datetime(2024, 1, 2, tzinfo=UTC))
    )
    context = made.get_template_context()

    assert (made.task_id, made.dag_id, made.map_index) == ("t0", "etl", -1)
    assert context["dag_run"].conf == {"n": 1}
    assert context["run_id"] == "manual__2024-01-02T00:00:00+00:00"
