"""The DAG is wired as the steps need it, and every conf reaches them as it was accepted."""

import pytest
from fixtures.iris_family import measured, stored
from fixtures.rendered_calls import call_of
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.testing import (
    RefusedConfError,
    accepted_params,
    conf_strategy,
    render_task,
    xcom_round_trip,
)
from monitoring import watch

DAG = "model_monitoring_pipeline"
COLLECTED = {"base": "file:///run", "current": "file:///run/current/raw.parquet"}
REPORTED = {"retrain": True, "share": 1.0}
PLANNED = {"run_id": "drift__v2__abc", "conf": {"source": "file:///rows.parquet"}}
XCOMS = {
    "collect_data": COLLECTED,
    "measure_drift": REPORTED,
    "plan_retraining": PLANNED,
    "choose_way": "plan_retraining",
}


@pytest.fixture(scope="module")
def dag():
    from monitoring.dag import model_monitoring_pipeline

    return model_monitoring_pipeline()


def arguments(task_id, step, conf):
    return call_of(step, DAG, task_id, conf, XCOMS).args


def test_every_task_has_owner_retries_and_a_failure_notifier(dag):
    for task in dag.tasks:
        assert (task.owner, task.retries) == ("ml-team", 2)
        assert task.on_failure_callback
    assert dag.catchup is False
    assert dag.max_active_runs == 1, "two monitors at once"
    assert dag.doc_md


def test_the_retraining_is_the_named_run_of_the_training_dag_and_begins_once(dag):
    task = render_task(DAG, "retrain", {}, xcoms=XCOMS)
    assert task["trigger_dag_id"] == "ml_training_pipeline"
    assert task["trigger_run_id"] == "drift__v2__abc"
    assert task["conf"] == {"source": "file:///rows.parquet"}
    retrain = dag.get_task("retrain")
    assert retrain.skip_when_already_exists is True
    assert retrain.reset_dag_run is False
    assert retrain.wait_for_completion is False


def test_the_conf_of_the_retraining_is_one_that_the_training_accepts():
    accepted = accepted_params("ml_training_pipeline", PLANNED["conf"])
    assert accepted["source"] == PLANNED["conf"]["source"]


@pytest.mark.parametrize(
    ("retrain", "way"), [(True, "plan_retraining"), (False, "send_notification")]
)
def test_the_way_goes_by_what_was_measured(dag, retrain, way):
    assert dag.get_task("choose_way").python_callable({"retrain": retrain}) == way
    assert way in {task.task_id for task in dag.get_task("choose_way").get_direct_relatives()}


def test_people_are_told_whichever_way_was_gone(dag):
    assert dag.get_task("send_notification").trigger_rule == "none_failed_min_one_success"
    assert dag.get_task("send_notification").upstream_task_ids == {
        "measure_drift",
        "choose_way",
        "retrain",
    }


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_reaches_the_steps_as_it_was_accepted(data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    looked = arguments("collect_data", "monitoring.watch.collect", conf)
    assert looked[1:] == (params["reference"], params["current"], params["min_rows"])
    measured_by = arguments("measure_drift", "monitoring.watch.report", conf)
    thresholds = tuple(params[name] for name in ("alpha", "min_effect", "min_share"))
    assert measured_by == (COLLECTED, *thresholds)
    planned = arguments("plan_retraining", "monitoring.watch.plan", conf)
    assert planned == (COLLECTED, params["training_source"])


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("reference", "/etc/passwd"),
        ("current", "champion"),
        ("current", "features\n"),
        ("training_source", ""),
        ("alpha", 0),
        ("alpha", "0.001"),
        ("min_effect", -0.1),
        ("min_share", 1.01),
        ("min_rows", 1),
        ("min_rows", 2.5),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(family, tmp_path):
    address = stored(measured(seed=1, shift=1), tmp_path)
    collected = watch.collect("r", "champion", address, 50)
    reported = watch.report(collected, 0.001, 0.2, 0.5)
    for result in (collected, reported, watch.plan(collected, "current")):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 2048
