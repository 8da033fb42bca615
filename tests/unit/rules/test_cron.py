"""Cron expressions are refused where croniter refuses them, and taken where it takes them."""

import pytest

from dagproof.rules.cron import problem


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 * * *", " 0  0 * * * ", "*/15 6-18 1,15 * 1-5", "0 0 * * 7", "0 0 ? * *",
        "0 22-2 * * *", "0 0 * JAN mon-FRI", "0 0 * * * 30", "0 0 * * * 0 2024", "@daily",
        "@Daily", "@midnight", "@continuous", "@once", "0 0 * * 5#2", "0 0 L * *",
        "0 0 * * L5", "0 0 15W * *", "*/70 * * * *", "1/5 * * * *", "R * * * *",
    ],
)  # fmt: skip
def test_what_airflow_reads_is_let_be(expression: str) -> None:
    assert problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("@dayly", "Airflow has no such preset"),
        ("@reboot", "Airflow has no such preset"),
        ("None", "it has 1 field, a cron expression has 5"),
        ("", "it has 0 fields, a cron expression has 5"),
        ("*/5 * * *", "it has 4 fields, a cron expression has 5"),
        ("0 0 * * * * 2024 1", "it has 8 fields, a cron expression has 5"),
        ("60 * * * *", "`60` is no minute"),
        ("0 24 * * *", "`24` is no hour"),
        ("0 0 0 * *", "`0` is no day of the month"),
        ("0 0 * 13 *", "`13` is no month"),
        ("0 0 * * 8", "`8` is no day of the week"),
        ("0 0 1-32 * *", "`1-32` is no day of the month"),
        ("*/0 * * * *", "`*/0` is no minute"),
        ("0 0 * * 1;", "`1;` is no day of the week"),
    ],
)
def test_what_airflow_refuses_is_told(expression: str, words: str) -> None:
    assert problem(expression) == words
