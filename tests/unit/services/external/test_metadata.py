"""How a database that exists already is migrated: what reaches the migration, and what is told."""

from pathlib import Path

import pytest

from dagproof.model import UnavailableError
from dagproof.services.external import holder, metadata, urls

TEXT = "postgresql://me:s%40kret@db/tests?sslmode=require"
ENVIRON = {"PATH": "/bin", "PGPASSWORD": "x", "AIRFLOW__CORE__EXECUTOR": "x", "AIRFLOW_HOME": "/x"}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def database(cache):
    url = urls.postgres({"DAGPROOF_POSTGRES_URL": TEXT})
    environ = {**ENVIRON, "DAGPROOF_CACHE": str(cache)}
    return metadata.MetadataDatabase(url, environ, holder.this_process("main"))


def test_airflow_is_told_both_addresses_and_keeps_no_pool(database):
    assert database.environment() == {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": TEXT.replace(":", "+psycopg2:", 1),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": (
            "postgresql+asyncpg://me:s%40kret@db/tests?ssl=require"
        ),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED": "False",
    }


def test_a_migration_gets_libpqs_settings_and_none_of_airflows(database, cache, monkeypatch):
    seen = []
    monkeypatch.setattr(metadata, "migrate_airflow", lambda *given: seen.append(given))
    database._migrate()

    [(url, environ, log, _python)] = seen
    assert url.startswith("postgresql+psycopg2://")
    assert environ == {"PATH": "/bin", "PGPASSWORD": "x", "DAGPROOF_CACHE": str(cache)}
    assert log.parent == cache
    assert list(cache.iterdir()) == []


def test_a_migration_that_fails_leaves_its_log_and_tells_no_password(database, monkeypatch):
    logs = []

    def fail(url, _environ, log, _python):
        logs.append(log)
        log.write_text("why")
        raise UnavailableError(f"failed at {url}: s@kret")

    monkeypatch.setattr(metadata, "migrate_airflow", fail)
    with pytest.raises(UnavailableError) as refusal:
        database._migrate()
    assert str(refusal.value).startswith("failed at postgresql+psycopg2://me:***@db/tests")
    assert str(refusal.value).endswith(": ***")
    assert Path(logs[0]).read_text() == "why"
    assert logs[0].stat().st_mode & 0o077 == 0


def test_a_cache_folder_that_cannot_be_written_is_told(database, cache):
    cache.write_text("a file")
    with pytest.raises(UnavailableError, match="set `DAGPROOF_CACHE` to another folder"):
        database._migrate()


def test_versions_of_packages_that_are_not_installed_are_told_apart(monkeypatch):
    def version(name):
        if name == "apache-airflow":
            raise metadata.PackageNotFoundError
        return "3.3.2"

    monkeypatch.setattr(metadata, "version", version)
    assert metadata.versions() == {
        "recipe": "1",
        "apache-airflow-core": "3.3.2",
        "apache-airflow": "-",
    }
