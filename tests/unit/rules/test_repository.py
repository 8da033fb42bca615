"""Files are told apart by the Airflow that loads them."""

import pytest

from dagproof.rules.repository import Repository


@pytest.mark.parametrize(
    ("path", "roots", "deployment"),
    [
        ("dags/a.py", (), "dags"),
        ("dags/team/a.py", (), "dags"),
        ("one/dags/team/a.py", (), "one/dags"),
        ("examples/one/a.py", (), "examples/one"),
        ("a.py", (), "."),
        ("pipelines/team/a.py", ("pipelines",), "pipelines"),
        ("pipelines/dags/a.py", ("pipelines",), "pipelines"),
        ("/repo/dags/a.py", (), "/repo/dags"),
    ],
)
def test_deployment_is_the_folder_that_one_airflow_loads(
    path: str, roots: tuple[str, ...], deployment: str
) -> None:
    assert Repository({}, roots=roots).deployment(path) == deployment
