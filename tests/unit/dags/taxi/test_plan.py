"""Jinja renders strings; the plan casts them and counts months over the end of a year."""

import pytest

from taxi.plan import plan_months


def test_casts_the_strings_that_jinja_renders():
    assert plan_months("2023", "3", "green", "1") == [{"colour": "green", "year": 2023, "month": 3}]


def test_counts_months_over_the_end_of_the_year():
    planned = plan_months(2022, 11, "yellow", 14)
    assert [(p["year"], p["month"]) for p in planned[:3]] == [(2022, 11), (2022, 12), (2023, 1)]
    assert (planned[-1]["year"], planned[-1]["month"]) == (2023, 12)


@pytest.mark.parametrize(
    ("year", "month", "months", "said"),
    [
        (2023, 13, 1, "Param `month` is 13"),
        (2023, 0, 1, "Param `month` is 0"),
        (2023, 1, 0, "Param `months` is 0"),
        ("None", 1, 1, "None"),
    ],
)
def test_refuses_what_is_no_month(year, month, months, said):
    with pytest.raises(ValueError, match=said):
        plan_months(year, month, "green", months)
