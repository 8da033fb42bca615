"""What `mlops_taxi_monthly` promises, proved without a database: dates, Variable, shared tasks."""

from datetime import UTC, datetime

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task
from taxi_monthly.plan import plan_month

DAG, MANUAL = "mlops_taxi_monthly", "mlops_taxi_dag"
OWN = {DAG: "plan_month", MANUAL: "plan_months"}


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv("AIRFLOW_VAR_TAXI_MONTH", raising=False)


def planned(conf=None, **run):
    """Return the month that the step plans from what its templates give."""
    [only] = plan_month(**render_task(DAG, "plan_month", conf, **run)["op_kwargs"])
    return only["colour"], only["year"], only["month"]


def dag_of(dag_id):
    return render_task(dag_id, OWN[dag_id], logical_date=datetime(2023, 3, 1, tzinfo=UTC)).task.dag


@pytest.mark.parametrize(
    ("date", "conf", "month"),
    [
        (datetime(2023, 3, 1, tzinfo=UTC), {}, ("green", 2023, 1)),
        (datetime(2023, 2, 1, tzinfo=UTC), {}, ("green", 2022, 12)),
        (datetime(2023, 3, 1, tzinfo=UTC), {"lag": 0, "colour": "yellow"}, ("yellow", 2023, 3)),
        (datetime(2023, 3, 1, tzinfo=UTC), {"lag": 3}, ("green", 2022, 12)),
        (None, {}, ("green", 2023, 12)),
    ],
)
def test_month_is_lag_months_before_the_run_begins(date, conf, month):
    assert planned(conf, logical_date=date) == month


def test_variable_wins_and_is_read_when_a_run_plans_not_at_import(monkeypatch):
    date = datetime(2023, 3, 1, tzinfo=UTC)
    assert planned(logical_date=date) == ("green", 2023, 1)  # from here on the file is imported
    monkeypatch.setenv("AIRFLOW_VAR_TAXI_MONTH", "2021-07")
    assert planned(logical_date=date) == ("green", 2021, 7)
    monkeypatch.setenv("AIRFLOW_VAR_TAXI_MONTH", "")
    assert planned(logical_date=date) == ("green", 2023, 1)


def test_month_of_the_conf_wins_over_variable_and_date(monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_TAXI_MONTH", "2021-07")
    date = datetime(2023, 3, 1, tzinfo=UTC)
    assert planned({"month": "2022-12"}, logical_date=date) == ("green", 2022, 12)


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("lag", -1),
        ("lag", 25),
        ("lag", "2"),
        ("lag", None),
        ("lag", 1.5),
        ("colour", "mauve"),
        ("month", "2023-13"),
        ("month", "2008-12"),
        ("month", "2023-01\n"),
        ("month", ""),
        ("month", 1),
    ],
)
def test_conf_that_no_task_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_runs_monthly_one_at_a_time_without_catching_up():
    dag = dag_of(DAG)
    assert dag.schedule == "@monthly"
    assert dag.catchup is False
    assert dag.max_active_runs == 1


def test_all_tasks_but_the_plan_are_those_of_the_manual_dag():
    monthly, manual = dag_of(DAG), dag_of(MANUAL)

    def wiring(dag):
        own = OWN[dag.dag_id]
        return {
            task.task_id: {"plan" if up == own else up for up in task.upstream_task_ids}
            for task in dag.tasks
            if task.task_id != own
        }

    assert wiring(monthly) == wiring(manual)
    assert set(wiring(monthly)) == {
        "download",
        "validate",
        "build_features",
        "train_and_log_model",
        "register_best_model",
    }
    for task_id in wiring(monthly):
        tasks = [dag.task_dict[task_id] for dag in (monthly, manual)]
        functions = [
            getattr(task, "python_callable", None) or task.partial_kwargs["python_callable"]
            for task in tasks
        ]
        assert functions[0] is functions[1]
        assert {task.retries for task in tasks} == {2}
