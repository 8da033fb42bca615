"""What DAGs do on scheduler and workers is what they do under `dag.test()`."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from integration.cluster.conftest import ROOT
from integration.cluster.rest import Rest

from dagproof.config import load_settings
from dagproof.repeating.comparison import compare
from dagproof.repeating.exceptions import without
from dagproof.repeating.words import Moments
from dagproof.services.addresses import METADATA_URL
from dagproof.services.snapshots.observer import Observer

TAXI = "mlops_taxi_dag"
SETTINGS = load_settings(ROOT)
RUNS = SETTINGS.runs
ROUNDS = (datetime(2023, 2, 1, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=UTC))
MOMENTS = Moments("under dag.test()", "on the cluster")
SHARING = (
    {
        "etl_feature_engineering", "ml_training_pipeline", "model_monitoring_pipeline",
        "batch_prediction_pipeline", "ab_test_pipeline", "model_promotion_pipeline",
    },
    {"mlops_taxi_dag", "mlops_taxi_monthly"},
)  # fmt: skip
"""DAGs that hand a model on, and run one after the other in the order of the settings."""
UNTOLD = {METADATA_URL}
"""Airflow's own tables, and Celery's, are not what DAGs leave."""


def observer(environment):
    return Observer({name: value for name, value in environment.items() if name not in UNTOLD})


def states(tasks):
    return {(task["task_id"], task["map_index"]): task["state"] for task in tasks}


def expected_states(outcome):
    return {(task.task_id, task.map_index): task.state for task in outcome.tasks}


def check_same(reference, found):
    told = (without(one, SETTINGS.repeatable_except) for one in (reference, found))
    assert [str(one.message) for one in compare(*told, MOMENTS)] == []


def chains(entries):
    """Return the runs, those together whose DAGs share something; the others are alone."""
    chained = [[entry for entry in entries if entry.dag in family] for family in SHARING]
    alone = [[entry] for entry in entries if not any(entry.dag in one for one in SHARING)]
    return [*chained, *alone]


def kill_worker(rest, dag, run_id, seconds=120):
    """Kill a worker in the middle of mapped tasks, and return those that it did not end."""
    pids = {member.name: member.pid for member in rest.record.members}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        running = {
            task["hostname"]
            for task in rest.tasks(dag, run_id)
            if task["state"] == "running" and task["map_index"] >= 0
        }
        for worker in running & pids.keys():
            os.kill(pids.pop(worker), signal.SIGKILL)
            lost = {
                (task["task_id"], task["map_index"])
                for task in rest.tasks(dag, run_id)
                if task["state"] == "running" and task["hostname"] == worker
            }
            if lost:
                return lost
            break  # they ended at that very moment: kill the other one
        time.sleep(0.1)
    pytest.fail("no worker had a task to be killed in")


@pytest.fixture
def services_left(services):
    return observer(services)


def test_every_run_of_the_repository_twice_leaves_what_dag_test_leaves(
    run_dag, services_left, cluster, year_of_months
):
    left = observer(cluster.record.environment)
    left.begin()
    services_left.begin()
    cluster.await_dags([entry.dag for entry in RUNS])
    for date in ROUNDS:
        env = {"TAXI_SOURCE": year_of_months}
        outcomes = {
            entry.dag: run_dag(entry.dag, entry.conf, logical_date=date, env=env) for entry in RUNS
        }

        def carry_out(chain, date=date, outcomes=outcomes):
            for entry in chain:
                run_id = outcomes[entry.dag].run_id
                cluster.trigger(entry.dag, entry.conf, run_id, date.isoformat())
                cluster.await_end(entry.dag, run_id)

        with ThreadPoolExecutor(len(RUNS)) as threads:
            list(threads.map(carry_out, chains(RUNS)))
        for dag, outcome in outcomes.items():
            assert (dag, cluster.state(dag, outcome.run_id)) == (dag, outcome.state)
            tasks = cluster.tasks(dag, outcome.run_id)
            assert states(tasks) == expected_states(outcome), dag
            assert {task["try_number"] for task in tasks} <= {0, 1}, dag
        check_same(services_left.take(), left.take())


@pytest.mark.parametrize(("broker", "months"), [("redis", 12), ("postgres", 6)])
def test_months_across_two_workers_give_the_model_of_one_process_also_when_one_is_killed(
    run_dag, services_left, clusters, year_of_months, broker, months
):
    services_left.begin()
    date = ROUNDS[0]
    conf = {"year": 2023, "month": 1, "months": months}
    outcome = run_dag(TAXI, conf, logical_date=date, env={"TAXI_SOURCE": year_of_months})
    assert outcome.state == "success", outcome.failures
    reference = services_left.take()
    with clusters(broker=broker) as record:
        rest = Rest(record)
        left = observer(record.environment)
        left.begin()
        rest.await_dags([TAXI])
        run_id = rest.trigger(TAXI, conf, outcome.run_id, date.isoformat())
        lost = kill_worker(rest, TAXI, run_id)
        assert rest.await_end(TAXI, run_id) == "success"
        tasks = rest.tasks(TAXI, run_id)
        found = left.take()
    assert states(tasks) == expected_states(outcome)
    assert {task["hostname"] for task in tasks} == {"worker-1", "worker-2"}
    retried = {(task["task_id"], task["map_index"]) for task in tasks if task["try_number"] > 1}
    assert retried == lost
    check_same(reference, found)
