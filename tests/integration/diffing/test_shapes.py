"""What Airflow itself makes of DAGs has the same shape on every Airflow, and wherever they lie."""

import pytest

from dagproof.audit import AuditRequest, audit

RICH = '''\
    """airflow dag"""
    import os
    from datetime import datetime, timedelta

    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, Asset, Param, setup, task, task_group, teardown
    from airflow.timetables.assets import AssetOrTimeSchedule
    from airflow.timetables.interval import CronDataIntervalTimetable
    from airflow.timetables.trigger import CronTriggerTimetable


    def go(x): return x
    def tell(context): pass


    class Thing: pass


    with DAG("plain"):
        EmptyOperator(task_id="e")
    with DAG(
        "rich", schedule="0 2 * * *", start_date=datetime(2024, 1, 1),
        end_date=datetime(2030, 1, 1), catchup=True, max_active_runs=3, max_active_tasks=4,
        max_consecutive_failed_dag_runs=5,
        dagrun_timeout=timedelta(hours=2), tags=["b", "a"], description="d", doc_md="### doc",
        default_args={"owner": "me", "retries": 2}, is_paused_upon_creation=False,
        render_template_as_native_obj=True, on_failure_callback=tell,
        params={"month": Param(1, type="integer", minimum=1), "y": 3},
    ):
        a = BashOperator(
            task_id="a", bash_command="echo {{ params.month }}", retry_delay=timedelta(minutes=3),
            retry_exponential_backoff=True, execution_timeout=timedelta(minutes=9), pool="p",
            trigger_rule="all_done", depends_on_past=True, wait_for_downstream=True, queue="q",
            max_active_tis_per_dag=2, priority_weight=7, weight_rule="absolute", pool_slots=2,
            outlets=[Asset("s3://x/y")], on_failure_callback=tell, env={"B": "2", "A": "1"},
        )
        b = PythonOperator(task_id="b", python_callable=go, op_kwargs={"x": "{{ ds }}"}, retries=0)

        @task
        def make(): return [1, 2]

        @task(multiple_outputs=True)
        def double(v, w=1): return {}

        @task_group
        def group(z):
            @task(trigger_rule="one_success")
            def inner(q): return q
            inner.override(task_id="deep")(1)
            inner(z)

        made = make()
        double.partial(w=3).expand(v=made)
        group.expand(z=made)
        PythonOperator.partial(task_id="ex", python_callable=go, retries=9).expand_kwargs(
            [{"op_kwargs": {"x": 1}}]
        )

        @setup
        def up(): pass

        @teardown
        def down(): pass

        a >> b
        up() >> b >> down()
    with DAG("required", params={"r": Param(type="integer", description="why")}):
        EmptyOperator(task_id="e", params={"own": 1})
    with DAG("delta", schedule=timedelta(hours=36), start_date=datetime(2024, 1, 1)):
        EmptyOperator(task_id="e")
    with DAG("assets", schedule=Asset("s3://b") & Asset("s3://a")): EmptyOperator(task_id="e")
    with DAG("either", schedule=Asset("s3://b") | Asset("n", uri="s3://a")):
        EmptyOperator(task_id="e")
    with DAG("both", schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 1 * * *", timezone="UTC"), assets=[Asset("s3://a")])):
        EmptyOperator(task_id="e")
    with DAG("zone", schedule=CronTriggerTimetable("@daily", timezone="Europe/Berlin")):
        EmptyOperator(task_id="e")
    with DAG("interval", schedule=CronDataIntervalTimetable("@daily", timezone="UTC")):
        EmptyOperator(task_id="e")
    with DAG("once", schedule="@once"): EmptyOperator(task_id="e")
    with DAG("always", schedule="@continuous", max_active_runs=1, start_date=datetime(2024, 1, 1)):
        EmptyOperator(task_id="e")
    with DAG("placed"):
        here = os.path.dirname(os.path.abspath(__file__))
        BashOperator(task_id="file", bash_command=f"cat {here}/x.sql")
        BashOperator(task_id="cwd", bash_command=f"cat {os.getcwd()}/x.sql")
        BashOperator(task_id="home", bash_command=f"cat {os.environ['AIRFLOW_HOME']}/x")
        BashOperator(task_id="tmp", bash_command=f"cat {os.environ['TMPDIR']}/x")
        PythonOperator(task_id="object", python_callable=go, op_args=[Thing()])
        BashOperator(task_id="long", bash_command=f"{here} " + "x" * 600)
'''


def shapes(settings):
    report = audit(settings, AuditRequest(twice=False))
    assert [error.message for trace in report.imports for error in trace.errors] == []
    return {dag.dag_id: dag for trace in report.imports for dag in trace.dags}


@pytest.fixture
def rich(repository):
    repository.add("dags/team/rich.py", RICH)
    return shapes(repository.settings)


