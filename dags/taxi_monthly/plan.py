"""Plans the month of a monthly run; light, because the DAG file imports it."""

import re
from typing import Final

from mlops.failures import PermanentError
from taxi import plan

VARIABLE: Final = "taxi_month"
_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


def plan_month(  # dagproof: pure
    named: str, year: str | int, month: str | int, lag: str | int, colour: str
) -> list[dict[str, str | int]]:
    """Return the one month that a run learns from, as `taxi.plan.plan_months` does.

    Args:
        named: the Param `month`, or the Variable `taxi_month`; where it is not blank, it wins.
        year: in which the run begins.
        month: in which the run begins, 1..12.
        lag: how many months earlier the trips are.
        colour: `green` or `yellow`.

    Returns:
        `[{"colour": "green", "year": 2023, "month": 1}]`.

    Raises:
        PermanentError: the Variable names no month from 2009 on.
        ValueError: a value is no whole number, or the month is not in 1..12.
    """
    if named.strip():
        found = _MONTH.fullmatch(named.strip())
        if found is None or int(found[1]) < plan.FIRST_YEAR:
            raise PermanentError(
                f"The Airflow Variable `{VARIABLE}` is {named!r}; set it to a month from "
                f"{plan.FIRST_YEAR} on such as 2023-01, or delete it to take the month of the run."
            )
        return plan.plan_months(found[1], found[2], colour)
    begun = plan.plan_months(year, month, colour)[0]
    counted = int(begun["year"]) * 12 + int(begun["month"]) - 1 - int(lag)
    return plan.plan_months(counted // 12, counted % 12 + 1, colour)
