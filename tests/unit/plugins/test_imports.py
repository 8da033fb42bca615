"""Importing the plugins costs a DAG file nothing heavy, and Airflow loads none of them alone."""

import os
import subprocess
import sys
from pathlib import Path

import mlops

PLUGINS = Path(mlops.__file__).parents[1]
HEAVY = ("mlflow", "sklearn", "scipy", "pandas", "polars", "boto3", "s3fs")


def loaded(program):
    script = f"import sys\n{program}\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    path = os.pathsep.join([str(PLUGINS), str(PLUGINS.parent / "dags")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_plugins_import_nothing_heavy():
    names = sorted(path.stem for path in (PLUGINS / "mlops").glob("[!_]*.py"))
    assert len(names) > 8
    assert loaded("\n".join(f"import mlops.{name}" for name in names)) == "[]"


def test_storage_and_tracking_do_not_import_airflow():
    assert loaded("import mlops.storage, mlops.tracking; assert 'airflow' not in sys.modules")


def test_iris_dag_file_imports_nothing_heavy():
    assert loaded("import iris.dag") == "[]"


def test_airflow_takes_no_module_for_a_plugin_of_its_own():
    try:
        from airflow._shared.module_loading import find_path_from_directory
    except ImportError:  # Airflow 3.0, 3.1
        from airflow.utils.file import find_path_from_directory
    found = list(find_path_from_directory(str(PLUGINS), ".airflowignore", "glob"))
    assert [Path(path).name for path in found if path.endswith(".py")] == []
