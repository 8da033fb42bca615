"""Points an Airflow that may already be imported at the metadata database of the environment."""

import sys


def use_configured_database() -> None:
    """Drop every open connection and read the connection string again.

    Needed when Airflow was imported before its database was chosen, and after the database was
    replaced under the same name.
    """
    if "airflow.settings" not in sys.modules:
        return
    from airflow import settings

    settings.configure_vars()
    settings.reconfigure_orm()


def release_database() -> None:
    """Close every connection, so that the server can stop without Airflow noticing at exit."""
    if "airflow.settings" not in sys.modules:
        return
    from airflow import settings

    settings.dispose_orm(do_log=False)
