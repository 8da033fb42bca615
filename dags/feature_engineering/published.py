"""Says which table of features was published last, for the DAGs that read it."""

from typing import Any, Final

from mlops import storage
from mlops.failures import NothingToDoError, PermanentError

NEWEST: Final = "features"
SOURCE_PATTERN: Final = r"^(features|sklearn|[a-z0-9]+://.+)$(?!\n)"
SOURCE_HELP: Final = (
    "`features` for what `etl_feature_engineering` published last, `sklearn` for the bundled table,"
    " or the address of a .csv or .parquet."
)


def pointer() -> str:
    """Return the address of the JSON document that names the published table."""
    return storage.uri("iris", "features", "current.json")


def newest() -> dict[str, Any] | None:
    """Return what was published last, or None while nothing was.

    Returns:
        `features` (address of the table), `rows`, `columns`, `sha256` of the file.

    Raises:
        PermanentError: the pointer is damaged.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    address = pointer()
    if not storage.exists(address):
        return None
    found = storage.read_json(address)
    if not isinstance(found, dict) or not isinstance(found.get("features"), str):
        raise PermanentError(f"{address} names no features; run `etl_feature_engineering` again.")
    return found


def resolved(source: str) -> str:
    """Return the source that a name stands for, as `iris.data.extract` takes it.

    Args:
        source: `features`, `sklearn` or an address.

    Raises:
        NothingToDoError: nothing has been published yet.
        PermanentError: the pointer is damaged.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    if source != NEWEST:
        return source
    found = newest()
    if found is None:
        raise NothingToDoError(
            "No features have been published yet; run `etl_feature_engineering`,"
            " or name a table by its address."
        )
    return str(found["features"])
