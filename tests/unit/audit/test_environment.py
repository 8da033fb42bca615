"""Imports see the shell's environment, but never a deployment's database or secrets."""

import sys
from pathlib import Path

import pytest

from dagproof.audit import environment
from dagproof.audit.environment import import_environment


@pytest.fixture
def made(repository, tmp_path):
    home, files = tmp_path / "home", tmp_path / "files"

    def made():
        return import_environment(repository.settings, home, files)[0]

    return made


PRODUCTION = {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://live.example/airflow",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD": "cat /run/live.example",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET": "live.example",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": "postgresql+asyncpg://live.example/airflow",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD": "cat /run/live.example",
    "AIRFLOW__CORE__SQL_ALCHEMY_CONN": "postgresql://live.example/airflow",
    "AIRFLOW__SECRETS__BACKEND": "live.example.Backend",
    "AIRFLOW__SECRETS__BACKEND_CMD": "echo live.example.Backend",
    "AIRFLOW__SECRETS__BACKEND_KWARGS": '{"url": "https://live.example"}',
    "AIRFLOW__WORKERS__SECRETS_BACKEND": "live.example.Backend",
    "AIRFLOW__WORKERS__SECRETS_BACKEND_KWARGS": '{"url": "https://live.example"}',
    "AIRFLOW_HOME": "/live.example",
    "AIRFLOW__CORE__PLUGINS_FOLDER": "/live.example/plugins",
    "AIRFLOW__CORE__DAGS_FOLDER": "/live.example/dags",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "/live.example/logs",
}


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_of_the_shell_is_out_of_reach(made, monkeypatch, name):
    monkeypatch.setenv(name, PRODUCTION[name])

    assert [value for value in made().values() if "live.example" in value] == []


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_of_the_settings_is_out_of_reach(made, repository, name):
    repository.configure(f"env = {{ {name} = '''{PRODUCTION[name]}''' }}")

    assert [value for value in made().values() if "live.example" in value] == []


def test_metadata_database_is_in_the_scratch_home(made, tmp_path):
    environ = made()

    assert environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{tmp_path}/home/airflow.db"
    assert environ["AIRFLOW_HOME"] == str(tmp_path / "home")
    assert environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"].endswith("/home/airflow.db")
    assert environ["AIRFLOW__SECRETS__BACKEND"] == "", "a configuration file may name one"
    assert environ["AIRFLOW__WORKERS__SECRETS_BACKEND"] == ""
    assert environ["TMPDIR"] == str(tmp_path / "files")


def test_environment_of_the_shell_is_there_and_the_settings_win(made, repository, monkeypatch):
    monkeypatch.setenv("STAGE", "shell")
    monkeypatch.setenv("OTHER", "shell")
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Europe/Berlin")
    repository.configure('env = { STAGE = "settings" }')

    environ = made()

    assert (environ["STAGE"], environ["OTHER"]) == ("settings", "shell")
    assert environ["AIRFLOW__CORE__DEFAULT_TIMEZONE"] == "Europe/Berlin"


def test_first_dags_folder_and_the_plugins_are_airflow_s(made, repository):
    repository.configure('dags = ["one", "two"]\nplugins = "shared"')
    for name in ("one", "two", "shared"):
        repository.add(f"{name}/x.py")

    environ = made()

    assert environ["AIRFLOW__CORE__DAGS_FOLDER"] == str(repository.root / "one")
    assert environ["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(repository.root / "shared")


# Bytecode


@pytest.fixture
def python(monkeypatch, tmp_path):
    """Say where this Python keeps bytecode, and whether packages are compiled."""

    def python(*, prefix=None, writes=False, compiled=False):
        monkeypatch.setattr(sys, "pycache_prefix", prefix)
        monkeypatch.setattr(sys, "dont_write_bytecode", not writes)
        monkeypatch.setattr(environment, "_has_bytecode", lambda _: compiled)
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        return tmp_path / "cache" / "bytecode"

    return python


def asked(repository, tmp_path):
    environ, folder = import_environment(repository.settings, tmp_path, tmp_path)
    assert environ.get("PYTHONPYCACHEPREFIX", "") == folder
    return environ, folder


def test_python_that_keeps_no_bytecode_keeps_it_in_our_cache(repository, python, tmp_path):
    cache = python()

    environ, folder = asked(repository, tmp_path)

    assert folder == str(cache)
    assert cache.is_dir()
    assert "PYTHONDONTWRITEBYTECODE" not in environ


def test_chosen_folder_is_kept(repository, python, tmp_path):
    python(prefix="/elsewhere")

    environ, folder = asked(repository, tmp_path)

    assert folder == "/elsewhere"
    assert "PYTHONDONTWRITEBYTECODE" not in environ


@pytest.mark.parametrize("said", [{"writes": True}, {"compiled": True}])
def test_nothing_is_changed_where_it_would_gain_nothing(repository, python, tmp_path, said):
    cache = python(**said)

    environ, folder = asked(repository, tmp_path)

    assert folder == ""
    assert not cache.exists()
    assert environ["PYTHONDONTWRITEBYTECODE"] == "1"


def test_cache_of_somebody_else_is_not_trusted(repository, python, tmp_path):
    cache = python()
    cache.mkdir(parents=True)
    cache.chmod(0o777)

    assert asked(repository, tmp_path)[1] == ""


def test_cache_that_cannot_be_made_is_done_without(repository, python, tmp_path, monkeypatch):
    python()
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("DAGPROOF_CACHE", str(file))

    assert asked(repository, tmp_path)[1] == ""


def test_package_that_is_not_installed_needs_no_bytecode(monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _: None)

    assert environment._has_bytecode("no_such_package")


@pytest.mark.parametrize("there", [True, False])
def test_package_has_bytecode_where_python_looks_for_it(monkeypatch, tmp_path, there):
    source = tmp_path / "__init__.py"
    kept = Path(environment.importlib.util.cache_from_source(str(source)))
    if there:
        kept.parent.mkdir(parents=True)
        kept.write_bytes(b"")
    found = type("Spec", (), {"origin": str(source)})
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _: found)

    assert environment._has_bytecode("package") is there
