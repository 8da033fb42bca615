"""Postgres in a container: when it is there, and what it remembers of migrations."""

import contextlib
import itertools
import threading

import psycopg2
import pytest

from dagproof.model import UnavailableError
from dagproof.services.containers.cluster import ContainerCluster

SOUND = b"CREATE TABLE x ();\n--\n-- PostgreSQL database dump complete\n--\n\n"


class FakeBox:
    """A container whose Postgres does what it is told."""

    host, port = "127.0.0.1", 32768

    def __init__(self):
        self.there = True
        self.files = {}
        self.ran = []
        self.broken = ""
        self.removed = False

    def alive(self):
        return self.there

    def failure(self, sentence):
        return UnavailableError(sentence)

    def put(self, folder, name, data):
        self.files[f"{folder}/{name}"] = data

    def carry_out(self, command):
        self.ran.append(command)
        if command[0] == self.broken:
            raise UnavailableError(f"`{command[0]}` fails")
        return SOUND

    def remove(self):
        self.removed = True


class FakeEngine:
    """Starts one box, and keeps what it was started from."""

    def __init__(self):
        self.box = FakeBox()
        self.recipe = None

    def start(self, recipe):
        self.recipe = recipe
        return self.box


class Cluster(ContainerCluster):
    """One that writes its statements down."""

    def __init__(self, engine, dumps):
        super().__init__(engine, "postgres:17", 0, dumps)
        self.said = []

    @contextlib.contextmanager
    def cursor(self, database="postgres"):
        said = self.said

        class Cursor:
            def execute(self, statement, values=()):
                said.append(statement)

        yield Cursor()


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def cluster(engine, tmp_path):
    return Cluster(engine, tmp_path / "dumps")


def test_its_addresses_differ_inside_and_outside_and_hold_a_password_of_its_own(cluster, engine):
    word = engine.recipe.environment["POSTGRES_PASSWORD"]

    assert cluster.url("x") == f"postgresql+psycopg2://dagproof:{word}@127.0.0.1:32768/x"
    assert cluster.url_inside("x") == f"postgresql+psycopg2://dagproof:{word}@postgres:5432/x"
    assert len(word) == 32
    assert ("-c", "fsync=off") in set(itertools.pairwise(engine.recipe.command))


def test_a_database_is_migrated_once_and_then_copied(cluster):
    built = []
    first = cluster.template("airflow_1", built.append)
    second = cluster.template("airflow_1", built.append)

    assert first == second == "template_airflow_1"
    assert built == ["building_airflow_1"]
    assert cluster.said[-1] == 'ALTER DATABASE "building_airflow_1" RENAME TO "template_airflow_1"'


def test_the_next_keeper_reads_the_dump_in_place_of_a_migration(cluster, engine, tmp_path):
    cluster.template("airflow_1", lambda _: None)
    later = Cluster(engine, tmp_path / "dumps")
    built = []
    later.template("airflow_1", built.append)

    assert built == []
    assert engine.box.files == {"/tmp/airflow_1.sql": SOUND}
    assert engine.box.ran[-1][0] == "psql"
    assert "--single-transaction" in engine.box.ran[-1]
    assert [file.name for file in (tmp_path / "dumps").iterdir()] == ["airflow_1.sql"]


@pytest.mark.parametrize("damage", [b"", SOUND[:20], b"x" * 1000])
def test_a_dump_that_is_cut_off_is_not_read(cluster, engine, tmp_path, damage):
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "airflow_1.sql").write_bytes(damage)
    built = []
    cluster.template("airflow_1", built.append)

    assert built == ["building_airflow_1"]
    assert [command[0] for command in engine.box.ran] == ["pg_dump"]
    assert (tmp_path / "dumps" / "airflow_1.sql").read_bytes() == SOUND


def test_a_dump_that_cannot_be_read_gives_way_to_a_migration(cluster, engine, tmp_path):
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "airflow_1.sql").write_bytes(SOUND)
    engine.box.broken = "psql"
    built = []
    cluster.template("airflow_1", built.append)

    assert built == ["building_airflow_1"]
    creations = [one for one in cluster.said if one.startswith("CREATE DATABASE")]
    assert len(creations) == 2


def test_a_dump_that_cannot_be_kept_is_done_without(engine, tmp_path):
    (tmp_path / "file").touch()
    cluster = Cluster(engine, tmp_path / "file" / "dumps")

    assert cluster.template("airflow_1", lambda _: None) == "template_airflow_1"


def test_a_migration_that_fails_is_tried_again(cluster):
    def fails(_):
        raise UnavailableError("`airflow db migrate` failed")

    with pytest.raises(UnavailableError, match="migrate"):
        cluster.template("airflow_1", fails)
    built = []
    cluster.template("airflow_1", built.append)

    assert built == ["building_airflow_1"]


def test_two_tenants_that_need_the_same_wait_for_one_migration(cluster):
    begun, go, built = threading.Event(), threading.Event(), []

    def slow(name):
        begun.set()
        assert go.wait(5)
        built.append(name)

    one = threading.Thread(target=cluster.template, args=("airflow_1", slow))
    one.start()
    assert begun.wait(5)
    two = threading.Thread(target=cluster.template, args=("airflow_1", built.append))
    two.start()
    cluster.template("mlflow_1", built.append)
    go.set()
    one.join(5)
    two.join(5)

    assert built == ["building_mlflow_1", "building_airflow_1"]


def test_it_waits_until_postgres_answers(engine, tmp_path, monkeypatch):
    answers = [psycopg2.OperationalError("the database system is starting up")] * 2
    checked = []

    class Connection:
        def cursor(self):
            return None

        def close(self):
            return None

    def connect(**_):
        if answers:
            raise answers.pop()
        return Connection()

    monkeypatch.setattr(psycopg2, "connect", connect)
    ContainerCluster(engine, "i", 0, tmp_path).wait(lambda: checked.append(1))

    assert len(checked) == 2


@pytest.mark.parametrize(
    ("there", "sentence"),
    [(False, "container of Postgres has ended"), (True, "Postgres does not answer in")],
)
def test_a_postgres_that_never_answers_is_told(engine, tmp_path, monkeypatch, there, sentence):
    def connect(**_):
        raise psycopg2.OperationalError("refused")

    monkeypatch.setattr(psycopg2, "connect", connect)
    monkeypatch.setattr("dagproof.services.containers.cluster._START_SECONDS", 0.05)
    engine.box.there = there

    with pytest.raises(UnavailableError, match=sentence):
        ContainerCluster(engine, "i", 0, tmp_path).wait(lambda: None)


def test_a_statement_that_postgres_refuses_is_told(engine, tmp_path, monkeypatch):
    class Connection:
        closed = False

        def cursor(self):
            raise psycopg2.ProgrammingError("syntax error")

        def close(self):
            Connection.closed = True

    monkeypatch.setattr(psycopg2, "connect", lambda **_: Connection())
    cluster = ContainerCluster(engine, "i", 0, tmp_path)

    with pytest.raises(UnavailableError, match="Postgres refuses: syntax error"), cluster.cursor():
        pass
    assert Connection.closed
    cluster.remove()
    assert engine.box.removed
