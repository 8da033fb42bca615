"""What `homework3-dag` promises, proved without a database."""

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task
from taxi.plan import plan_months

DAG = "homework3-dag"


@pytest.mark.parametrize(
    ("conf", "first", "last"),
    [
        ({}, (2023, 3), (2023, 3)),
        ({"month": 1, "colour": "green"}, (2023, 1), (2023, 1)),
        ({"year": 2022, "month": 11, "months": 14}, (2022, 11), (2023, 12)),
    ],
)
def test_conf_plans_months_of_yellow_taxis_unless_it_says_green(conf, first, last):
    planned = plan_months(**render_task(DAG, "plan_months", conf)["op_kwargs"])
    assert {one["colour"] for one in planned} == {conf.get("colour", "yellow")}
    assert (planned[0]["year"], planned[0]["month"]) == first
    assert (planned[-1]["year"], planned[-1]["month"]) == last


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("year", 2008),
        ("month", 13),
        ("month", None),
        ("months", 0),
        ("months", 61),
        ("colour", "x"),
    ],
)
def test_conf_that_no_task_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param
