"""The DAG is wired as the steps need it, and every conf reaches them as it was accepted."""

import pytest
from fixtures.iris_family import measured, stored
from fixtures.rendered_calls import call_of
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_prediction import predictions, serving
from dagproof.testing import (
    RefusedConfError,
    accepted_params,
    conf_strategy,
    xcom_round_trip,
)

DAG = "batch_prediction_pipeline"
XCOMS = {
    "load_batch": {"base": "file:///run", "batch": "file:///run/raw.parquet", "rows": 3},
    "resolve_champion": {"name": "iris-classifier", "version": "2"},
}


@pytest.fixture(scope="module")
def dag():
    from batch_prediction.dag import batch_prediction_pipeline

    return batch_prediction_pipeline()


def arguments(task_id, step, conf):
    return call_of(step, DAG, task_id, conf, XCOMS)


def test_the_batch_and_the_champion_are_looked_for_side_by_side(dag):
    assert dag.get_task("predict_batch").upstream_task_ids == {"load_batch", "resolve_champion"}
    assert dag.get_task("send_notification").upstream_task_ids == {"predict_batch"}


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_reaches_the_steps_as_it_was_accepted(data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    loaded = arguments("load_batch", "batch_prediction.predictions.load_batch", conf)
    assert loaded.args[1:] == (params["batch"],)
    asked = arguments("resolve_champion", "batch_prediction.serving.served", conf)
    assert asked.args == (params["alias"],)
    predicted = arguments("predict_batch", "batch_prediction.predictions.predict", conf)
    assert predicted.args == (XCOMS["load_batch"], XCOMS["resolve_champion"])


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("batch", "/etc/passwd"),
        ("batch", "champion"),
        ("batch", ""),
        ("alias", ""),
        ("alias", "2"),
        ("alias", "a b"),
        ("alias", "champion\n"),
        ("alias", None),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(family, tmp_path):
    batch = predictions.load_batch("r", stored(measured(seed=1), tmp_path))
    model = serving.served("champion")
    told = predictions.predict(batch, model)
    for result in (batch, model, told, predictions.notify(told)):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 2048
