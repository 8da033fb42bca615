"""What `orchestrated-duration-prediction-dag` promises, proved without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.testing import RefusedConfError, accepted_params, conf_strategy, render_task
from taxi.plan import plan_months

DAG = "orchestrated-duration-prediction-dag"


def planned(conf):
    months = plan_months(**render_task(DAG, "plan_months", conf)["op_kwargs"])
    return [(one["colour"], one["year"], one["month"]) for one in months]


@pytest.mark.parametrize(
    ("conf", "months"),
    [
        ({}, [("green", 2023, 1), ("green", 2023, 2)]),
        ({"year": 2022, "month": 12}, [("green", 2022, 12), ("green", 2023, 1)]),
        ({"colour": "yellow", "month": 3}, [("yellow", 2023, 3), ("yellow", 2023, 4)]),
    ],
)
def test_conf_plans_the_month_and_the_next(conf, months):
    assert planned(conf) == months


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_plans_two_consecutive_months(data):
    first, second = planned(data.draw(conf_strategy(DAG)))
    assert 12 * second[1] + second[2] - 12 * first[1] - first[2] == 1


@pytest.mark.parametrize(
    ("param", "value"),
    [("year", 2008), ("year", None), ("month", 0), ("month", 13), ("month", "1"), ("colour", "x")],
)
def test_conf_that_no_task_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_training_gets_all_months_and_registration_what_was_trained():
    pushed = {"build_features": [{"month": 1}, {"month": 2}], "train_model": {"colour": "green"}}
    trained = render_task(DAG, "train_model", xcoms=pushed)
    assert list(trained["op_args"]) == [pushed["build_features"]]
    registered = render_task(DAG, "register_model", xcoms=pushed)
    assert list(registered["op_args"]) == [{"colour": "green"}]
    assert registered.task.dag.max_active_runs == 1
