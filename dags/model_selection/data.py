"""The steps before the models: a CSV is brought to DATA_ROOT, looked over and split by content."""

import hashlib
import shutil
from typing import TYPE_CHECKING, Any, Final

from mlops import storage
from mlops.failures import PermanentError

if TYPE_CHECKING:
    import pandas as pd

BUNDLED: Final = "sklearn"
FEWEST_ROWS: Final = 100
HOLDOUT_EVERY: Final = 5  # one row of five, by its content
FEWEST_OF_A_CLASS: Final = 2  # rows on each side of the split


def fetch(run_id: str, source: str) -> dict[str, Any]:
    """Copy the source, as it is, to `DATA_ROOT/model_selection/<run>/raw.csv`.

    Args:
        run_id: Airflow's.
        source: `sklearn` for the bundled table of tumours, else the address of a CSV file.

    Returns:
        `base` (address of the folder of the run), `raw` (of the copy), `sha256` of its bytes.

    Raises:
        mlops.storage.StorageError: it is not there, or DATA_ROOT cannot be written.
    """
    base = storage.uri("model_selection", storage.safe(run_id))
    raw = f"{base}/raw.csv"
    if source == BUNDLED:
        from sklearn.datasets import load_breast_cancer

        with storage.publish(raw) as path:
            load_breast_cancer(as_frame=True).frame.to_csv(path, index=False)
    else:
        with storage.local_copy(source) as given, storage.publish(raw) as path:
            shutil.copyfile(given, path)
    with storage.local_copy(raw) as path:
        return {
            "base": base,
            "raw": raw,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }


def validate(fetched: dict[str, Any], target: str) -> dict[str, Any]:
    """Refuse a table that no model can learn from, and split it into `train` and `test`.

    A row is held out for the test by the content of its features alone, so that it is on the same
    side in every run: what a champion has learned from never judges it, and equal rows stay
    together.

    Args:
        fetched: what `fetch` returned.
        target: the column that is to be predicted; all others are features.

    Returns:
        `fetched`, `train` and `test` (addresses of parquet files), `target`, `features` (names),
        `train_rows`, `test_rows`, `classes` (how many).

    Raises:
        PermanentError: no readable CSV, the target is missing, a feature is no number, values are
            missing or infinite, there are too few rows or classes.
        mlops.storage.StorageError: the copy is gone, or DATA_ROOT cannot be written.
    """
    raw = fetched["raw"]
    table = _read_csv(raw)
    features = [name for name in table.columns if name != target]
    _refuse(raw, table, features, target)
    table = table.astype(dict.fromkeys(features, "float64"))
    held_out = [_is_held_out(row) for row in table[features].to_numpy()]
    parts = {"train": table[[not one for one in held_out]], "test": table[held_out]}
    for name, part in parts.items():
        rows_of = part[target].value_counts().reindex(table[target].unique(), fill_value=0)
        if rows_of.min() < FEWEST_OF_A_CLASS:
            raise _refused(
                raw,
                f"has {rows_of.min()} rows of class `{rows_of.idxmin()}` for the {name}, where "
                f"{FEWEST_OF_A_CLASS} are needed",
            )
        with storage.publish(f"{fetched['base']}/{name}.parquet") as path:
            part.to_parquet(path, index=False)
    return {
        **fetched,
        "train": f"{fetched['base']}/train.parquet",
        "test": f"{fetched['base']}/test.parquet",
        "target": target,
        "features": features,
        "train_rows": len(parts["train"]),
        "test_rows": len(parts["test"]),
        "classes": int(table[target].nunique()),
    }


def read_part(address: str) -> "pd.DataFrame":
    """Read `train` or `test`.

    Raises:
        mlops.storage.StorageError: it is not there.
    """
    import pandas as pd

    with storage.local_copy(address) as path:
        return pd.read_parquet(path)


def _read_csv(raw: str) -> "pd.DataFrame":
    import pandas as pd

    with storage.local_copy(raw) as path:
        try:
            table: pd.DataFrame = pd.read_csv(path)
        except ValueError as error:  # pandas' own errors, and those of decoding, derive from it
            reason = " ".join(str(error).split()).rstrip(".")
            raise PermanentError(
                f"{raw} cannot be read as CSV ({reason}); replace the file of `source`."
            ) from error
    return table


def _refuse(raw: str, table: "pd.DataFrame", features: list[str], target: str) -> None:
    if target not in table.columns:
        raise _refused(raw, f"has no column `{target}`")
    if not features:
        raise _refused(raw, f"has no column beside `{target}`")
    if len(table) < FEWEST_ROWS:
        raise _refused(raw, f"has {len(table)} rows where at least {FEWEST_ROWS} are needed")
    wrong = [name for name in features if table[name].dtype.kind not in "iufb"]
    if wrong:
        raise _refused(raw, f"holds no numbers in {_listed(wrong)}")
    absent = table.isna().sum()
    if absent.sum():
        raise _refused(
            raw, f"has {absent.sum()} missing values in {_listed(absent[absent > 0].index)}"
        )
    infinite = [name for name in features if (table[name].abs() == float("inf")).any()]
    if infinite:
        raise _refused(raw, f"has infinite values in {_listed(infinite)}")
    if table[target].dtype.kind == "f" and (table[target] % 1 != 0).any():
        raise _refused(raw, f"has numbers in `{target}` that name no class")
    if table[target].nunique() < 2:  # noqa: PLR2004 - a classifier tells at least two apart
        raise _refused(raw, f"has one class only in `{target}`")


def _is_held_out(row: Any) -> bool:
    digest = hashlib.sha256((row + 0.0).tobytes()).digest()  # -0.0 equals 0.0, and has other bytes
    return int.from_bytes(digest[:8], "big") % HOLDOUT_EVERY == 0


def _refused(raw: str, problem: str) -> PermanentError:
    return PermanentError(f"{raw} {problem}; repair the source and run again.")


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
