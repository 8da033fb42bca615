"""A hold on several services: none is touched before all were looked at."""

import threading

import pytest

from dagproof.model import UnavailableError, UsageError
from dagproof.services.external import external, tenancy


class Claim:
    """Writes down what is asked of it."""

    def __init__(self, name, log, refuses=()):
        self.name, self.log, self.refuses = name, log, refuses

    def environment(self):
        return {self.name.upper(): "address"}

    def _act(self, verb):
        self.log.append(f"{verb} {self.name}")
        if verb in self.refuses:
            raise UnavailableError(f"{self.name} refuses to {verb}")

    def inspect(self):
        self._act("inspect")

    def prepare(self, progress):
        progress(f"prepare {self.name}")
        self._act("prepare")

    def reset(self, _progress):
        self._act("reset")

    def release(self):
        self._act("release")


def hold(log, **refusals):
    claims = {name: Claim(name, log, refusals.get(name, ())) for name in ("postgres", "s3")}
    return tenancy.ExternalTenancy(claims, {"EXTRA": "1"}, log.append)


def test_its_environment_is_known_before_anything_is_asked():
    log = []

    assert hold(log).environment == {"EXTRA": "1", "POSTGRES": "address", "S3": "address"}
    assert log == []


def test_all_are_inspected_before_one_is_prepared_and_that_happens_once():
    log = []
    held = hold(log)
    held.wait()
    held.wait()
    held.reset()

    assert sorted(log[:2]) == ["inspect postgres", "inspect s3"]
    assert sorted(set(log[2:6])) == ["prepare postgres", "prepare s3"]
    assert sorted(log[6:]) == ["reset postgres", "reset s3"]


def test_where_one_refuses_none_is_prepared():
    log = []
    with pytest.raises(UnavailableError, match="s3 refuses to inspect"):
        hold(log, s3=["inspect"]).wait()
    assert [entry for entry in log if "prepare" in entry] == []


def test_a_service_that_has_gone_does_not_keep_the_others():
    log = []
    hold(log, postgres=["release"]).close()

    assert log == ["release postgres", "release s3"]


def test_leaving_waits_only_a_little_for_work_that_still_goes_on(monkeypatch):
    monkeypatch.setattr(tenancy, "_LEAVE_SECONDS", 0.01)
    log, began, go_on = [], threading.Event(), threading.Event()
    held = hold(log)

    def work():
        with held._lock:
            began.set()
            go_on.wait(5)

    worker = threading.Thread(target=work)
    worker.start()
    began.wait(5)
    held.close()
    assert log == ["release postgres", "release s3"]
    assert worker.is_alive()
    go_on.set()
    worker.join()


def test_only_what_is_wanted_needs_an_address(monkeypatch):
    monkeypatch.setattr(tenancy, "require_clients", lambda _wanted: None)
    environ = {
        "DAGPROOF_POSTGRES_URL": "postgresql://me:sekret@db/tests",
        "DAGPROOF_MLFLOW_URL": "http://me:sekret@host:5000",
        "HTTP_PROXY": "http://proxy",
    }
    with external(["postgres", "mlflow"], environ) as held:
        found = held.environment
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://me")
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"].startswith("postgresql+asyncpg://me")
    assert found["MLFLOW_TRACKING_URI"] == "http://host:5000"
    assert found["MLFLOW_TRACKING_USERNAME"] == "me"
    assert found["MLFLOW_TRACKING_PASSWORD"] == "sekret"
    assert "127.0.0.1" in found["NO_PROXY"]
    with pytest.raises(UsageError, match="DAGPROOF_S3_URL"), external(["s3"], environ):
        pass


def test_a_service_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="no service `minio`"), external(["minio"], {}):
        pass
