"""The best of the latest runs is found, and what there is not has a name."""

import math
from unittest import mock

import pytest

from compare_experiments import comparison
from dagproof.testing import RefusedConfError, accepted_params, render_task, xcom_round_trip
from mlops import storage
from mlops.mlflow_session import TrackingError

DAG = "compare_experiments"


def compare(name="iris", metric="accuracy", runs=10, *, higher_is_better=True):
    return comparison.compare("r", name, metric, runs, higher_is_better=higher_is_better)


@pytest.fixture
def iris(server):
    """Make runs of an experiment: each with a value, or None for no metric, in order of time."""
    experiment = server.create_experiment("iris")

    def make(*values, status="FINISHED"):
        made = []
        for number, value in enumerate(values):
            run = server.create_run(experiment, start_time=1_000 * (number + 1))
            if value is not None:
                server.log_metric(run.info.run_id, "accuracy", value)
            if status != "RUNNING":
                server.set_terminated(run.info.run_id, status)
            made.append(run.info.run_id)
        return made

    return make


def test_best_of_the_runs_is_told_and_kept(iris):
    made = iris(0.7, 0.9, 0.8)
    told = compare()
    assert (told["state"], told["best_run_id"], told["best"]) == ("compared", made[1], 0.9)
    assert told["compared"] == 3
    kept = storage.read_json(told["report"])
    assert [run["accuracy"] for run in kept["runs"]] == [0.8, 0.9, 0.7], "the latest first"
    assert kept["best_run_id"] == made[1]
    assert xcom_round_trip(told).losses == ()


def test_lowest_is_the_best_where_it_is_a_loss(iris):
    made = iris(0.7, 0.9, 0.8)
    assert compare(higher_is_better=False)["best_run_id"] == made[0]


def test_older_runs_are_not_looked_at(iris):
    made = iris(0.9, 0.7, 0.8)
    told = compare(runs=2)
    assert (told["best_run_id"], told["compared"]) == (made[2], 2)


def test_of_equals_the_earliest_is_the_best(iris):
    made = iris(0.5, 0.9, 0.9)
    assert compare()["best_run_id"] == made[1]
    assert compare() == compare()


def test_runs_without_a_number_are_left_out(iris):
    made = iris(0.5, None, math.nan)
    told = compare()
    assert (told["best_run_id"], told["compared"]) == (made[0], 1)


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "KILLED"])
def test_runs_that_did_not_finish_are_left_out(iris, status):
    iris(0.9, status=status)
    assert compare()["state"] == "no_runs"


def test_what_there_is_not_has_a_name(iris, server):
    nothing = {"best_run_id": None, "best": None, "compared": 0}
    assert compare("nobody").items() >= ({"state": "no_experiment"} | nothing).items()
    assert compare().items() >= ({"state": "no_runs"} | nothing).items()
    iris(None)
    assert compare().items() >= ({"state": "no_metric"} | nothing).items()
    server.delete_experiment(server.get_experiment_by_name("iris").experiment_id)
    assert compare().items() >= ({"state": "deleted_experiment"} | nothing).items()


def test_nothing_is_changed_in_mlflow(iris, server):
    made = iris(0.7)
    before = server.get_run(made[0]).to_dictionary()
    compare()
    assert server.get_run(made[0]).to_dictionary() == before


def test_mlflow_that_is_away_is_one_sentence():
    with pytest.raises(TrackingError, match="does not answer"):
        compare()


@pytest.mark.parametrize(
    ("conf", "given", "wanted"),
    [
        ({}, ("iris", "train_accuracy", 10), True),
        (
            {"experiment": "a b", "metric": "rmse", "runs": 5, "higher_is_better": False},
            ("a b", "rmse", 5),
            False,
        ),
    ],
)
def test_params_arrive_with_their_types(conf, given, wanted):
    task = render_task(DAG, "compare", conf)
    with mock.patch("compare_experiments.comparison.compare") as called:
        task.task.python_callable(*task["op_args"], **task["op_kwargs"])
    assert called.call_args.args[1:] == given
    assert called.call_args.kwargs == {"higher_is_better": wanted}


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("experiment", ""),
        ("metric", "a`b"),
        ("metric", "a\n"),
        ("runs", 0),
        ("runs", 1001),
        ("higher_is_better", "yes"),
    ],
)
def test_conf_that_makes_no_sense_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_task_has_owner_retries_and_a_failure_notifier():
    from compare_experiments.dag import compare_experiments

    [task] = compare_experiments().tasks
    assert (task.owner, task.retries) == ("ml-platform", 2)
    assert task.on_failure_callback
