"""What `ml_training_pipeline` promises, proved without a database: confs, templates, XComs."""

from contextlib import nullcontext
from typing import get_type_hints
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.testing import (
    RefusedConfError,
    UnknownValueError,
    accepted_params,
    conf_strategy,
    render_task,
    xcom_round_trip,
    xcom_values,
)
from iris import data as steps
from iris import model

DAG = "ml_training_pipeline"
SPLIT = {"train": "file:///run/train.parquet", "test": "file:///run/test.parquet"}
XCOMS = {
    "create_directories": "file:///run",
    "validate_data": "file:///run/raw.parquet",
    "preprocess_data": SPLIT,
    "train_model": {"model": "file:///run/model.skops"},
}
PATIENT = settings(deadline=None, max_examples=25)  # the first example imports Airflow


def arguments(task_id, step, conf):
    """Return what a step gets when its task is executed: rendered, pulled and cast."""
    task = render_task(DAG, task_id, conf, xcoms=XCOMS)
    with mock.patch(step) as called:
        task.task.python_callable(*task["op_args"], **task["op_kwargs"])
    return called.call_args.args


@pytest.mark.parametrize(
    ("conf", "wanted"),
    [
        ({}, (0.2, 42)),
        ({"test_size": 0.05, "random_state": 0}, (0.05, 0)),
        ({"test_size": 0.5, "random_state": 2**32 - 1}, (0.5, 4294967295)),
        ({"test_size": 1e-1}, (0.1, 42)),
    ],
)
def test_split_gets_the_folder_the_table_and_two_numbers(conf, wanted):
    assert arguments("preprocess_data", "iris.data.preprocess", conf) == (
        "file:///run",
        "file:///run/raw.parquet",
        *wanted,
    )


@pytest.mark.parametrize(
    ("conf", "wanted"),
    [
        ({}, (100, 5, 42)),
        ({"n_estimators": 1, "max_depth": 1, "random_state": 0}, (1, 1, 0)),
        ({"n_estimators": 1e2, "max_depth": 5.0, "random_state": 7.0}, (100, 5, 7)),
        ({"n_estimators": 1000, "max_depth": 64, "random_state": 7}, (1000, 64, 7)),
    ],
)
def test_training_gets_the_split_and_three_numbers(conf, wanted):
    given_to = arguments("train_model", "iris.model.train", conf)
    assert given_to == ("file:///run", SPLIT, *wanted)


@pytest.mark.parametrize(
    ("conf", "gate"),
    [
        ({}, 0.85),
        ({"min_accuracy": 0}, 0.0),
        ({"min_accuracy": 1}, 1.0),
        ({"min_accuracy": 1e-7}, 1e-7),
    ],
)
def test_evaluation_gets_what_was_trained_and_the_gate(conf, gate):
    given_to = arguments("evaluate_model", "iris.model.evaluate", conf)
    assert given_to == ("file:///run", SPLIT, XCOMS["train_model"], gate)


@pytest.mark.parametrize(
    ("task_id", "step", "names"),
    [
        ("preprocess_data", "iris.data.preprocess", ["test_size", "random_state"]),
        ("train_model", "iris.model.train", ["n_estimators", "max_depth", "random_state"]),
        ("evaluate_model", "iris.model.evaluate", ["min_accuracy"]),
    ],
)
@PATIENT
@given(st.data())
def test_every_conf_reaches_the_step_as_it_was_accepted(task_id, step, names, data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    numbers = arguments(task_id, step, conf)[-len(names) :]
    assert numbers == tuple(params[name] for name in names)


@pytest.mark.parametrize(
    "source", ["sklearn", "file:///iris.csv", "s3://Bucket/iris.parquet", "https://x.test/é.csv"]
)
def test_source_goes_to_the_extraction_as_it_is(source):
    assert arguments("extract_data", "iris.data.extract", {"source": source}) == (
        "file:///run",
        source,
    )


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("source", "/etc/passwd"),
        ("source", "iris.csv"),
        ("source", ""),
        ("source", "sklearn\n"),
        ("source", None),
        ("test_size", "0.2"),
        ("test_size", 0.04),
        ("test_size", 0.51),
        ("random_state", -1),
        ("random_state", 2**32),
        ("random_state", 0.5),
        ("n_estimators", 0),
        ("n_estimators", 1001),
        ("n_estimators", "100"),
        ("max_depth", 65),
        ("max_depth", None),
        ("min_accuracy", -0.01),
        ("min_accuracy", 1.01),
        ("min_accuracy", True),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_each_run_claims_a_folder_by_its_own_id():
    given_to = arguments("create_directories", "iris.data.create_directories", {})
    assert given_to == ("manual__2024-02-29T06:30:00+00:00",)


def test_no_task_works_without_the_one_before():
    with pytest.raises(UnknownValueError, match="validate_data"):
        render_task(DAG, "preprocess_data", xcoms={"create_directories": "file:///run"})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The address of the bundled table, which all tests of this file may read."""
    return steps.extract(tmp_path_factory.mktemp("iris").as_uri())


@PATIENT
@given(st.data())
def test_every_accepted_share_and_seed_split_all_rows(table, data):
    params = accepted_params(DAG, data.draw(conf_strategy(DAG)))
    base = table.rpartition("/")[0]
    split = steps.preprocess(base, table, params["test_size"], params["random_state"])
    train, test = (len(steps.read_table(split[part])) for part in ("train", "test"))
    assert train + test == 150
    assert abs(test - 150 * params["test_size"]) <= 1


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(table, monkeypatch):
    monkeypatch.setattr("mlops.tracking.tracked_run", lambda *_, **__: nullcontext())
    base = steps.create_directories("r")
    raw = steps.validate(table)
    split = steps.preprocess(base, raw, 0.2, 42)
    trained = model.train(base, split, 5, 5, 42)
    evaluated = model.evaluate(base, split, trained, 0.5)
    deployed = model.deploy(base, trained, evaluated)
    told = model.notify(trained, evaluated, deployed)
    for result in (base, raw, split, trained, evaluated, deployed, told):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 1024


@pytest.mark.parametrize(
    "step", [steps.extract, steps.preprocess, model.train, model.evaluate, model.deploy]
)
@PATIENT
@given(st.data())
def test_whatever_a_step_is_annotated_to_return_comes_back_from_xcom(step, data):
    value = data.draw(xcom_values(get_type_hints(step)["return"]))
    assert xcom_round_trip(value).losses == ()
