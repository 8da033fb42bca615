"""Databases of a cluster: list, copy, rename and drop them."""

from dagproof.services.parties import Cluster


def names(cluster: Cluster) -> frozenset[str]:
    """Return the names of all databases that are ours."""
    with cluster.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        )
        return frozenset(name for (name,) in cursor.fetchall())


def copy(cluster: Cluster, template: str, name: str) -> None:
    """Make a database that equals another; an older one of that name goes."""
    with cluster.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def drop(cluster: Cluster, name: str) -> None:
    """Drop a database, and end the sessions of whoever is connected to it."""
    with cluster.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def publish(cluster: Cluster, name: str, final_name: str) -> None:
    """Give a database that is complete its final name; whoever is connected to it is not."""
    with cluster.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            (name,),
        )
        cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "{final_name}"')
