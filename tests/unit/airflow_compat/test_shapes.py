"""Airflow's form of a DAG becomes short texts: the same in all versions and for all imports."""

import pytest

from dagproof.airflow_compat.shape_texts import (
    asset,
    duration,
    moment,
    plain_of,
    shortened,
    speaker,
    text_of,
)
from dagproof.airflow_compat.shapes import shape

SHA = "unusual_prefix_" + "0" * 40 + "_"


def as_it_is(text):
    return text


def dag(*tasks, **more):
    wrapped = [{"__type": "operator", "__var": {"task_type": "Op", **task}} for task in tasks]
    return shape({"dag_id": "x", "tasks": wrapped, "params": [], **more}, as_it_is)


def one(**fields):
    """Return what the shape of a task says, without its class."""
    [task] = dag({"task_id": "t", "_task_module": "m", **fields}).tasks
    said = dict(task.fields)
    assert said.pop("class") == "m.Op"
    return said


def timetable(name, **inner):
    return dag(timetable={"__type": f"airflow.timetables.some.{name}", "__var": inner}).schedule


@pytest.mark.parametrize(
    ("name", "inner", "schedule"),
    [
        ("NullTimetable", {}, ""),
        ("OnceTimetable", {}, "@once"),
        ("ContinuousTimetable", {}, "@continuous"),
        ("CronTriggerTimetable", {"expression": "0  2 * * *", "interval": 0.0}, "0 2 * * *"),
        ("CronTriggerTimetable", {"expression": "0 0 * * *", "run_immediately": False}, "@daily"),
        ("CronTriggerTimetable", {"expression": "@daily", "interval": 0.0}, "@daily"),
        ("CronTriggerTimetable", {"expression": "@midnight"}, "@daily"),
        ("CronTriggerTimetable", {"expression": "@daily", "interval": 60.0},
         "CronTriggerTimetable(@daily, interval=60.0)"),
        ("CronDataIntervalTimetable", {"expression": "0 0 * * *", "timezone": "UTC"},
         "CronDataIntervalTimetable(@daily)"),
        ("DeltaTriggerTimetable", {"delta": 86400.0, "interval": 0.0}, "every 1d"),
        ("DeltaTriggerTimetable", {"delta": {"months": 1}}, 'every {"months": 1}'),
        ("EventsTimetable", {"_summary": "1 event", "event_dates": ["2024"]},
         'EventsTimetable(event_dates=["2024"])'),
        ("Mine", {}, "Mine()"),
    ],
)  # fmt: skip
def test_schedule_is_what_was_written(name, inner, schedule):
    assert timetable(name, **inner) == schedule


def test_schedule_of_assets_is_an_expression_in_one_order():
    def assets(*names, kind="asset_all"):
        objects = [{"__type": "asset", "name": name, "uri": name} for name in names]
        return {"__type": kind, "objects": objects}

    either = {"__type": "asset_any", "objects": [assets("b", "a"), assets("c")["objects"][0]]}

    assert timetable("AssetTriggeredTimetable", asset_condition=assets("b", "a")) == "a & b"
    assert timetable("AssetTriggeredTimetable", asset_condition=either) == "(a & b) | c"
    times = {"__type": "x.CronTriggerTimetable", "__var": {"expression": "@daily"}}
    assert timetable(
        "AssetOrTimeSchedule", timetable=times, asset_condition=assets("a")
    ) == "@daily or a"  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"__type": "asset", "__var": {"name": "n", "uri": "n/"}}, "n"),
        ({"__type": "asset", "name": "n", "uri": "s3://x"}, "n (s3://x)"),
        ({"__type": "asset", "uri": "s3://x"}, "s3://x"),
        ({"__type": "asset_alias", "name": "n"}, "asset_alias(n)"),
        ({"__type": "asset", "__var": "odd"}, "odd"),
        ("odd", "odd"),
    ],
)
def test_asset_is_told_by_its_name(value, text):
    assert asset(value) == text


def test_dag_without_a_timetable_has_no_schedule():
    assert dag().schedule == ""
    assert dag(timetable={"__type": "x.NullTimetable", "__var": None}).schedule == ""


def test_timezone_is_that_of_the_timetable():
    berlin = {"__type": "x.CronTriggerTimetable",
              "__var": {"expression": "@daily", "timezone": "Europe/Berlin"}}  # fmt: skip

    assert dag(timetable=berlin, timezone="UTC").fields == {"timezone": "Europe/Berlin"}
    assert dag(timezone="UTC").fields == {}
    assert dag(timezone={"__type": "timezone", "__var": "Asia/Tokyo"}).fields == {
        "timezone": "Asia/Tokyo"
    }


