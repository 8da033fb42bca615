"""Points an Airflow that may already be imported at the metadata database of the environment."""

import sys
import time
from typing import Final

_MOST_SESSIONS: Final = 500
"""More than one process has open; each one whose connection is gone fails once."""
_SECONDS_IN_USE: Final = 0.01
"""A thread may be in the middle of one."""


def use_configured_database() -> None:
    """Drop every open connection and read the connection string again.

    Needed when Airflow was imported before its database was chosen, and after the database was
    replaced under the same name.
    """
    if "airflow.settings" not in sys.modules:
        return
    from airflow import settings

    _close_sessions()
    settings.configure_vars()
    settings.reconfigure_orm()


def release_database() -> None:
    """Close every connection, so that the server can stop without Airflow noticing at exit."""
    if "airflow.settings" not in sys.modules:
        return
    from airflow import settings

    _close_sessions()
    settings.dispose_orm(do_log=False)


def _close_sessions() -> None:
    """Close what tasks, tests and threads have left open, also where the server has gone.

    Airflow itself fails at the first one of those.
    """
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import close_all_sessions

    for _ in range(_MOST_SESSIONS):
        try:
            close_all_sessions()
        except SQLAlchemyError:
            time.sleep(_SECONDS_IN_USE)
            continue
        return
