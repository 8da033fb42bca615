"""What `mlops_taxi_dag` promises, proved without a database: each conf, template, cast and XCom."""

import inspect
from datetime import UTC, datetime
from typing import get_type_hints

import pytest
from fixtures.tlc import write_month
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.testing import (
    RefusedConfError,
    accepted_params,
    conf_strategy,
    render_task,
    xcom_round_trip,
    xcom_values,
)
from taxi import source
from taxi.download import download_month
from taxi.features import build_month_features
from taxi.plan import plan_months
from taxi.train import CANDIDATES, train_candidate
from taxi.validate import validate_month

DAG = "mlops_taxi_dag"
PATIENT = settings(deadline=None)  # the first example imports Airflow


def planned(conf, **run):
    """Return the months that the step plans from what its templates give."""
    return plan_months(**render_task(DAG, "plan_months", conf, **run)["op_kwargs"])


@pytest.mark.parametrize(
    ("conf", "first", "last", "count"),
    [
        ({}, (2024, 2), (2024, 2), 1),
        ({"year": None, "month": None, "months": 1, "colour": "green"}, (2024, 2), (2024, 2), 1),
        ({"year": 2023, "month": 1}, (2023, 1), (2023, 1), 1),
        ({"month": 12, "months": 2}, (2024, 12), (2025, 1), 2),
        ({"year": 2022, "month": 11, "months": 14}, (2022, 11), (2023, 12), 14),
        ({"year": 2009, "month": 1, "months": 60}, (2009, 1), (2013, 12), 60),
        ({"year": 2100, "month": 12, "months": 2}, (2100, 12), (2101, 1), 2),
        ({"year": 2023.0, "month": 3.0, "months": 1.0}, (2023, 3), (2023, 3), 1),
        ({"year": 2023, "month": 1, "no_such_param": "x"}, (2023, 1), (2023, 1), 1),
    ],
)
def test_conf_plans_these_months(conf, first, last, count):
    months = [(one["year"], one["month"]) for one in planned(conf)]
    assert (months[0], months[-1], len(months)) == (first, last, count)


@pytest.mark.parametrize(
    ("conf", "colour"),
    [({}, "green"), ({"colour": "green"}, "green"), ({"colour": "yellow"}, "yellow")],
)
def test_all_months_are_of_the_colour_that_was_asked_for(conf, colour):
    assert [one["colour"] for one in planned({**conf, "months": 3})] == [colour] * 3


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("year", "2023"),
        ("year", 2008),
        ("year", 2101),
        ("month", 0),
        ("month", 13),
        ("month", "01"),
        ("month", 1.5),
        ("month", True),
        ("months", 0),
        ("months", 61),
        ("months", None),
        ("colour", "mauve"),
        ("colour", "Green"),
        ("colour", ""),
        ("colour", None),
    ],
)
def test_conf_that_no_task_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {"year": 2023, "month": 1, param: value})
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("date", "month"),
    [(None, (2024, 2)), (datetime(2023, 12, 31, 23, 59, tzinfo=UTC), (2023, 12))],
)
def test_month_is_that_of_the_run_where_the_conf_names_none(date, month):
    [only] = planned({}, logical_date=date)
    assert (only["year"], only["month"]) == month


@PATIENT
@given(st.data())
def test_every_conf_plans_consecutive_months_and_no_more(data):
    conf = data.draw(conf_strategy(DAG))
    params, plan = accepted_params(DAG, conf), planned(conf)
    begin = 12 * (params["year"] or 2024) + (params["month"] or 2)
    counted = [12 * one["year"] + one["month"] for one in plan]
    assert counted == list(range(begin, begin + params["months"]))
    assert {one["month"] for one in plan} <= set(range(1, 13))
    assert {one["colour"] for one in plan} == {params["colour"]}


def test_numbers_are_cast_and_months_padded(monkeypatch):
    monkeypatch.delenv("TAXI_SOURCE", raising=False)
    [month] = planned({"year": 2023, "month": 3})
    assert source.address_of(**month).endswith("/green_tripdata_2023-03.parquet")


def test_each_planned_month_is_what_its_own_download_takes():
    plan = planned({"year": 2023, "month": 12, "months": 2})
    for index, month in enumerate(plan):
        task = render_task(DAG, "download", xcoms={"plan_months": plan}, map_index=index)
        assert task["op_kwargs"] == {"trip_month": month}
        inspect.signature(download_month).bind(**month)


def test_every_candidate_is_trained_on_all_months():
    pushed = {"build_features": [{"month": 1}, {"month": 2}]}
    for index, candidate in enumerate(CANDIDATES):
        task = render_task(DAG, "train_and_log_model", xcoms=pushed, map_index=index)
        assert task["op_kwargs"] == {"candidate": candidate, "months": pushed["build_features"]}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What the steps return for a small month, by task."""
    folder = tmp_path_factory.mktemp("taxi")
    write_month(folder / "green-1.parquet", rows=300)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TAXI_SOURCE", f"{folder.as_uri()}/{{colour}}-{{month}}.parquet")
        patched.setenv("DATA_ROOT", f"{folder.as_uri()}/data")
        [month] = planned({"year": 2023, "month": 1})
        raw = download_month(**month)
        valid = validate_month(raw)
        features = build_month_features(valid)
        yield {
            "plan_months": [month],
            "download": raw,
            "validate": valid,
            "build_features": features,
        }


@pytest.mark.parametrize("task_id", ["plan_months", "download", "validate", "build_features"])
def test_what_a_task_returns_comes_back_from_xcom_and_is_small(results, task_id):
    trip = xcom_round_trip(results[task_id])
    assert trip.losses == ()
    assert trip.stored < 4096


@pytest.mark.parametrize(
    "step", [plan_months, download_month, validate_month, build_month_features, train_candidate]
)
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_whatever_a_step_is_annotated_to_return_comes_back_from_xcom(step, data):
    value = data.draw(xcom_values(get_type_hints(step)["return"]))
    assert xcom_round_trip(value).losses == ()
