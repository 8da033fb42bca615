"""The steps from a raw table to published features; tables stay under DATA_ROOT, as parquet."""

import hashlib
import logging
import shutil
from typing import Any, Final

from feature_engineering import published
from iris.data import FEATURES, LARGEST, TARGET, read_table, write_table
from mlops import notifier, storage
from mlops.failures import PermanentError

DERIVED: Final = (
    "sepal area (cm2)",
    "petal area (cm2)",
    "sepal length to width",
    "petal length to width",
)
FEWEST_ROWS: Final = 100  # below it, `ml_training_pipeline` learns nothing from them

_log = logging.getLogger(__name__)


def claim(run_id: str) -> str:
    """Claim the folder of this run, and return its address."""
    base = storage.uri("iris", "etl", storage.safe(run_id))
    storage.write_json(f"{base}/run.json", {"run_id": run_id})
    return base


def clean(base: str, raw: str, max_invalid: float) -> dict[str, Any]:
    """Leave out rows that are no measurement, and rows that are there twice.

    A measurement is a positive finite number for each of the four features, with a class. More
    rows without one than `max_invalid` are a fault of the source, and not of single flowers.

    Args:
        base: the folder of the run.
        raw: the address of the extracted table.
        max_invalid: the share of rows, 0-1, that may be left out.

    Returns:
        `table` (address), and the quality: `rows`, `invalid`, `duplicates`, `kept`.

    Raises:
        PermanentError: a column is missing or holds no numbers, too many rows are invalid, or
            fewer than 100 are left.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    table = read_table(raw)
    needed = [*FEATURES, TARGET]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise _refused(raw, f"lacks {_listed(missing)}")
    surplus = [str(name) for name in table.columns if name not in needed]
    if surplus:
        _log.warning("%s has columns that no feature needs: %s.", raw, _listed(surplus))
    table = table[needed]
    wrong = [name for name in needed if table[name].dtype.kind not in "iuf"]
    if wrong:
        raise _refused(raw, f"holds no numbers in {_listed(wrong)}")
    numbers = table.astype("float64")
    finite = numbers.abs().le(LARGEST).all(axis=1)  # a missing value is below nothing
    valid = finite & numbers[list(FEATURES)].gt(0).all(axis=1)
    invalid = int((~valid).sum())
    if len(table) and invalid / len(table) > max_invalid:
        raise _refused(
            raw,
            f"has {invalid} of {len(table)} rows without a positive number in every column,"
            f" more than max_invalid {max_invalid:g} allows",
        )
    kept = table[valid].drop_duplicates(ignore_index=True)
    if len(kept) < FEWEST_ROWS:
        raise _refused(raw, f"has {len(kept)} usable rows where {FEWEST_ROWS} are needed")
    return {
        "table": write_table(f"{base}/clean.parquet", kept),
        "rows": len(table),
        "invalid": invalid,
        "duplicates": int(valid.sum()) - len(kept),
        "kept": len(kept),
    }


def build(base: str, cleaned: dict[str, Any]) -> str:
    """Add the derived columns, and return the address of `features.parquet` of the run."""
    table = read_table(cleaned["table"])
    sepal_length, sepal_width, petal_length, petal_width = (table[name] for name in FEATURES)
    derived = (
        sepal_length * sepal_width,
        petal_length * petal_width,
        sepal_length / sepal_width,
        petal_length / petal_width,
    )
    wider = table.assign(**dict(zip(DERIVED, derived, strict=True)))
    return write_table(f"{base}/features.parquet", wider)


def publish(features: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Put the table where readers look, under a name made of its content; then point at it.

    The table appears whole before the pointer names it, and is never written over: who reads the
    earlier one goes on. The same rows again are the same file, and change nothing.

    Args:
        features: the address that `build` returned.
        cleaned: what `clean` returned.

    Returns:
        `features` (address), `rows`, `columns`, `sha256`, `quality`: what the pointer holds.

    Raises:
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    columns = [str(name) for name in read_table(features).columns]
    with storage.local_copy(features) as source:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        address = storage.uri("iris", "features", digest[:16], "features.parquet")
        if not storage.exists(address):
            with storage.publish(address) as target:
                shutil.copyfile(source, target)
    told = {
        "features": address,
        "rows": cleaned["kept"],
        "columns": columns,
        "sha256": digest,
        "quality": {name: cleaned[name] for name in ("rows", "invalid", "duplicates")},
    }
    storage.write_json(published.pointer(), told)
    return told


def notify(told: dict[str, Any]) -> dict[str, Any]:
    """Log what was published, and post it to the webhook, where one is set."""
    quality = told["quality"]
    summary = {
        "features": told["features"],
        "rows": told["rows"],
        "invalid": quality["invalid"],
        "duplicates": quality["duplicates"],
    }
    _log.info("%s", " ".join(f"{name}={value}" for name, value in summary.items()))
    notifier.post({"state": "success", **summary})
    return summary


def _refused(address: str, problem: str) -> PermanentError:
    return PermanentError(f"{address} {problem}; repair the source and run again.")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
