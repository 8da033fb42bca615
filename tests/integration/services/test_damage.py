"""Broken caches mend themselves."""

import psycopg2
import pytest

from dagproof.services import embedded


def connect(environment):
    url = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def ask(environment, sql):
    connection = connect(environment)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def start(cache):
    """Start on a cache; return what was done and the number of pools in the database."""
    done = []
    with embedded(["postgres"], cache=cache, progress=done.append) as tenancy:
        tenancy.wait()
        pools = ask(tenancy.environment, "SELECT count(*) FROM slot_pool")
    return [sentence for sentence in done if "Migrating" in sentence], pools


def relation_file(cache, relation):
    with embedded(["postgres"], cache=cache) as tenancy:
        tenancy.wait()
        found = ask(
            {
                name: value.replace("/airflow_1", "/template_airflow")
                for name, value in tenancy.environment.items()
            },
            f"SELECT pg_relation_filepath('{relation}')",
        )
    return next(cache.glob(f"*/postgres/{found[0][0]}"))


def test_a_sound_template_is_not_built_again(own_cache):
    assert start(own_cache) == ([], [(1,)])


@pytest.mark.parametrize("relation", ["slot_pool", "slot_pool_pkey"])
@pytest.mark.parametrize("damage", ["lost", "overwritten"])
def test_a_damaged_template_is_built_again(own_cache, relation, damage):
    file = relation_file(own_cache, relation)
    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes(b"\x55" * file.stat().st_size)

    assert start(own_cache) == (
        ["Migrating Airflow's database, once for these versions (10 to 30 s)"],
        [(1,)],
    )


@pytest.mark.parametrize(
    "lost", ["postgres/global/pg_control", "postgres/postgresql.conf", "password"]
)
def test_a_cluster_that_does_not_start_is_built_again(own_cache, lost):
    next(own_cache.glob(f"*/{lost}")).unlink()

    assert start(own_cache)[1] == [(1,)]


def test_a_number_of_a_dead_postgres_that_somebody_else_has_now_is_no_obstacle(own_cache):
    cluster = next(own_cache.glob("*/postgres"))
    (cluster / "postmaster.pid").write_text(f"1\n{cluster}\n0\n5432\n\n127.0.0.1\n0 0\nready\n")

    assert start(own_cache) == ([], [(1,)])
