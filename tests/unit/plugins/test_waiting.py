"""Questions of sensors are answered with what there is, with None, or by one sentence."""

import os
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mlops import storage, waiting
from mlops.failures import PermanentError
from mlops.mlflow_session import TrackingError
from mlops.storage import StorageError
from mlops.waiting import AliasAwaited, DataAwaited, VersionAwaited


@pytest.fixture
def address(server):
    return os.environ["MLFLOW_TRACKING_URI"]


@pytest.fixture
def taxi(server):
    """A registered model with two versions; `champion` is the first."""
    server.create_registered_model("taxi's")
    for _ in range(2):
        server.create_model_version("taxi's", "file:///nowhere")
    server.set_registered_model_alias("taxi's", "champion", "1")
    return "taxi's"


@pytest.fixture
def dead():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(("version", "found"), [(None, "2"), ("1", "1"), ("2", "2"), ("3", None)])
def test_version_is_found_when_it_is_there(address, taxi, version, found):
    told = VersionAwaited(address, taxi, version).look()
    assert told == (found and {"name": taxi, "version": found, "run_id": None})


def test_version_of_a_model_that_nobody_registered_is_awaited(address):
    assert VersionAwaited(address, "nobody").look() is None
    assert VersionAwaited(address, "nobody", "1").look() is None


def test_version_that_is_not_ready_is_awaited(address, taxi, tmp_path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        store.execute("UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE version = 2")
        store.commit()
    assert VersionAwaited(address, taxi, "2").look() is None
    assert VersionAwaited(address, taxi).look()["version"] == "1"


@pytest.mark.parametrize(
    ("alias", "version", "found"),
    [
        ("champion", None, "1"),
        ("champion", "1", "1"),
        ("champion", "2", None),
        ("staging", None, None),
    ],
)
def test_alias_is_found_when_it_names_the_version(address, taxi, alias, version, found):
    told = AliasAwaited(address, taxi, alias, version).look()
    assert told == (found and {"name": taxi, "version": found, "run_id": None})


def test_alias_of_a_model_that_nobody_registered_is_awaited(address):
    assert AliasAwaited(address, "nobody", "champion").look() is None


@pytest.mark.parametrize(
    "awaited", [lambda at: VersionAwaited(at, "m"), lambda at: AliasAwaited(at, "m", "champion")]
)
def test_registry_that_does_not_answer_is_one_sentence(dead, awaited):
    with pytest.raises(TrackingError, match=rf"MLflow at {dead} does not answer \("):
        awaited(dead).look()


def test_refusal_is_no_answer_either(address, monkeypatch):
    from mlflow import MlflowClient
    from mlflow.exceptions import RestException

    def refuse(*_, **__):
        raise RestException({"error_code": "PERMISSION_DENIED", "message": "not you"})

    monkeypatch.setattr(MlflowClient, "get_model_version_by_alias", refuse)
    with pytest.raises(TrackingError, match="refuses: PERMISSION_DENIED: not you"):
        AliasAwaited(address, "m", "champion").look()


def test_asking_leaves_the_environment_as_it_was(address, taxi, dead):
    before = dict(os.environ)
    VersionAwaited(address, taxi).look()
    with pytest.raises(TrackingError):
        VersionAwaited(dead, taxi).look()
    assert dict(os.environ) == before


def test_data_are_found_when_they_are_there(data_root):
    uri = storage.uri("a", "b.csv")
    assert DataAwaited(uri).look() is None
    storage.write_json(uri, 1)
    os.utime(data_root / "a" / "b.csv", (1000, 1000))
    assert DataAwaited(uri).look() == {"uri": uri, "modified": "1970-01-01T00:16:40+00:00"}


@pytest.mark.parametrize(("newer_than", "found"), [(999.0, True), (1000.0, False), (1e9, False)])
def test_data_are_fresh_when_they_were_written_later(data_root, newer_than, found):
    uri = storage.write_json(storage.uri("b.csv"), 1)
    os.utime(data_root / "b.csv", (1000, 1000))
    assert (DataAwaited(uri, newer_than).look() is not None) is found


def test_folder_is_no_data(data_root):
    (data_root / "a").mkdir(parents=True)
    assert DataAwaited(storage.uri("a")).look() is None


def test_store_that_does_not_answer_is_one_sentence(monkeypatch, dead):
    for name, value in {
        "AWS_ENDPOINT_URL": dead,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageError, match=r"s3://b/c cannot be looked up \("):
        DataAwaited("s3://b/c").look()


@pytest.mark.parametrize(
    ("told", "read"),
    [(None, None), ("", None), ("None", None), ("3", "3"), (3, "3"), (" 12 ", "12")],
)
def test_version_is_read_as_templates_give_it(told, read):
    assert waiting.version_number(told) == read


@pytest.mark.parametrize("told", ["latest", "0", "-1", "1.0", "v1", "²"])
def test_what_is_no_version_is_told(told):
    with pytest.raises(PermanentError, match=f"`{told}` is no version"):
        waiting.version_number(told)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (None, None),
        ("", None),
        ("None", None),
        ("1970-01-01T00:00:10+00:00", 10.0),
        ("1970-01-01T01:00:10+01:00", 10.0),
        ("1970-01-01 00:00:10", 10.0),
        ("1970-01-02", 86400.0),
        (datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC), 10.0),
        (datetime(1970, 1, 1, 2, 0, 10, tzinfo=timezone(timedelta(hours=2))), 10.0),
        (datetime(1970, 1, 1, 0, 0, 10), 10.0),  # noqa: DTZ001 - without a zone it is UTC
    ],
)
def test_moment_is_read_as_templates_give_it(told, read):
    assert waiting.seconds(told) == read


def test_what_is_no_moment_is_told():
    with pytest.raises(PermanentError, match="`yesterday` is no moment"):
        waiting.seconds("yesterday")


@pytest.mark.parametrize(
    ("awaited", "name"),
    [
        (VersionAwaited("", "m"), "`m`"),
        (VersionAwaited("", "m", "3"), "version 3 of `m`"),
        (AliasAwaited("", "m", "champion"), "alias `champion` of `m`"),
        (AliasAwaited("", "m", "champion", "3"), "alias `champion` of `m` for version 3"),
        (DataAwaited("file:///a"), "file:///a"),
        (DataAwaited("file:///a", 0.0), "file:///a newer than 1970-01-01T00:00:00+00:00"),
    ],
)
def test_what_is_awaited_has_a_name(awaited, name):
    assert str(awaited) == name
