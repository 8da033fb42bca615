"""Variables of the shell that reach DAG files and runs, and that CI does not have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.doctor.check import Check, ok, warning
from dagproof.doctor.surroundings import Surroundings

_SET_BY_US: Final = frozenset(
    {
        "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER",
        "AIRFLOW__CORE__LOAD_EXAMPLES", "AIRFLOW__CORE__EXECUTOR",
        "AIRFLOW__LOGGING__LOGGING_LEVEL", "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
        "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST",
    }
)  # fmt: skip
"""What a run sets anew, whatever the shell says."""

_AIRFLOW: Final = ("AIRFLOW__", "AIRFLOW_VAR_", "AIRFLOW_CONN_")
_SHOWN: Final = 5


def shell(surroundings: Surroundings) -> Iterator[Check]:
    """Say which settings of the shell reach Airflow."""
    environ = surroundings.environ
    mine = surroundings.settings.env if surroundings.settings is not None else {}
    names = sorted(
        name
        for name in environ
        if name.startswith(_AIRFLOW) and name not in _SET_BY_US and name not in mine
    )
    if names:
        shown = ", ".join(names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield warning(
            "shell",
            f"{shown}{more} of your shell reach Airflow here, and not in CI; put what belongs to "
            "the repository under [tool.dagproof.env]",
            f"unset {' '.join(names)}",
        )
    else:
        yield ok("shell", "no setting of Airflow in your shell reaches a run")
    if path := environ.get("PYTHONPATH"):
        yield warning(
            "pythonpath",
            f"`PYTHONPATH` is {path}: DAG files import from there, and not in CI; name folders of "
            "the repository as `pythonpath` under [tool.dagproof]",
            "unset PYTHONPATH",
        )


def airflow_home(surroundings: Surroundings) -> Iterator[Check]:
    """Say what becomes of the user's own Airflow."""
    chosen = surroundings.environ.get("AIRFLOW_HOME")
    home = Path(chosen or "~/airflow").expanduser()
    if chosen and (not home.is_absolute() or (home.exists() and not home.is_dir())):
        yield warning(
            "home",
            f"`AIRFLOW_HOME` is {chosen}, which is no absolute folder; dagproof does not use it, "
            "`airflow` does",
            "unset AIRFLOW_HOME",
        )
    elif home.is_symlink() and not home.exists():
        yield warning(
            "home", f"{home} is a link to nothing; dagproof does not use it, `airflow` does"
        )
    else:
        there = f"{home} is there, and stays untouched" if home.exists() else f"there is no {home}"
        yield ok("home", f"runs have an Airflow home of their own; {there}")
