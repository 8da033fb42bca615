"""How a Postgres is asked that may not answer."""

import psycopg2
import pytest

from dagproof.services.postgres_cursor import database_cursor


class FakeConnection:
    """A connection that notes whether it was closed."""

    autocommit = False
    closed = False

    def cursor(self):
        return self

    def execute(self, query):
        self.asked.append(query)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def close(self):
        self.closed = True


@pytest.fixture
def connection(monkeypatch):
    found = FakeConnection()
    found.asked = []

    def connect(dsn, **options):
        found.asked.append((dsn, options))
        return found

    monkeypatch.setattr(psycopg2, "connect", connect)
    return found


def test_driver_of_the_address_is_left_out_and_the_connection_closed(connection):
    with database_cursor("postgresql+psycopg2://u:p%40w@h:1/d", 3) as cursor:
        assert cursor is connection
        assert connection.autocommit
        assert not connection.closed
    assert connection.asked == [
        ("postgresql://u:p%40w@h:1/d", {"connect_timeout": 3}),
        "SET statement_timeout = '3s'",
        "SET lock_timeout = '3s'",
    ]
    assert connection.closed


def test_lock_is_waited_for_less_long_than_a_statement_may_take(connection):
    with database_cursor("postgresql://h/d", 30):
        pass
    assert connection.asked[1:] == ["SET statement_timeout = '30s'", "SET lock_timeout = '5s'"]


def test_one_that_stops_to_answer_is_an_os_error_and_closed(connection):
    with (
        pytest.raises(OSError, match=r"^server closed the connection$"),
        database_cursor("postgresql://h/d", 3),
    ):
        raise psycopg2.OperationalError("server closed the connection\n")
    assert connection.closed


def test_refused_statement_is_an_os_error(connection):
    with pytest.raises(OSError, match="no such table"), database_cursor("postgresql://h/d", 3):
        raise psycopg2.ProgrammingError("no such table")
    assert connection.closed


def test_one_that_does_not_answer_is_an_os_error():
    with pytest.raises(OSError, match="refused"), database_cursor("postgresql://127.0.0.1:1/d", 1):
        pytest.fail("there is none")
