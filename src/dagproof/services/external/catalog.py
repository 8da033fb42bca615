"""What is in a database: all that somebody made there, how it looks, and how to drop it."""

from collections.abc import Collection, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

OURS: Final = "dagproof"
"""The schema in which the mark is, and the rows of a freshly migrated database."""

Thing = tuple[str, str]
"""Kind and quoted name, as `pg_identify_object` tells them."""

_FIRST_USER_OID: Final = 16384
_CATALOGS: Final = (
    "pg_extension",
    "pg_namespace",
    "pg_class",
    "pg_type",
    "pg_proc",
    "pg_operator",
    "pg_opclass",
    "pg_opfamily",
    "pg_collation",
    "pg_conversion",
    "pg_cast",
    "pg_ts_config",
    "pg_ts_dict",
    "pg_event_trigger",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_publication",
)
_ROOMS: Final = frozenset({"schema", "extension"})
"""Kinds that may be there from the start: they hold nothing by themselves."""

_UNION: Final = " UNION ALL ".join(
    (
        *(
            f"SELECT '{name}'::regclass::oid AS classid, oid AS objid FROM {name} "  # noqa: S608
            f"WHERE oid >= {_FIRST_USER_OID}"
            + (" AND relkind IN ('r','p','v','m','f','S','c')" if name == "pg_class" else "")
            for name in _CATALOGS
        ),
        # Whoever makes one may choose its number.
        "SELECT 'pg_largeobject'::regclass::oid, oid FROM pg_largeobject_metadata",
    )
)
_THINGS: Final = f"""
    SELECT i.type, i.identity FROM ({_UNION}) o
    CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = o.classid AND d.objid = o.objid
        AND d.objsubid = 0 AND d.deptype IN ('e', 'i')
    )
    AND coalesce(i.schema, '') !~ '^(pg_|{OURS}$)'
    AND NOT (i.type = 'schema' AND i.identity ~ '^(pg_|{OURS}$)')
    ORDER BY i.type IN ('extension', 'schema'), i.type, i.identity
"""  # noqa: S608
_RELATIONS: Final = f"""
    SELECT c.oid, c.oid::regclass::text AS name, c.relkind FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= {_FIRST_USER_OID} AND n.nspname !~ '^(pg_|{OURS}$)'
"""  # noqa: S608
_SHAPE: Final = f"""
    WITH r AS ({_RELATIONS}), line AS (
        SELECT concat_ws(' ', r.name, r.relkind, a.attname, a.atttypid::regtype, a.atttypmod,
            a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS text
        FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
        UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN r ON r.oid = i.indrelid
        UNION ALL SELECT concat_ws(' ', r.name, o.conname, pg_get_constraintdef(o.oid))
        FROM pg_constraint o JOIN r ON r.oid = o.conrelid
        UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
        FROM pg_trigger t JOIN r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
        UNION ALL SELECT concat_ws(' ', r.name, pg_get_ruledef(w.oid))
        FROM pg_rewrite w JOIN r ON r.oid = w.ev_class
    )
    SELECT coalesce(md5(string_agg(text, E'\\n' ORDER BY text)), '') FROM line
"""  # noqa: S608


def things(cursor: Any) -> list[Thing]:
    """Return all in the database that is not Postgres' own, an extension's or ours."""
    cursor.execute(_THINGS)
    return [(kind, name) for kind, name in cursor.fetchall()]


def contents(found: Collection[Thing]) -> list[Thing]:
    """Return what makes a database not empty: everything but schemas and extensions."""
    return [thing for thing in found if thing[0] not in _ROOMS]


def drop(cursor: Any, unwanted: Sequence[Thing]) -> None:
    """Drop things, and all that depends on them."""
    for kind, name in unwanted:
        if kind == "large object":
            cursor.execute("SELECT lo_unlink(%s)", (name,))
        else:
            kind = kind.removeprefix("composite ")  # noqa: PLW2901  CREATE and DROP say TYPE
            cursor.execute(f"DROP {kind} IF EXISTS {name} CASCADE")


def shape(cursor: Any) -> str:
    """Return what changes with every column, index, constraint, trigger and view."""
    cursor.execute(_SHAPE)
    return str(cursor.fetchone()[0])


def tables(cursor: Any) -> list[str]:
    """Return all tables, those first that others refer to; unsorted if that goes in a circle."""
    cursor.execute(f"SELECT name FROM ({_RELATIONS}) r WHERE relkind IN ('r', 'p')")  # noqa: S608
    graph: dict[str, set[str]] = {name: set() for (name,) in cursor.fetchall()}
    cursor.execute(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid <> confrelid"
    )
    for name, other in cursor.fetchall():
        if name in graph and other in graph:
            graph[name].add(other)
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return sorted(graph)


def empty(cursor: Any, names: Sequence[str]) -> None:
    """Delete all rows of some tables, given in the order of `tables`.

    What a test leaves is a few rows; to truncate would make each table and index, and those that
    refer to them, a new file on the server's disk.
    """
    import psycopg2

    if not names:
        return
    cursor.execute("SAVEPOINT empty")
    try:
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in reversed(names)))  # noqa: S608
    except psycopg2.IntegrityError:
        cursor.execute("ROLLBACK TO empty")
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")


def filled(cursor: Any, names: Sequence[str]) -> list[str]:
    """Return those of some tables that have rows, in the same order."""
    if not names:
        return []
    asked = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT FROM {name})"  # noqa: S608  quoted by Postgres
        for number, name in enumerate(names)
    )
    cursor.execute(asked)
    return [names[number] for number in sorted(number for (number,) in cursor.fetchall())]


def columns(cursor: Any, table: str) -> str:
    """Return the columns of a table that can be written, quoted, as a list in SQL."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        (table,),
    )
    return str(cursor.fetchone()[0])


def sequences(cursor: Any) -> dict[str, tuple[int, bool]]:
    """Return where every sequence stands."""
    cursor.execute(f"SELECT name FROM ({_RELATIONS}) r WHERE relkind = 'S'")  # noqa: S608
    names = [name for (name,) in cursor.fetchall()]
    found = {}
    for name in names:
        cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608
        found[name] = cursor.fetchone()
    return found
