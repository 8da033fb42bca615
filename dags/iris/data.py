"""The steps before the model: folder, extraction, validation, split.

Each step takes and returns addresses; the tables themselves stay under DATA_ROOT, as parquet.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops import storage
from mlops.failures import PermanentError

if TYPE_CHECKING:
    import pandas as pd

BUNDLED = "sklearn"
FEATURES = (
    "sepal length (cm)",
    "sepal width (cm)",
    "petal length (cm)",
    "petal width (cm)",
)
TARGET = "target"
FEWEST_ROWS = 100
LARGEST = 3.4e38
"""Beyond it a measure is infinite to a forest, which learns and predicts with 32 bits."""


def create_directories(run_id: str) -> str:
    """Claim the folder of this run, which proves before any work that DATA_ROOT is writable.

    Returns:
        Its address, `DATA_ROOT/iris/<run>`.

    Raises:
        mlops.storage.StorageError: DATA_ROOT is full, read-only or does not answer.
    """
    base = storage.uri("iris", storage.safe(run_id))
    storage.write_json(f"{base}/run.json", {"run_id": run_id})
    return base


def extract(base: str, source: str = BUNDLED) -> str:
    """Copy the source to `raw.parquet` of the run, as it is.

    Args:
        base: the folder of the run.
        source: `sklearn` for the bundled table, else the address of a .csv or .parquet file.

    Returns:
        The address of the copy: 150 rows, four features in cm and the class 0-2 as `target`,
        if it is the bundled table.

    Raises:
        PermanentError: the source is no readable table.
        mlops.storage.StorageError: it is not there, or DATA_ROOT cannot be written.
    """
    if source == BUNDLED:
        from sklearn.datasets import load_iris

        return write_table(f"{base}/raw.parquet", load_iris(as_frame=True).frame)
    with storage.local_copy(source) as path:
        table = _read_source(path, source)
    return write_table(f"{base}/raw.parquet", table)


def validate(raw: str) -> str:
    """Refuse a table that the model could not learn from.

    Returns:
        The address that was given, for the next step.

    Raises:
        PermanentError: a column is missing or not numeric, values are missing or infinite,
            there are fewer than 100 rows or fewer than two classes.
    """
    table = read_table(raw)
    missing = [name for name in (*FEATURES, TARGET) if name not in table.columns]
    if missing:
        raise _refused(raw, f"lacks the column{_s(missing)} {_listed(missing)}")
    table = table[[*FEATURES, TARGET]]
    wrong = [name for name in table.columns if table[name].dtype.kind not in "iuf"]
    if wrong:
        raise _refused(raw, f"holds no numbers in {_listed(wrong)}")
    absent = table.isna().sum()
    if absent.sum():
        raise _refused(
            raw, f"has {absent.sum()} missing values in {_listed(absent[absent > 0].index)}"
        )
    infinite = [name for name in table.columns if (table[name].abs() > LARGEST).any()]
    if infinite:
        raise _refused(raw, f"has infinite values in {_listed(infinite)}")
    if len(table) < FEWEST_ROWS:
        raise _refused(raw, f"has {len(table)} rows where at least {FEWEST_ROWS} are needed")
    if (table[TARGET] % 1 != 0).any():
        raise _refused(raw, f"has classes in `{TARGET}` that are no whole numbers")
    if table[TARGET].nunique() < 2:  # noqa: PLR2004 - a classifier tells at least two apart
        raise _refused(raw, f"has one class only in `{TARGET}`")
    return raw


def preprocess(base: str, raw: str, test_size: float, random_state: int) -> dict[str, str]:
    """Split the table at random into `train.parquet` and `test.parquet`.

    Args:
        base: the folder of the run.
        raw: the address of the validated table.
        test_size: the share of rows for the test, between 0 and 1.
        random_state: the seed.

    Returns:
        The addresses of `train` and `test`, both with the four features and `target`.
    """
    from sklearn.model_selection import train_test_split

    table = read_table(raw)[[*FEATURES, TARGET]]
    table = table.astype(dict.fromkeys(FEATURES, "float64") | {TARGET: "int64"})
    train, test = train_test_split(table, test_size=test_size, random_state=random_state)
    return {
        "train": write_table(f"{base}/train.parquet", train),
        "test": write_table(f"{base}/test.parquet", test),
    }


def read_table(uri: str) -> "pd.DataFrame":
    """Read a table of the run.

    Raises:
        PermanentError: it is no parquet file.
        mlops.storage.StorageError: it is not there.
    """
    with storage.local_copy(uri) as path:
        return _read_source(path, uri)


def write_table(uri: str, table: "pd.DataFrame") -> str:
    """Write a table as parquet, whole or not at all, and return its address."""
    with storage.publish(uri) as path:
        table.to_parquet(path, index=False)
    return uri


def _read_source(path: Path, source: str) -> "pd.DataFrame":
    import pandas as pd

    readers: dict[str, Any] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    suffix = Path(source).suffix.lower()
    if suffix not in readers:
        raise PermanentError(f"{source} is no .csv or .parquet file; name one as `source`.")
    try:
        table: pd.DataFrame = readers[suffix](path)
    except (ValueError, OSError) as error:  # both readers' own errors derive from these
        reason = " ".join(str(error).split()).rstrip(".")
        raise PermanentError(
            f"{source} cannot be read as {suffix.lstrip('.')} ({reason}); replace the file."
        ) from error
    return table


def _refused(uri: str, problem: str) -> PermanentError:
    return PermanentError(f"{uri} {problem}; repair the source and run again.")


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _s(items: list[str]) -> str:
    return "s" if len(items) > 1 else ""
