"""What an event is about, seen the libraries that led to it."""

from collections.abc import Mapping
from typing import Final

from dagproof.import_audit.events import Seen
from dagproof.model import Kind

PACKAGES: Final[Mapping[str, Kind]] = {
    "mlflow": Kind.MLFLOW,
    **dict.fromkeys(
        ("sqlalchemy", "pymysql", "pg8000", "psycopg", "psycopg2", "asyncpg", "redis", "pymongo",
         "cassandra", "clickhouse_connect", "clickhouse_driver", "snowflake", "elasticsearch",
         "opensearchpy", "neo4j", "influxdb_client", "hdbcli", "oracledb", "trino", "pyhive",
         "databricks.sql", "sqlite3", "aiosqlite", "duckdb", "dbm", "shelve"),
        Kind.DATABASE,
    ),
    **dict.fromkeys(
        ("airflow.settings", "airflow.utils.session", "airflow.models", "airflow.secrets",
         "airflow.sdk.execution_time", "airflow.sdk.api", "airflow.sdk.definitions.variable",
         "airflow.sdk.definitions.connection", "airflow.utils.db"),
        Kind.AIRFLOW_METADATA,
    ),
}  # fmt: skip
"""What a connection is about that a library makes: the outermost one that is listed decides."""

_CONNECTIONS: Final = {Kind.NETWORK, Kind.DATABASE}


def _is_mlflow(name: str) -> bool:
    return name.partition(".")[0] == "mlflow"


def kind_of(seen: Seen, packages: tuple[str, ...]) -> Kind:
    """Return what an event is about, seen the libraries that led to it, innermost first."""
    if seen.native:
        return seen.kind
    if seen.kind is not Kind.FILESYSTEM_READ and any(map(_is_mlflow, packages)):
        return Kind.MLFLOW
    if seen.kind not in _CONNECTIONS:
        return seen.kind
    for name in reversed(packages):
        for prefix, kind in PACKAGES.items():
            if name == prefix or name.startswith(f"{prefix}."):
                return kind
    return seen.kind
