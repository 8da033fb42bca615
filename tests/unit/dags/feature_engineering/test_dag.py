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
    xcom_round_trip,
)
from feature_engineering import features

DAG = "etl_feature_engineering"
XCOMS = {
    "create_directories": "file:///run",
    "extract_data": "file:///run/raw.parquet",
    "clean_data": {"table": "file:///run/clean.parquet", "kept": 149},
    "build_features": "file:///run/features.parquet",
}


@pytest.fixture(scope="module")
def dag():
    from feature_engineering.dag import etl_feature_engineering

    return etl_feature_engineering()


def arguments(task_id, step, conf):
    return call_of(step, DAG, task_id, conf, XCOMS)


def test_runs_follow_each_other(dag):
    assert dag.max_active_runs == 1


def test_six_tasks_run_in_this_order(dag):
    assert [task.task_id for task in dag.topological_sort()] == [
        "create_directories",
        "extract_data",
        "clean_data",
        "build_features",
        "publish_features",
        "send_notification",
    ]


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_reaches_the_steps_as_it_was_accepted(data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    extracted = arguments("extract_data", "iris.data.extract", conf)
    assert extracted.args == ("file:///run", params["source"])
    cleaned = arguments("clean_data", "feature_engineering.features.clean", conf)
    assert cleaned.args == ("file:///run", "file:///run/raw.parquet", params["max_invalid"])
    built = arguments("build_features", "feature_engineering.features.build", conf)
    assert built.args == ("file:///run", XCOMS["clean_data"])
    published = arguments("publish_features", "feature_engineering.features.publish", conf)
    assert published.args == ("file:///run/features.parquet", XCOMS["clean_data"])


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("source", "features"),
        ("source", "/etc/passwd"),
        ("source", "sklearn\n"),
        ("max_invalid", -0.1),
        ("max_invalid", 1.1),
        ("max_invalid", "0"),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(tmp_path):
    base = features.claim("r")
    cleaned = features.clean(base, stored(measured(seed=1), tmp_path), 0.05)
    built = features.build(base, cleaned)
    published = features.publish(built, cleaned)
    for result in (base, cleaned, built, published, features.notify(published)):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 2048
