"""The environment of members: Airflow's configuration, and secrets that nobody has twice."""

import json
import stat
from pathlib import Path

import pytest

from dagproof.cluster import surroundings
from dagproof.cluster.naming import MEMBER, hostname
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.surroundings import bundles, import_paths, member_environment
from dagproof.config import Settings

SECRETS = (
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
)


@pytest.fixture
def environment(tmp_path):
    place = ClusterPlace(tmp_path / "cluster")
    place.make()
    place.renew()
    settings = Settings(tmp_path, (tmp_path / "dags", tmp_path / "more"))

    def make(broker="redis+socket:///s?virtual_host=0"):
        return place, member_environment(place, settings, 8123, broker, "word")

    return make


def test_everything_airflow_writes_goes_to_the_place_of_the_cluster(environment, tmp_path):
    place, found = environment()

    assert found["AIRFLOW_HOME"] == str(place.home)
    assert found["AIRFLOW__LOGGING__BASE_LOG_FOLDER"].startswith(str(place.folder))
    assert found["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path / "dags")
    assert found["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(place.home / "plugins")
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_password_is_in_a_file_for_airflow_alone(environment):
    place, found = environment()

    assert found["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == str(place.passwords)
    assert json.loads(place.passwords.read_text()) == {"admin": "word"}
    assert stat.S_IMODE(place.passwords.stat().st_mode) == 0o600
    assert "word" not in found.values()


def test_secrets_differ_from_one_cluster_to_the_next(environment):
    (_, one), (_, other) = environment(), environment()
    for name in SECRETS:
        assert one[name] != other[name]
        assert len(one[name]) >= 32


@pytest.mark.parametrize(
    ("broker", "ignores", "expected"),
    [
        ("redis+socket:///s", True, "60"),
        ("redis+socket:///s", False, None),  # a long task would be failed
        ("sqla+postgresql://x", True, None),
    ],
)
def test_only_redis_hands_out_messages_again_and_where_that_fails_no_task(
    environment, monkeypatch, broker, ignores, expected
):
    monkeypatch.setattr(surroundings, "ignores_repetition", lambda: ignores)
    name = "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"
    assert environment(broker)[1].get(name) == expected


def test_each_dags_folder_is_a_bundle():
    found = json.loads(bundles([Path("/a"), Path("/b")]))
    assert [(one["name"], one["kwargs"]["path"]) for one in found] == [
        ("dags", "/a"),
        ("dags-2", "/b"),
    ]


def test_own_folders_come_before_those_of_the_shell():
    settings = Settings(Path("/r"), (Path("/r/dags"),), pythonpath=(Path("/r/lib"),))
    assert import_paths(settings, {"PYTHONPATH": "/x"}) == "/r/lib:/x"
    assert import_paths(settings, {}) == "/r/lib"


def test_host_is_the_member(monkeypatch):
    monkeypatch.setenv(MEMBER, "worker-2")
    assert hostname() == "worker-2"
    monkeypatch.delenv(MEMBER)
    assert hostname()
