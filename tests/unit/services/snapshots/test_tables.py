"""What is asked of Postgres, and what becomes of its answers; the real one is asked elsewhere."""

import sys
from datetime import UTC, datetime

import pytest

from dagproof.model import TableState
from dagproof.services.snapshots import tables as module
from dagproof.services.snapshots.tables import Own, own, states

URL = "postgresql+psycopg2://user@host/db"
BEGAN = datetime(2023, 1, 1, tzinfo=UTC)
COLUMNS = [
    ("public.dag_run", "public.dag_run", "id", "id", "integer", True),
    ("public.empty", "public.empty", None, None, None, None),
    ("public.trips", "public.trips", "id", "id", "integer", True),
    ("public.trips", "public.trips", "Zo ne", '"Zo ne"', "integer", False),
    ("public.trips", "public.trips", "at", "at", "timestamp with time zone", False),
]


class _Error(Exception):
    pass


class _Postgres:
    """Stands for psycopg2, its connection and its cursor."""

    Error = OperationalError = _Error

    def __init__(self):
        self.queries = []
        self.closed = 0
        self.broken = ""
        self.moment = None

    def connect(self, url, **_):
        if url != "postgresql://user@host/db" or self.broken == "connect":
            raise _Error("no route\n")
        return self

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def close(self):
        self.closed += 1

    def execute(self, query, given=()):
        self.queries.append((query, given))
        if self.broken and self.broken in query:
            raise _Error("it takes too long\nCONTEXT: x")

    def fetchall(self):
        return COLUMNS

    def fetchone(self):
        query, _ = self.queries[-1]
        if "FROM" not in query:
            return [BEGAN]
        return [2, 11, 22, self.moment] if "trips" in query else [0, None]


@pytest.fixture
def postgres(monkeypatch):
    postgres = _Postgres()
    monkeypatch.setitem(sys.modules, "psycopg2", postgres)
    return postgres


def test_what_is_there_at_the_beginning_is_airflow_s_own(postgres):
    known = own(URL)
    assert known == Own(frozenset({"public.dag_run", "public.empty", "public.trips"}), BEGAN)
    assert postgres.closed == 1


def test_other_tables_are_counted_without_what_the_server_gives(postgres):
    found = states(URL, Own(frozenset({"public.dag_run"}), BEGAN), [])
    assert found == [
        TableState("public.empty", 0, "None"),
        TableState("public.trips", 2, "11", {"Zo ne": "22"}),
    ]
    query, given = postgres.queries[-1]
    assert given == (BEGAN, BEGAN)
    assert 'ROW("Zo ne")::text' in query
    assert "min(at)" in query
    assert "id::text" not in query


def test_moments_that_are_not_those_of_the_runs_are_compared(postgres):
    postgres.moment = 33
    known = Own(frozenset({"public.dag_run", "public.empty"}), BEGAN)
    [trips] = states(URL, known, [])
    assert trips.columns == {"Zo ne": "22", "at": "33"}


def test_a_table_that_cannot_be_read_in_time_is_cut_and_says_so(postgres):
    postgres.broken = "FROM public.trips"
    cut = []
    found = states(URL, Own(frozenset({"public.dag_run", "public.empty"}), BEGAN), cut)
    assert found == [TableState("public.trips", None)]
    assert cut == ["Table `public.trips` was not compared (it takes too long)."]


def test_too_many_tables_are_cut_and_say_so(postgres, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    cut = []
    assert len(states(URL, Own(frozenset(), BEGAN), cut)) == 1
    assert cut == ["Only 1 of 3 tables were compared."]


def test_a_database_that_does_not_answer_is_an_os_error(postgres):
    postgres.broken = "connect"
    with pytest.raises(OSError, match=r"^no route$"):
        own(URL)
