"""The month of a monthly run comes from its date and the lag, or from the Variable, which wins."""

import pytest

from mlops.failures import PermanentError
from taxi_monthly.plan import plan_month


def month(named="", year="2024", begun="3", lag="2", colour="green"):
    [only] = plan_month(named, year, begun, lag, colour)
    assert only["colour"] == colour
    return only["year"], only["month"]


@pytest.mark.parametrize(
    ("year", "begun", "lag", "expected"),
    [
        ("2023", "3", "2", (2023, 1)),
        ("2023", "2", "2", (2022, 12)),
        ("2023", "1", "2", (2022, 11)),
        ("2023", "1", "0", (2023, 1)),
        ("2023", "1", "24", (2021, 1)),
        (2023, 12, 11, (2023, 1)),
    ],
)
def test_lag_is_counted_back_over_the_beginning_of_the_year(year, begun, lag, expected):
    assert month(year=year, begun=begun, lag=lag) == expected


@pytest.mark.parametrize("named", ["2023-01", " 2023-01\n"])
def test_variable_wins_over_date_and_lag(named):
    assert month(named, colour="yellow") == (2023, 1)


@pytest.mark.parametrize("named", ["", "  ", "\n"])
def test_blank_variable_is_as_good_as_none(named):
    assert month(named) == (2024, 1)


@pytest.mark.parametrize(
    "named",
    [
        "2023",
        "2023-1",
        "2023-13",
        "2023-00",
        "01-2023",
        "2008-12",
        "2023-01-01",
        "None",
        "\uff12023-01",
    ],
)
def test_variable_that_is_no_month_is_one_sentence_that_says_how_to_mend_it(named):
    with pytest.raises(PermanentError) as caught:
        month(named)
    said = str(caught.value)
    assert said.startswith(f"The Airflow Variable `taxi_month` is {named!r}; set it to a month ")
    assert "2023-01" in said
    assert "delete it" in said
    assert "\n" not in said