def test_fields_of_a_dag_are_what_was_said():
    assert dag(
        catchup=True, max_active_runs=16, max_active_tasks=4, fail_fast=False, start_date=0.0,
        dagrun_timeout=7200.0, tags=["b", "a"], doc_md="d", has_on_failure_callback=True,
        has_on_success_callback=False, on_success_callback=["def f(): pass"], description=None,
        is_paused_upon_creation=False, _processor_dags_folder="/x", fileloc="/x", edge_info={},
        default_args={"__type": "dict", "__var": {"retries": 1}}, relative_fileloc="x.py",
        dag_dependencies=[1], dag_display_name="n", owner_links={}, access_control=None,
    ).fields == {
        "catchup": "True", "max_active_tasks": "4", "start_date": "1970-01-01T00:00:00Z",
        "dagrun_timeout": "2h", "tags": '["b", "a"]', "doc_md": "d", "on_failure_callback": "set",
        "on_success_callback": "set", "is_paused_upon_creation": "False", "display_name": "n",
    }  # fmt: skip


def test_fields_of_a_task_are_what_was_said():
    assert one(
        retries=2, retry_delay=300.0, retry_exponential_backoff=0, pool="p", pool_slots=1,
        execution_timeout=90.0, trigger_rule="all_done", depends_on_past=True, queue="default",
        ui_color="#fff", template_fields=["bash_command"], bash_command="echo", label="t",
        email_on_failure=False, python_callable_name="go", _needs_expansion=False, start_date=5.0,
        has_retry_policy=False, start_trigger_args=None, doc_md="", env={}, weight_rule="absolute",
        _task_display_name="T",
    ) == {
        "retries": "2", "pool": "p", "execution_timeout": "1m 30s", "trigger_rule": "all_done",
        "depends_on_past": "True", "bash_command": "echo", "email_on_failure": "False",
        "python_callable": "go", "start_date": "1970-01-01T00:00:05Z", "weight_rule": "absolute",
        "display_name": "T",
    }  # fmt: skip


def test_start_of_the_dag_is_not_told_of_each_task():
    tasks = dag({"task_id": "t", "start_date": 5.0, "end_date": 6.0}, start_date=5.0, end_date=7.0)

    assert tasks.tasks[0].fields == {"class": "Op", "end_date": "1970-01-01T00:00:06Z"}


def test_order_is_told_from_below_and_tasks_by_id():
    tasks = dag({"task_id": "b", "downstream_task_ids": []},
                {"task_id": "c", "downstream_task_ids": ["b"]},
                {"task_id": "a", "downstream_task_ids": ["c", "b"]}).tasks  # fmt: skip

    assert [(one.task_id, one.upstream) for one in tasks] == [
        ("a", ()), ("b", ("a", "c")), ("c", ("a",)),
    ]  # fmt: skip


def test_operator_is_what_the_ui_shows():
    tasks = dag({"task_id": "a", "_operator_name": "@task"}, {"task_id": "b"}).tasks

    assert [one.operator for one in tasks] == ["@task", "Op"]


def test_mapped_task_has_its_partial_arguments_and_what_it_is_expanded_over():
    reference = {"__type": "xcomref", "__var": {"task_id": "a", "key": "return_value"}}
    [task] = dag({
        "task_id": "t", "_is_mapped": True, "_expand_input_attr": "op_kwargs_expand_input",
        "op_kwargs_expand_input": {
            "type": "dict-of-lists", "value": {"__type": "dict", "__var": {"v": reference}},
        },
        "partial_kwargs": {
            "retries": 9, "retry_delay": {"__type": "timedelta", "__var": 300.0},
            "python_callable": "def go(x): return x\n",
            "op_kwargs": {"__type": "dict", "__var": {"w": 3}},
        },
    }).tasks  # fmt: skip

    assert task.mapped
    assert task.fields == {
        "class": "Op", "retries": "9", "python_callable": "go", "op_kwargs": '{"w": 3}',
        "expand": '{"v": "XCom(a)"}',
    }  # fmt: skip


def test_tasks_of_mapped_groups_are_mapped():
    def group(mapped, **children):
        more = {"is_mapped": True, "expand_input": {"value": [mapped]}} if mapped else {}
        return {"children": children, **more}

    inner = group(2, deep=("operator", "g.h.deep"))
    outer = group(1, t=("operator", "g.t"), h=("taskgroup", inner))
    whole = group(0, out=("operator", "out"), g=("taskgroup", outer))
    names = ("g.h.deep", "g.t", "out")

    tasks = dag(*({"task_id": name} for name in names), task_group=whole).tasks

    assert [(one.task_id, one.mapped, one.fields.get("expand")) for one in tasks] == [
        ("g.h.deep", True, "[2] in [1]"), ("g.t", True, "[1]"), ("out", False, None),
    ]  # fmt: skip


def param(default, **schema):
    return {"__class": "airflow.Param", "default": default, "description": schema.pop("said", None),
            "schema": {"__type": "dict", "__var": schema}, "source": None}  # fmt: skip


