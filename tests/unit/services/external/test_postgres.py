"""A session in a database that exists already, played by a few answers."""

import psycopg2
import pytest

from dagproof.model import UnavailableError
from dagproof.services.external import holder, postgres, urls

URL = urls.postgres({"DAGPROOF_POSTGRES_URL": "postgresql://me:sekret@db/tests"})


class Connection:
    """A connection that answers by what is in a statement; an answer may be an error."""

    def __init__(self, **answers):
        self.answers = {
            "server_version_num": 150000,
            "pg_try_advisory_lock": True,
            "count(*)": 1,
            **answers,
        }
        self.said = []
        self.closed = 0

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, statement, _values=()):
        self.said.append(statement)
        self.found = next((v for k, v in self.answers.items() if k in statement), None)
        if isinstance(self.found, list):
            self.found = self.found.pop(0)
        if isinstance(self.found, Exception):
            raise self.found

    def fetchone(self):
        return self.found if isinstance(self.found, tuple | None) else (self.found,)

    def close(self):
        self.closed = 1


@pytest.fixture
def connect(monkeypatch):
    """Give a function that says what connecting does; give the options that were used."""
    monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(postgres, "_POLL_SECONDS", 0.01)
    asked = []

    def prepare(*outcomes):
        waiting = list(outcomes)

        def connect(url, **options):
            asked.append((url, options))
            outcome = waiting.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(psycopg2, "connect", connect)
        return asked

    return prepare


def session():
    return postgres.Session(URL, holder.this_process("gw0"))


def failing(code, text="permission denied"):
    return type("Refused", (psycopg2.OperationalError,), {"pgcode": code})(text)


def test_it_says_who_it_is_and_waits_for_nothing_for_ever(connect):
    connection = Connection()
    asked = connect(connection)
    session().open()
    [(url, options)] = asked

    assert url == URL.libpq
    assert options["connect_timeout"] == 5
    assert options["application_name"].startswith("dagproof, process ")
    assert len(options["application_name"]) <= 63
    for setting in ("lock_timeout = '10s'", "idle_session_timeout = 0", "search_path = pg_catalog"):
        assert any(setting in statement for statement in connection.said)


def test_an_older_server_is_not_given_what_it_does_not_know(connect):
    connection = Connection(server_version_num=130000)
    connect(connection)
    session().open()

    assert not any("idle_session_timeout" in statement for statement in connection.said)


def test_it_stays_while_it_holds_the_lock_and_is_made_anew_when_not(connect):
    first, second, third = Connection(), Connection(), Connection()
    asked = connect(first, second, third)
    held = session()
    held.open()
    held.open()
    assert len(asked) == 1

    first.answers["count(*)"] = 0
    held.open()
    assert (len(asked), first.closed) == (2, 1)
    second.answers["count(*)"] = psycopg2.InterfaceError("gone")
    held.open()
    assert (len(asked), second.closed) == (3, 1)
    held.close()
    held.close()
    assert third.closed


def test_a_connection_that_was_lost_is_put_away(connect):
    connection = Connection(work=psycopg2.OperationalError("terminating connection"))
    connect(connection)
    held = session()
    held.open()
    connection.closed = 2
    with pytest.raises(UnavailableError, match="terminating"), held.transaction() as cursor:
        cursor.execute("work")
    with pytest.raises(UnavailableError, match="is not open"), held.transaction():
        pass


def test_a_lock_that_gets_free_is_waited_for(connect):
    connection = Connection(pg_try_advisory_lock=[False, False, True])
    connect(connection)
    session().open()

    assert connection.answers["pg_try_advisory_lock"] == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (("dagproof, process 7", 42, "10.0.0.1"), "`dagproof, process 7`, from 10.0.0.1, .* 42"),
        (None, "somebody who has just left"),
    ],
)
def test_whoever_keeps_the_lock_is_told(connect, found, said):
    connection = Connection(pg_try_advisory_lock=False, application_name=found)
    connect(connection)
    with pytest.raises(UnavailableError, match=f"is in use by {said}.*`{{worker}}`"):
        session().open()
    assert connection.closed


def test_a_parameter_that_libpq_does_not_know_is_told_without_the_address(connect):
    connect(psycopg2.ProgrammingError('invalid dsn: "postgresql://me:sekret@db"'))
    with pytest.raises(UnavailableError, match="that libpq does not know") as refusal:
        session().open()
    assert "sekret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (psycopg2.OperationalError("password authentication failed"), "Check the user and the"),
        (psycopg2.OperationalError("fe_sendauth: no password supplied"), "set `PGPASSWORD`"),
        (psycopg2.OperationalError('database "x" does not exist'), "dagproof makes no databases"),
        (psycopg2.OperationalError('role "x" does not exist'), "Check `DAGPROOF_POSTGRES_URL`"),
        (psycopg2.OperationalError("sekret refused"), "(*** refused). Check `DAGPROOF_POSTGRES"),
    ],
)
def test_what_keeps_from_connecting_has_its_own_advice(connect, error, advice):
    connect(error)
    with pytest.raises(UnavailableError) as refusal:
        session().open()
    assert advice in str(refusal.value)
    assert "database `tests` at `db:5432` cannot be used" in str(refusal.value)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("42501", "Use a user who owns the database"),
        ("25006", "Use a user who owns the database"),
        ("55P03", "Somebody else works in it"),
        ("XX000", "Check `DAGPROOF_POSTGRES_URL`"),
    ],
)
def test_what_the_server_refuses_has_its_own_advice(connect, code, advice):
    connect(Connection(work=failing(code)))
    held = session()
    held.open()
    with pytest.raises(UnavailableError, match=advice), held.transaction() as cursor:
        cursor.execute("work")


def test_a_server_that_refuses_its_settings_is_left(connect):
    connection = Connection(server_version_num=failing("25006"))
    connect(connection)
    with pytest.raises(UnavailableError, match="cannot be used"):
        session().open()
    assert connection.closed


def test_a_database_without_a_name_is_the_default_one():
    url = urls.postgres({"DAGPROOF_POSTGRES_URL": "postgresql://db"})

    assert postgres.Session(url, holder.this_process("main")).where == (
        "The default database at `db:5432`"
    )
