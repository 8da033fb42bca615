"""Only what is among the services is looked at, and whatever goes wrong is one sentence."""

import pytest

from dagproof.model import LoggedRun, LoggedVersion, Snapshot, Stored, TableState, UnavailableError
from dagproof.services.snapshots import observer as module
from dagproof.services.snapshots.experiments import Logged
from dagproof.services.snapshots.objects import Listed
from dagproof.services.snapshots.observer import Observer

ALL = {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://db",
    "MLFLOW_TRACKING_URI": "http://mlflow",
    "AWS_ENDPOINT_URL": "http://s3",
}
RUN = LoggedRun("r", "e", "fit", "FINISHED")


@pytest.fixture
def below(monkeypatch):
    """Everything below, faked; each is asked only where it is among the services."""

    class Objects:
        def __init__(self, environment):
            pass

        def listed(self, cut, roots):
            assert roots == ("s3://a/1/",)
            cut.append("cut.")
            return [Listed("b", "y", 1, "e"), Listed("b", "x", 1, "e")]

        def described(self, one, digests):
            return Stored(one.address, one.size, one.etag)

    states = [TableState("public.b", 1), TableState("public.a", 1)]
    monkeypatch.setattr(module.objects, "Objects", Objects)
    monkeypatch.setattr(module.tables, "own", lambda url: "own")
    monkeypatch.setattr(module.tables, "states", lambda url, own, cut: states)
    told = Logged(runs=(RUN,), versions=(LoggedVersion("m", "1"),), roots=("s3://a/1/",))
    monkeypatch.setattr(module.experiments, "logged", lambda environment, cut: told)


@pytest.mark.parametrize("environment", [{}, {"MLFLOW_TRACKING_URI": "sqlite:///x"}])
def test_without_services_nothing_is_there(environment):
    observer = Observer(environment)
    assert observer.begin() == Snapshot()
    assert observer.take() == Snapshot()


def test_all_services_are_looked_at_and_sorted(below):
    observer = Observer(ALL)
    found = observer.begin()
    assert [one.address for one in found.objects] == ["s3://b/x", "s3://b/y"]
    assert [one.name for one in found.tables] == ["public.a", "public.b"]
    assert found.runs == (RUN,)
    assert found.versions == (LoggedVersion("m", "1"),)
    assert found.cut == ("cut.",)
    assert observer.seconds > 0


def test_tables_are_looked_at_only_when_it_is_known_which_are_airflow_s(below):
    assert Observer(ALL).take().tables == ()


def test_files_of_a_data_root_are_looked_at(tmp_path):
    (tmp_path / "x").write_text("1")
    assert [one.address for one in Observer({}, tmp_path).take().files] == ["file:x"]


def test_whatever_goes_wrong_is_one_sentence(below, monkeypatch):
    def fail(*_):
        raise ValueError("the store\nis gone.")

    monkeypatch.setattr(module.experiments, "logged", fail)
    with pytest.raises(UnavailableError) as refusal:
        Observer(ALL).take()
    assert str(refusal.value) == "What the services hold cannot be read (the store is gone)."


def test_a_sentence_of_ours_stays_as_it_is(below, monkeypatch):
    def fail(*_):
        raise UnavailableError("boto3 is not installed.")

    monkeypatch.setattr(module.tables, "own", fail)
    with pytest.raises(UnavailableError, match=r"^boto3 is not installed\.$"):
        Observer(ALL).begin()