def test_dags_have_the_shape_that_was_written(rich):
    assert {name: dag.schedule for name, dag in rich.items()} == {
        "plain": "", "rich": "0 2 * * *", "required": "", "delta": "every 1d 12h",
        "assets": "s3://a & s3://b", "either": "n (s3://a/) | s3://b", "both": "0 1 * * * or s3://a",
        "zone": "@daily", "interval": "CronDataIntervalTimetable(@daily)", "once": "@once",
        "always": "@continuous", "placed": "",
    }  # fmt: skip
    assert {dag.path for dag in rich.values()} == {"dags/team/rich.py"}
    assert rich["plain"].fields == {}
    assert rich["plain"].params == {}
    assert rich["plain"].tasks[0].fields == {
        "class": "airflow.providers.standard.operators.empty.EmptyOperator"
    }
    assert rich["zone"].fields == {"timezone": "Europe/Berlin"}
    assert rich["required"].params == {"r": '{"description": "why", "type": "integer"}'}
    assert rich["required"].tasks[0].fields["params"] == '{"own": "{\\"default\\": 1}"}'
    assert rich["rich"].params == {
        "month": '{"default": 1, "minimum": 1, "type": "integer"}', "y": '{"default": 3}',
    }  # fmt: skip
    assert rich["rich"].fields == {
        "start_date": "2024-01-01T00:00:00Z", "end_date": "2030-01-01T00:00:00Z", "catchup": "True",
        "max_active_runs": "3", "max_active_tasks": "4", "max_consecutive_failed_dag_runs": "5",
        "dagrun_timeout": "2h", "tags": '["a", "b"]', "description": "d", "doc_md": "### doc",
        "is_paused_upon_creation": "False", "render_template_as_native_obj": "True",
        "on_failure_callback": "set",
    }  # fmt: skip

    tasks = {task.task_id: task for task in rich["rich"].tasks}
    assert {name: task.upstream for name, task in tasks.items()} == {
        "a": (), "b": ("a", "up"), "make": (), "double": ("make",), "group.inner": ("make",),
        "group.deep": ("make",), "ex": (), "up": (), "down": ("b",),
    }  # fmt: skip
    assert {name for name, task in tasks.items() if task.mapped} == {
        "double", "group.inner", "group.deep", "ex",
    }  # fmt: skip
    assert {name: task.operator for name, task in tasks.items()} == {
        "a": "BashOperator", "b": "PythonOperator", "ex": "PythonOperator",
        **dict.fromkeys(["make", "double", "group.inner", "group.deep", "up", "down"], "@task"),
    }  # fmt: skip

    def said(name, *without):
        return {
            field: text for field, text in tasks[name].fields.items()
            if field not in {"class", "owner", *without}
        }  # fmt: skip

    assert said("a") == {
        "bash_command": "echo {{ params.month }}", "env": '{"A": "1", "B": "2"}', "retries": "2",
        "retry_delay": "3m", "retry_exponential_backoff": "True", "execution_timeout": "9m",
        "pool": "p", "pool_slots": "2", "queue": "q", "trigger_rule": "all_done",
        "depends_on_past": "True", "wait_for_downstream": "True", "max_active_tis_per_dag": "2",
        "priority_weight": "7", "weight_rule": "absolute", "outlets": '["s3://x/y"]',
        "on_failure_callback": "set",
    }  # fmt: skip
    assert said("b") == {"python_callable": "go", "op_kwargs": '{"x": "{{ ds }}"}'}
    assert said("double", "multiple_outputs") == {
        "python_callable": "double", "retries": "2", "op_kwargs": '{"w": 3}',
        "expand": '{"v": "XCom(make)"}',
    }  # fmt: skip
    assert said("ex") == {
        "python_callable": "go", "retries": "9", "expand": '[{"op_kwargs": {"x": 1}}]',
    }  # fmt: skip
    assert said("group.inner", "op_args", "python_callable") == {
        "retries": "2", "trigger_rule": "one_success", "expand": '{"z": "XCom(make)"}',
    }  # fmt: skip
    assert said("group.inner")["python_callable"].rpartition(".")[2] == "inner"
    assert said("up") == {"python_callable": "up", "retries": "2", "is_setup": "True"}
    assert said("down") == {
        "python_callable": "down", "retries": "2", "is_teardown": "True",
        "trigger_rule": "all_done_setup_success",
    }  # fmt: skip


def test_shapes_tell_nothing_of_where_and_when_they_were_made(repository, tmp_path, rich):
    said = {task.task_id: task.fields for task in rich["placed"].tasks}
    assert said["file"]["bash_command"] == "cat ./dags/team/x.sql"
    assert said["cwd"]["bash_command"] == "cat ./x.sql"
    assert said["home"]["bash_command"] == "cat $AIRFLOW_HOME/x"
    assert said["tmp"]["bash_command"] == "cat $TMPDIR/x"
    assert " at 0x" not in said["object"]["op_args"]
    assert "unusual_prefix" not in said["object"]["op_args"]
    assert str(tmp_path) not in str(rich)

    assert shapes(repository.settings) == rich
