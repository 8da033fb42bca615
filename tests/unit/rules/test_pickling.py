"""Configuration files that ask for pickled XComs are found, line and column."""

from pathlib import PurePath

import pytest

from dagproof.rules.dp141_pickled_xcom import check_text, is_configuration


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[core]\nenable_xcom_pickling = True\n", (2, 1)),
        ("[core]\nenable_xcom_backend=true\n", (2, 1)),
        ("AIRFLOW__CORE__ENABLE_XCOM_PICKLING=True\n", (1, 1)),
        ("  environment:\n    AIRFLOW__CORE__ENABLE_XCOM_PICKLING: 'true'\n", (2, 5)),
        ("    - AIRFLOW__CORE__ENABLE_XCOM_PICKLING=true\n", (1, 7)),
        ("ENV AIRFLOW__CORE__ENABLE_XCOM_PICKLING True\n", (1, 5)),
        ("ENV A=1 AIRFLOW__CORE__ENABLE_XCOM_PICKLING=1\n", (1, 9)),
    ],
)
def test_option_that_is_on_is_found(text: str, place: tuple[int, int]) -> None:
    (hit,) = check_text("x", text)
    assert (hit.span.line, hit.span.column) == place
    assert hit.message.count("`") == 2


@pytest.mark.parametrize(
    "text",
    [
        "enable_xcom_pickling = False\n",
        "# enable_xcom_pickling = True\n",
        "    # AIRFLOW__CORE__ENABLE_XCOM_PICKLING: 'true'\n",
        "xcom_backend = mine.Backend\n",
        "AIRFLOW__CORE__XCOM_BACKEND=true\n",
        "AIRFLOW__CORE__ENABLE_XCOM_PICKLING: ${PICKLE}\n",
    ],
)
def test_option_that_is_off_or_another_is_silent(text: str) -> None:
    assert not list(check_text("x", text))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("config/airflow.cfg", True),
        ("docker-compose.override.yml", True),
        (".env", True),
        ("deploy/Dockerfile", True),
        ("dags/taxi.py", False),
        ("README.md", False),
    ],
)
def test_configuration_files_are_known_by_name(name: str, expected: bool) -> None:
    assert is_configuration(PurePath(name)) is expected
