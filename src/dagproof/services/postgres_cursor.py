"""A Postgres, asked by the address that Airflow has of it."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

_LOCK_SECONDS: Final = 5
"""How long a statement may wait for what somebody else locks."""


@contextlib.contextmanager
def database_cursor(url: str, seconds: int) -> Iterator[Any]:
    """Yield a cursor that commits each statement.

    Args:
        url: of a database, also with a driver as SQLAlchemy names it.
        seconds: that the connection may take, and a statement.

    Raises:
        OSError: the database does not answer in that time, or no longer, or refuses.
    """
    import psycopg2

    scheme, _, rest = url.partition("://")
    lock = min(seconds, _LOCK_SECONDS)
    try:
        connection = psycopg2.connect(
            f"{scheme.partition('+')[0]}://{rest}", connect_timeout=seconds
        )
        with contextlib.closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                # Not as options of the connection, which the address may have.
                cursor.execute(f"SET statement_timeout = '{seconds}s'")
                cursor.execute(f"SET lock_timeout = '{lock}s'")
                yield cursor
    except psycopg2.Error as error:
        raise OSError(str(error).strip()) from error
