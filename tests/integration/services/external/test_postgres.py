"""A database that exists already: whose it is, and how it gets clean."""

import psycopg2
import pytest
from integration.external_urls import OWNER, administrator, cursor_of, new_database

from dagproof.model import UnavailableError
from dagproof.services.external import metadata

MIGRATION = """
    CREATE TABLE pool (id serial PRIMARY KEY, name text UNIQUE);
    CREATE TABLE run (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pool int REFERENCES pool,
        doubled int GENERATED ALWAYS AS (pool * 2) STORED);
    CREATE TYPE state AS ENUM ('on', 'off');
    CREATE TABLE task ("order" int, state state, run bigint REFERENCES run ON DELETE RESTRICT);
    INSERT INTO pool (name) VALUES ('default');
    INSERT INTO run (pool) VALUES (1);
    INSERT INTO task VALUES (1, 'on', 1);
"""


@pytest.fixture
def migrations(monkeypatch):
    """Let a small schema stand for Airflow's; give the addresses that were migrated."""
    seen = []

    def migrate(url, environ, log, python):
        seen.append(url)
        with cursor_of(url.replace("+psycopg2", "")) as cursor:
            cursor.execute(MIGRATION)

    monkeypatch.setattr(metadata, "migrate_airflow", migrate)
    return seen


def rows(url):
    with cursor_of(url) as cursor:
        found = []
        for table in ("pool", "run", "task"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            found.append(cursor.fetchall())
        return found


CLEAN = [[(1, "default")], [(1, 1, 2)], [(1, "on", 1)]]


def test_a_reset_brings_rows_sequences_and_nothing_else_back(url, migrations, hold):
    with hold(url) as tenancy:
        tenancy.wait()
        assert rows(url) == CLEAN
        with cursor_of(url) as cursor:
            cursor.execute("INSERT INTO pool (name) VALUES ('more')")
            cursor.execute("INSERT INTO run (pool) VALUES (1), (2)")
            cursor.execute("UPDATE task SET state = 'off'")
            cursor.execute("CREATE VIEW pools AS SELECT * FROM pool")
            cursor.execute("CREATE DOMAIN short AS text CHECK (length(value) < 9)")
            cursor.execute("CREATE TYPE pair AS (a int, b int)")
            cursor.execute("CREATE AGGREGATE most(int) (SFUNC = int4larger, STYPE = int)")
            cursor.execute("CREATE TABLE parts (a int) PARTITION BY LIST (a)")
            cursor.execute("CREATE TABLE part PARTITION OF parts DEFAULT")
        tenancy.reset()

        assert rows(url) == CLEAN
        with cursor_of(url) as cursor:
            cursor.execute("INSERT INTO run (pool) VALUES (1) RETURNING id")
            assert cursor.fetchall() == [(2,)], "the sequence goes on where it stood"
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p', 'v', 'c') ORDER BY 1"
            )
            assert cursor.fetchall() == [("pool",), ("run",), ("task",)]
            cursor.execute("SELECT to_regtype('short'), to_regproc('most')")
            assert cursor.fetchall() == [(None, None)]
    assert len(migrations) == 1


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE task ADD COLUMN note text",
        "DROP TABLE task",
        "DROP INDEX extra; CREATE INDEX extra ON pool (id, name)",
        "ALTER TABLE task DROP CONSTRAINT task_run_fkey",
        "ALTER TABLE pool DISABLE TRIGGER watch",
        "ALTER TABLE pool ALTER name SET DEFAULT 'x'",
    ],
)
def test_tables_that_a_test_changed_are_made_anew(url, migrations, monkeypatch, change, hold):
    monkeypatch.setattr(
        f"{__name__}.MIGRATION",
        MIGRATION
        + "CREATE INDEX extra ON pool (name);"
        + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        + "CREATE TRIGGER watch BEFORE INSERT ON pool FOR EACH ROW EXECUTE FUNCTION f();",
    )
    with hold(url) as tenancy:
        tenancy.wait()
        tenancy.reset()
        assert len(migrations) == 1
        with cursor_of(url) as cursor:
            cursor.execute(change)
        tenancy.reset()

        assert len(migrations) == 2
        assert rows(url) == CLEAN
        tenancy.reset()
        assert len(migrations) == 2


def test_rows_go_also_where_tables_refer_to_each_other_in_a_circle(
    url, migrations, monkeypatch, hold
):
    circle = "ALTER TABLE pool ADD COLUMN first bigint REFERENCES run;"
    monkeypatch.setattr(f"{__name__}.MIGRATION", MIGRATION.partition("INSERT")[0] + circle)
    with hold(url) as tenancy:
        tenancy.wait()
        with cursor_of(url) as cursor:
            cursor.execute(
                "INSERT INTO pool (name) VALUES ('a'); INSERT INTO run (pool) VALUES (1)"
            )
            cursor.execute("UPDATE pool SET first = 1")
        tenancy.reset()

        assert rows(url) == [[], [], []]
    assert len(migrations) == 1


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE TABLE orders (id int)", "table `public.orders`"),
        ("CREATE SCHEMA shop CREATE VIEW v AS SELECT 1", "view `shop.v`"),
        ("CREATE TYPE mood AS ENUM ('a')", "type `public.mood`"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function `public.f()`"),
        ("CREATE SEQUENCE numbers", "sequence `public.numbers`"),
        ("SELECT lo_create(77)", "large object `77`"),
        ("CREATE SCHEMA dagproof CREATE TABLE x (id int)", "schema `dagproof` without"),
        ("CREATE SCHEMA dagproof CREATE TABLE mark (document jsonb)", "made for another database"),
    ],
)
def test_a_database_that_is_not_empty_is_refused_and_stays_as_it_is(
    url, migrations, made, named, refusal
):
    with cursor_of(url) as cursor:
        cursor.execute(made)
    text = refusal(url)

    assert named in text
    assert "neither empty nor marked" in text
    assert url.rpartition("/")[2] in text
    assert migrations == []
    with cursor_of(url) as cursor, pytest.raises(psycopg2.Error, match="already exists"):
        cursor.execute(made)


