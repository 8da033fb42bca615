"""The variables that keep Airflow in a scratch home, and one DAG file in a bundle of its own."""

import json
from pathlib import Path

import pytest

from dagproof.airflow_compat.environment import (
    airflow_environment,
    bundle_environment,
    bundle_name,
)

HOME = Path("/scratch/home")


def test_airflow_writes_under_its_scratch_home_alone():
    environment = airflow_environment(HOME, Path("/repo/dags"), Path("/repo/plugins"))

    assert environment["AIRFLOW_HOME"] == "/scratch/home"
    assert environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"] == "/scratch/home/logs"


def test_folders_of_the_repository_are_airflows():
    environment = airflow_environment(HOME, Path("/repo/dags"), Path("/repo/plugins"))

    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == "/repo/dags"
    assert environment["AIRFLOW__CORE__PLUGINS_FOLDER"] == "/repo/plugins"


def test_repository_without_plugins_gets_an_empty_folder_in_the_scratch_home():
    environment = airflow_environment(HOME, Path("/repo/dags"), None)

    assert environment["AIRFLOW__CORE__PLUGINS_FOLDER"] == "/scratch/home/plugins"


@pytest.mark.parametrize(("verbose", "level"), [(False, "WARNING"), (True, "INFO")])
def test_only_a_verbose_run_shows_log_lines(verbose, level):
    environment = airflow_environment(HOME, Path("/repo/dags"), None, verbose=verbose)

    assert environment["AIRFLOW__LOGGING__LOGGING_LEVEL"] == level


@pytest.mark.parametrize(
    "name", ["AIRFLOW__CORE__LOAD_EXAMPLES", "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"]
)
def test_airflow_neither_brings_examples_nor_calls_home(name):
    assert airflow_environment(HOME, Path("/repo/dags"), None)[name] == "False"


def test_every_scratch_home_has_a_secret_of_its_own():
    secrets = [
        airflow_environment(HOME, Path("/repo/dags"), None)["AIRFLOW__API_AUTH__JWT_SECRET"]
        for _ in range(2)
    ]

    assert secrets[0] != secrets[1]
    assert min(map(len, secrets)) >= 64


def test_every_value_can_stand_in_an_environment():
    values = airflow_environment(HOME, Path("/repo/dags"), None).values()

    assert all(isinstance(value, str) for value in values)


def bundle(file):
    (text,) = bundle_environment(Path(file)).values()
    (entry,) = json.loads(text)
    return entry


def test_bundle_holds_one_file():
    assert bundle("/repo/dags/taxi/dag.py")["kwargs"] == {
        "path": "/repo/dags/taxi/dag.py",
        "refresh_interval": 0,
    }


def test_bundle_is_set_where_airflow_looks_for_bundles():
    assert list(bundle_environment(Path("/d.py"))) == [
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
    ]


def test_files_of_one_stem_have_bundles_of_different_names():
    assert bundle("/repo/dags/taxi/dag.py")["name"] != bundle("/repo/dags/iris/dag.py")["name"]


def test_bundle_of_a_file_has_the_same_name_in_every_process():
    assert bundle("/repo/dags/taxi/dag.py")["name"] == "dag-4fc95841"


def test_dags_that_are_triggered_have_bundles_of_their_own_behind_that_of_the_dag():
    files = [Path("/d/monitor.py"), Path("/d/train.py"), Path("/d/monitor.py")]
    (text,) = bundle_environment(files[0], files[1:]).values()

    bundles = json.loads(text)
    assert [one["kwargs"]["path"] for one in bundles] == ["/d/monitor.py", "/d/train.py"]
    assert [one["name"] for one in bundles] == [bundle_name(file) for file in files[:2]]
