"""The tables beside Airflow's own in the metadata database, each counted and digested there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dagproof.model import TableState
from dagproof.services.postgres_cursor import database_cursor

MOST: Final = 500
"""Tables that are looked at."""

SECONDS: Final = 30
"""How long a table may take."""

_TABLES: Final = """
    SELECT n.nspname || '.' || c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
           a.attname, quote_ident(a.attname), format_type(a.atttypid, NULL),
           a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '')
               ~ 'nextval|random_uuid|uuid_generate|uuidv[47]'
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema'
      AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, a.attnum
"""
_MOMENTS: Final = ("timestamp without time zone", "timestamp with time zone")


@dataclass(frozen=True, slots=True)
class Own:
    """What was there at the beginning.

    Attributes:
        names: of the tables.
        began: when that was, by the server's clock.
    """

    names: frozenset[str]
    began: datetime


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    quoted: str
    is_moment: bool


@dataclass(slots=True)
class _Table:
    name: str
    quoted: str
    columns: list[_Column]


def own(url: str) -> Own:
    """Return the tables of a database in which no DAG has run yet.

    Raises:
        OSError: it does not answer.
    """
    with database_cursor(url, SECONDS) as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [began] = cursor.fetchone()
        return Own(frozenset(table.name for table in _tables(cursor)), began)


def states(url: str, known: Own, cut: list[str]) -> list[TableState]:
    """Return the tables that were not there at the beginning.

    Args:
        url: of the database.
        known: what was there.
        cut: takes a sentence for each thing that is not looked at to its end.

    Raises:
        OSError: it does not answer.
    """
    with database_cursor(url, SECONDS) as cursor:
        found = [table for table in _tables(cursor) if table.name not in known.names]
        if len(found) > MOST:
            cut.append(f"Only {MOST} of {len(found)} tables were compared.")
        return [_state(cursor, table, known.began, cut) for table in found[:MOST]]


def _tables(cursor: Any) -> Sequence[_Table]:
    cursor.execute(_TABLES)
    found: dict[str, _Table] = {}
    for name, quoted, column, quoted_column, kind, by_server in cursor.fetchall():
        table = found.setdefault(name, _Table(name, quoted, []))
        if column is not None and not by_server:
            table.columns.append(_Column(column, quoted_column, kind in _MOMENTS))
    return list(found.values())


def _state(cursor: Any, table: _Table, began: datetime, cut: list[str]) -> TableState:
    import psycopg2

    lasting = [one.quoted for one in table.columns if not one.is_moment]
    row = _sum(f"ROW({', '.join(lasting)})::text") if lasting else "NULL"
    parts = ["count(*)", row, *map(_digest, table.columns)]
    query = f"SELECT {', '.join(parts)} FROM {table.quoted}"  # noqa: S608 - quoted by the server
    moments = sum(one.is_moment for one in table.columns)
    try:
        cursor.execute(query, (began, began) * moments)
    except psycopg2.Error as error:
        reason = str(error).partition("\n")[0]
        cut.append(f"Table `{table.name}` was not compared ({reason}).")
        return TableState(table.name, None)
    rows, digest, *digests = cursor.fetchone()
    columns = {
        column.name: str(told)
        for column, told in zip(table.columns, digests, strict=True)
        if told is not None
    }
    return TableState(table.name, rows, str(digest), columns)


def _digest(column: _Column) -> str:
    """Return what digests a column; one that holds moments of the runs themselves has none."""
    whole = _sum(f"coalesce({column.quoted}::text, '')")
    if not column.is_moment:
        return whole
    since = "least(%s::timestamptz::timestamp, %s::timestamptz AT TIME ZONE 'UTC')"
    until = "greatest(clock_timestamp()::timestamp, clock_timestamp() AT TIME ZONE 'UTC')"
    span = (
        f"min({column.quoted})::timestamp >= {since} AND max({column.quoted})::timestamp <= {until}"
    )
    return f"CASE WHEN {span} THEN NULL ELSE {whole} END"


def _sum(text: str) -> str:
    return f"coalesce(sum(hashtextextended({text}, 0)::numeric), 0)"
