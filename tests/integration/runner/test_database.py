"""Airflow's sessions that somebody has left open, when the database is made anew."""

import psycopg2
import pytest
from sqlalchemy import text


@pytest.fixture
def reset(_dagproof_session):
    """Give what every test begins with."""
    return _dagproof_session.reset


@pytest.fixture
def open_sessions(reset):
    """Leave three sessions of Airflow open, in the middle of something."""
    from airflow import settings

    reset()
    found = [settings.NonScopedSession() for _ in range(3)]
    for one in found:
        one.execute(text("SELECT 1"))
    return found


def check_works():
    from airflow import settings

    with settings.Session() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1


def test_session_that_a_test_left_open_is_no_error_of_the_next_one(reset, open_sessions):
    reset()
    assert not any(one.in_transaction() for one in open_sessions)
    check_works()


def test_session_that_the_server_has_cut_off_is_no_error_either(reset, open_sessions, services):
    url = services["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= len(open_sessions)
    connection.close()
    reset()
    check_works()