@pytest.mark.parametrize("under", ["another name", "the same name"])
def test_a_copy_of_a_marked_database_is_not_ours(server, url, migrations, under, hold, refusal):
    name = url.rpartition("/")[2]
    with hold(url) as tenancy:
        tenancy.wait()
    copy = new_database(server, f"copy_of_{name}", template=name)
    if under == "the same name":  # as when a dump is restored
        with administrator(server) as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            cursor.execute(f'ALTER DATABASE "copy_of_{name}" RENAME TO "{name}"')
        copy = url

    assert "a mark of dagproof that was made for another database" in refusal(copy)
    assert rows(copy) == CLEAN


def test_a_database_that_was_renamed_is_asked_about_again(
    server, url, migrations, hold, refusal, swap
):
    name = url.rpartition("/")[2]
    with hold(url) as tenancy:
        tenancy.wait()
    with administrator(server) as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "renamed_{name}"')

    assert "made for another database" in refusal(swap(url, name=f"renamed_{name}"))


def test_what_was_there_before_the_mark_and_holds_nothing_stays(server, url, migrations, hold):
    with administrator(server, url.rpartition("/")[2]) as cursor:
        cursor.execute(f"CREATE SCHEMA before AUTHORIZATION {OWNER}")
    with hold(url) as tenancy:
        tenancy.wait()
        with cursor_of(url) as cursor:
            cursor.execute("CREATE TABLE before.t (id int)")
            cursor.execute("CREATE SCHEMA after")
        tenancy.reset()
        with cursor_of(url) as cursor:
            cursor.execute(
                "SELECT to_regnamespace('before'), to_regclass('before.t'), "
                "to_regnamespace('after')"
            )
            assert cursor.fetchall() == [("before", None, None)]


def test_a_migration_that_was_interrupted_begins_anew(url, migrations, monkeypatch, hold, refusal):
    def interrupted(url, environ, log, python):
        with cursor_of(url.replace("+psycopg2", "")) as cursor:
            cursor.execute("CREATE TABLE half (id int)")
        raise UnavailableError(f"interrupted at {url}")

    with monkeypatch.context() as patch:
        patch.setattr(metadata, "migrate_airflow", interrupted)
        assert "interrupted at" in refusal(url)
    told = []
    with hold(url, told.append) as tenancy:
        tenancy.wait()
        assert rows(url) == CLEAN
        with cursor_of(url) as cursor:
            cursor.execute("SELECT to_regclass('half')")
            assert cursor.fetchall() == [(None,)]
    assert any("Migrating" in sentence for sentence in told)


def test_a_database_of_another_airflow_is_migrated_anew(url, migrations, monkeypatch, hold):
    with hold(url) as tenancy:
        tenancy.wait()
    with hold(url) as tenancy:
        tenancy.wait()
    assert len(migrations) == 1
    monkeypatch.setattr(metadata, "versions", lambda: {"apache-airflow-core": "9.9"})
    with hold(url) as tenancy:
        tenancy.wait()
        assert rows(url) == CLEAN
    assert len(migrations) == 2


def test_a_session_that_a_test_forgot_does_not_hold_a_reset_up(url, migrations, hold):
    with hold(url) as tenancy:
        tenancy.wait()
        forgotten = psycopg2.connect(url)
        forgotten.cursor().execute("LOCK TABLE pool")
        tenancy.reset()

        with pytest.raises(psycopg2.Error):
            forgotten.cursor().execute("SELECT 1")


def test_a_session_of_somebody_else_is_not_ended_but_told(
    server, url, migrations, monkeypatch, hold
):
    with hold(url) as tenancy:
        tenancy.wait()
        with administrator(server, url.rpartition("/")[2]) as cursor:
            cursor.execute("BEGIN; LOCK TABLE pool")
            with pytest.raises(UnavailableError, match="Somebody else works in it"):
                tenancy.reset()
            cursor.execute("ROLLBACK")
        tenancy.reset()


def test_a_lost_connection_is_made_anew_and_the_lock_with_it(
    server, url, migrations, hold, refusal
):
    name = url.rpartition("/")[2]
    with hold(url) as tenancy:
        tenancy.wait()
        with administrator(server) as cursor:
            ours = "FROM pg_stat_activity WHERE datname = %s AND application_name ~ '^dagproof'"
            cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) {ours}", (name,))
            assert cursor.fetchall() == [(True,)]
        tenancy.reset()
        assert "is in use by `dagproof, process" in refusal(url)


def test_a_database_that_is_dropped_in_the_middle_is_told(server, url, migrations, hold):
    name = url.rpartition("/")[2]
    with hold(url) as tenancy:
        tenancy.wait()
        with administrator(server) as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        with pytest.raises(UnavailableError, match=r"does not exist\). Create it, empty"):
            tenancy.reset()
