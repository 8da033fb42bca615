"""Plans which months a run works on; light, because the DAG file imports it."""

from typing import Final

FIRST_YEAR: Final = 2009  # of which the TLC has published trips


def plan_months(  # dagproof: pure
    year: str | int, month: str | int, colour: str, months: str | int = 1
) -> list[dict[str, str | int]]:
    """Return the months of a run, one after the other.

    Jinja renders strings, so numbers come as text ("2023") and are cast here, explicitly.

    Args:
        year: of the first month.
        month: of the first month, 1..12.
        colour: `green` or `yellow`.
        months: how many, from that one on.

    Returns:
        For each month `{"colour": "green", "year": 2023, "month": 1}`.

    Raises:
        ValueError: a value is no whole number, the month is not in 1..12, or there are none.
    """
    first_year, first_month, count = int(year), int(month), int(months)
    if not 1 <= first_month <= 12:  # noqa: PLR2004 - months of a year
        raise ValueError(f"Param `month` is {first_month}; give a month from 1 to 12.")
    if count < 1:
        raise ValueError(f"Param `months` is {count}; give 1 or more.")
    planned = (divmod(first_year * 12 + first_month - 1 + step, 12) for step in range(count))
    return [{"colour": colour, "year": y, "month": m + 1} for y, m in planned]
