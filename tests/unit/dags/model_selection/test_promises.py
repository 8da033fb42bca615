"""What `ml_model_selection` promises, proved without a database: confs, templates, XComs."""

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task, xcom_round_trip
from model_selection import data
from model_selection.candidates import NAMES

DAG = "ml_model_selection"
DATA = {"train": "file:///run/train.parquet"}


def test_both_candidates_are_trained_on_the_same_data_with_the_seed_of_the_conf():
    for index, candidate in enumerate(NAMES):
        pushed = {"validate_data": DATA}
        task = render_task(DAG, "train_model", {"random_state": 7}, xcoms=pushed, map_index=index)
        kwargs = task["op_kwargs"]
        assert kwargs == {"candidate": candidate, "data": DATA, "random_state": "7"}


def test_source_and_target_go_to_the_steps_as_they_are():
    conf = {"source": "s3://Bucket/é.csv", "target": "Die Klasse"}
    assert render_task(DAG, "fetch_data", conf)["op_args"] == (
        "manual__2024-02-29T06:30:00+00:00",
        "s3://Bucket/é.csv",
    )
    task = render_task(DAG, "validate_data", conf, xcoms={"fetch_data": {"raw": "x"}})
    assert tuple(task["op_args"]) == ({"raw": "x"}, "Die Klasse")


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("source", "/etc/passwd"),
        ("source", ""),
        ("source", "sklearn\n"),
        ("source", None),
        ("target", ""),
        ("target", None),
        ("random_state", -1),
        ("random_state", 2**32),
        ("random_state", "42"),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_every_task_is_retried_and_told_of_and_runs_exclude_one_another():
    dag = render_task(DAG, "fetch_data").task.dag
    assert [task.task_id for task in dag.topological_sort()] == [
        "fetch_data",
        "validate_data",
        "train_model",
        "compare_models",
        "deploy_model",
        "send_notification",
    ]
    assert dag.max_active_runs == 1
    for task in dag.tasks:
        assert task.retries == 2
        assert task.on_failure_callback


def test_what_the_data_steps_return_comes_back_from_xcom_and_is_small():
    fetched = data.fetch("r", "sklearn")
    for result in (fetched, data.validate(fetched, "target")):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 2048
