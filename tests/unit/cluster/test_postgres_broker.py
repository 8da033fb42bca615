"""When a broker in Postgres notes what is taken, and when it gives that back."""

import contextlib

import pytest

from dagproof.cluster import postgres_broker
from dagproof.cluster.postgres_broker import LOST_SECONDS, PostgresBroker

URL = "postgresql+psycopg2://u:p@h/d"


class FakeDatabase:
    """A database that answers with some ids, or not at all."""

    def __init__(self):
        self.answers = True
        self.taken = [4, 7]
        self.asked = []

    @contextlib.contextmanager
    def cursor(self, url, seconds):
        assert (url, seconds) == (URL, 2)
        if not self.answers:
            raise OSError("it does not")
        yield self

    def execute(self, query, arguments):
        self.asked.append((query.split()[0], *arguments))

    def fetchall(self):
        return [(one,) for one in self.taken]


@pytest.fixture
def database(monkeypatch):
    found = FakeDatabase()
    monkeypatch.setattr(postgres_broker, "database_cursor", found.cursor)
    return found


@pytest.fixture
def moment():
    return [100.0]


@pytest.fixture
def broker(moment):
    return PostgresBroker({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": URL}, lambda: moment[0])


def test_broker_in_postgres_is_the_metadata_database(broker):
    assert broker.url == f"sqla+{URL}"


def test_nothing_is_asked_while_no_worker_ends(broker, database):
    broker.look_after()
    assert database.asked == []


def test_what_is_taken_when_a_worker_ends_is_looked_at_once_more(broker, database, moment):
    broker.worker_ended()
    broker.look_after()
    moment[0] += LOST_SECONDS - 0.1
    broker.look_after()
    assert database.asked == [("SELECT",)]

    database.taken = [4, 7, 8]
    moment[0] += 0.1
    broker.look_after()
    broker.look_after()
    assert database.asked == [("SELECT",), ("UPDATE", [4, 7])]


def test_each_ended_worker_has_a_time_of_its_own(broker, database, moment):
    broker.worker_ended()
    broker.look_after()
    moment[0] += 5
    database.taken = [9]
    broker.worker_ended()
    broker.look_after()
    moment[0] += LOST_SECONDS - 5
    broker.look_after()
    assert database.asked[2:] == [("UPDATE", [4, 7])]

    moment[0] += 5
    broker.look_after()
    assert database.asked[3:] == [("UPDATE", [9])]


def test_database_that_does_not_answer_is_asked_again(broker, database, moment):
    database.answers = False
    broker.worker_ended()
    broker.look_after()
    database.answers = True
    broker.look_after()
    assert database.asked == [("SELECT",)]

    database.answers = False
    moment[0] += LOST_SECONDS
    broker.look_after()
    database.answers = True
    broker.look_after()
    assert database.asked == [("SELECT",), ("UPDATE", [4, 7])]
