"""Which Airflow is there, without importing it."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final

from dagproof.model import UnavailableError

_LOWEST: Final = (3, 0)
_HIGHEST: Final = (3, 3)
_INSTALL: Final = (
    "Install the Airflow that you deploy, such as `pip install 'apache-airflow==3.3.2'`."
)


def check_airflow() -> None:
    """Refuse to go on where DAG files cannot be imported.

    Raises:
        UnavailableError: Airflow is not installed beside dagproof, or is of an unknown version.
    """
    try:
        installed = version("apache-airflow")
    except PackageNotFoundError as error:
        try:
            installed = version("apache-airflow-core")
        except PackageNotFoundError:
            raise UnavailableError(f"Airflow is not installed. {_INSTALL}") from error
    if find_spec("airflow") is None:
        raise UnavailableError(f"Airflow cannot be imported. {_INSTALL}")
    release = tuple(int(part) for part in installed.split(".")[:2] if part.isdigit())
    if not _LOWEST <= release <= _HIGHEST:
        low, high = (".".join(map(str, one)) for one in (_LOWEST, _HIGHEST))
        raise UnavailableError(
            f"Airflow {installed} is not supported, only {low} to {high}. {_INSTALL}"
        )
