"""What other files of a repository say silences what would be wrong there."""

from pathlib import Path

import pytest

from dagproof.rules.surroundings import has_xcom_backend, may_keep_files, pins_old_mlflow


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", 'AIRFLOW__CORE__XCOM_BACKEND = "mlops.Backend"\n', True),
        ("airflow.cfg", "[core]\nxcom_backend = mine.Backend\n", True),
        ("docker-compose.yml", "  AIRFLOW__CORE__XCOM_BACKEND: mine.Backend\n", True),
        ("Dockerfile", "ENV AIRFLOW__CORE__XCOM_BACKEND mine.Backend\n", True),
        ("airflow.cfg", "xcom_backend = airflow.sdk.execution_time.xcom.BaseXCom\n", False),
        (".env", "AIRFLOW__CORE__XCOM_BACKEND=a.xcom.backend.XComObjectStorageBackend\n", False),
        ("airflow.cfg", "# xcom_backend = mine.Backend\n", False),
    ],
)
def test_xcom_backend_of_its_own_is_seen(
    tmp_path: Path, name: str, text: str, expected: bool
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(text)
    assert has_xcom_backend(tmp_path / "dags" / "taxi" / "dag.py") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mlflow==2.9.2\n", True),
        ("mlflow[extras]~=2.3\n", True),
        ("mlflow>=2.0,<3\n", True),
        ("mlflow>=2.0,<3.0\n", True),
        ("mlflow>=3,<4\n", False),
        ("mlflow==3.17.2\n", False),
        ("mlflow>=2.9\n", False),
        ("mlflow\nscikit-learn<2\n", False),
        ("mlflow>=3,<3.18\n", False),
        ('mlflow = "^2.4.0"\n', True),
        ('mlflow = "2.4"\n', True),
        ("mlflow = {version = '~2.4', extras = ['x']}\n", True),
        ('mlflow = "^3.4.0"\n', False),
        ('mlflow = ">=2.4"\n', False),
    ],
)
def test_pin_on_mlflow_2_is_seen(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text(text)
    assert pins_old_mlflow(tmp_path / "dags" / "dag.py") is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "mlflow==2.9.2\n", True),
        ("requirements.txt", "mlflow==3.4.0\n", True),
        ("requirements.txt", "mlflow-skinny<=3.12\n", True),
        ("requirements.txt", "mlflow==3.13.0\n", False),
        ("requirements.txt", "mlflow>=3.4\n", False),
        ("requirements.txt", "mlflow~=3.4\n", False),
        ("pyproject.toml", 'mlflow = "~3.4"\n', True),
        ("pyproject.toml", 'mlflow = "3.4.0"\n', True),
        ("pyproject.toml", 'mlflow = "^3.4"\n', False),
        ("docker-compose.yml", 'MLFLOW_ALLOW_FILE_STORE: "true"\n', True),
        (".env", "MLFLOW_TRACKING_URI=x\n", False),
    ],
)
def test_mlflow_that_keeps_runs_in_folders_is_seen(
    tmp_path: Path, name: str, text: str, expected: bool
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(text)
    assert may_keep_files(tmp_path / "dags" / "dag.py") is expected


def test_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("mlflow==2.9.2\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert not pins_old_mlflow(tmp_path / "repository" / "dag.py")