def test_param_is_its_default_and_its_schema():
    unset = {"__type": "arg_not_set", "__var": None}

    assert dag(params=[
        ("a", param(1, type="integer", said="words")), ("b", param(unset, type="string")),
        ("c", param(None)), ("d", 5), ("e", param({"__type": "dict", "__var": {"x": 1}})),
    ]).params == {
        "a": '{"default": 1, "description": "words", "type": "integer"}', "b": '{"type": "string"}',
        "c": '{"default": null}', "d": '{"default": 5}', "e": '{"default": {"x": 1}}',
    }  # fmt: skip
    assert dag(params={"a": param(1)}).params == {"a": '{"default": 1}'}


def test_task_tells_the_params_that_its_dag_has_not():
    of_task = [("a", {**param(1), "source": "dag"}), ("b", {**param(2), "source": "task"})]

    [task] = dag({"task_id": "t", "params": of_task}, params=[("a", param(1))]).tasks
    [silent] = dag({"task_id": "t", "params": of_task[:1]}, params=[("a", param(1))]).tasks

    assert task.fields["params"] == '{"b": "{\\"default\\": 2}"}'
    assert "params" not in silent.fields


# Texts


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<object object at 0x7f5409d672f0>", "<object object>"),
        (f"{SHA}taxi.load", "load"),
        (f"<callable {SHA}taxi.load>", "<callable load>"),
        ("/repo/sql/x.sql", "./sql/x.sql"),
        ("cat /repo", "cat ."),
        ("/repository/x /repo-2 /repo.x", "/repository/x /repo-2 /repo.x"),
        ("/repo/scratch/home/x", "$AIRFLOW_HOME/x"),
        ("plain", "plain"),
    ],
)
def test_what_differs_from_import_to_import_is_taken_out(text, spoken):
    speak = speaker([("/repo", "."), ("/repo/scratch/home", "$AIRFLOW_HOME"), ("/", "root")])

    assert speak(text) == spoken


def test_no_folder_need_be_hidden():
    assert speaker([])("/a/b") == "/a/b"


def test_long_texts_are_cut_and_differ_where_their_ends_do():
    one, other = shortened("a" * 400 + "b"), shortened("a" * 400 + "c")

    assert one != other
    assert one.startswith("a" * 400 + "… (401 characters, ")
    assert len(one) < 440
    assert shortened("a" * 400) == "a" * 400
    assert shortened("\udc80" * 401).startswith("\udc80")


def test_folders_are_hidden_before_a_text_is_cut():
    def text(folder):
        return text_of("sql", "x" * 500 + f" {folder}/end", speaker([(folder, ".")]))

    assert text("/one") == text("/another/much/longer")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.5, "0.5s"), (300, "5m"), (7265, "2h 1m 5s"), (90000, "1d 1h"), (-60, "-1m")],
)
def test_duration_is_told_in_units(seconds, text):
    assert duration(seconds) == text


def test_moments_are_in_the_order_of_time():
    assert moment(1704067200.0) == "2024-01-01T00:00:00Z"
    assert moment(0.5) == "1970-01-01T00:00:00.500000Z"
    assert moment(1e30) == "1e+30"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"__type": "dict", "__var": {"a": {"__type": "set", "__var": ["b", "a"]}}},
         {"a": ["a", "b"]}),
        ({"__type": "tuple", "__var": [1, {"__type": "timedelta", "__var": 60.0}]}, [1, "1m"]),
        ({"__type": "datetime", "__var": 0.0}, "1970-01-01T00:00:00Z"),
        ({"__type": "xcomref", "__var": {"task_id": "a", "key": "k"}}, "XCom(a, k)"),
        ({"__type": "xcomref", "__var": {"type": "map", "callables": ["f"]}},
         {"type": "map", "callables": ["f"]}),
        ({"__type": "odd"}, "odd"),
        ({"__type": "odd", "x": {"__type": "datetime", "__var": 0.0}},
         {"x": "1970-01-01T00:00:00Z"}),
        ({"__type": "asset", "__var": {"name": "n"}}, "n"),
        ((1, [2]), [1, [2]]),
    ],
)  # fmt: skip
def test_types_beside_values_are_taken_away(value, plain):
    assert plain_of(value) == plain


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("x", "a", "a"), ("x", True, "True"), ("x", None, "None"), ("x", 3, "3"), ("x", 3.0, "3"),
        ("x", 0.25, "0.25"), ("retry_delay", 60.0, "1m"), ("poke_interval", 0.5, "0.5s"),
        ("end_date", 0.0, "1970-01-01T00:00:00Z"), ("x", [1, "ä"], '[1, "ä"]'),
        ("x", {"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        ("retry_delay", {"__type": "timedelta", "__var": 60.0}, "1m"),
        ("x", {"k": object}, '{"k": "<class \'object\'>"}'),
    ],
)  # fmt: skip
def test_value_is_told_by_what_its_name_says(name, value, text):
    assert text_of(name, value, as_it_is) == text
