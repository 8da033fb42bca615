"""Gets the orders, made or given, and cuts them into chunks of rows."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mlops import storage
from mlops.failures import PermanentError

if TYPE_CHECKING:
    import pandas as pd

MADE = "generated"
COLUMNS = {"order_id": "iu", "customer": "O", "quantity": "iuf", "price": "iuf"}
"""The columns of orders, and the kinds of NumPy that each may have."""


def plan_chunks(run: str, source: str, rows: int, chunks: int, seed: int) -> list[dict[str, Any]]:
    """Copy the source to `DATA_ROOT/etl_quality/<run>/orders.parquet`, and cut it.

    Args:
        run: Airflow's run id.
        source: `generated`, or the address of a .csv or .parquet of orders.
        rows: how many to make, where they are made.
        chunks: how many parts of nearly equal size; fewer where there are fewer rows.
        seed: of the made ones.

    Returns:
        For each chunk: `chunk` (from 0), `orders` (the address), `first` and `last` (rows, the last
        one not included), `target` (where the transformed chunk goes).

    Raises:
        PermanentError: the source cannot be read, lacks a column or has no rows.
        mlops.storage.StorageError: the source is not there, or the copy cannot be written.
    """
    base = storage.uri("etl_quality", storage.safe(run))
    table = _generated(rows, seed) if source == MADE else read_table(source)
    check_schema(table, source)
    if not len(table):
        raise PermanentError(f"{source} has no rows; name orders that there are as `source`.")
    orders = write_table(f"{base}/orders.parquet", table)
    count = min(chunks, len(table))
    edges = [len(table) * number // count for number in range(count + 1)]
    return [
        {
            "chunk": number,
            "orders": orders,
            "first": edges[number],
            "last": edges[number + 1],
            "target": f"{base}/chunk-{number:03d}.parquet",
        }
        for number in range(count)
    ]


def check_schema(table: "pd.DataFrame", source: str) -> None:
    """Refuse a table that holds no orders.

    Raises:
        PermanentError: a column is missing or of another kind; the sentence names it.
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise PermanentError(f"{source} lacks {_listed(missing)}; repair it and run again.")
    wrong = [
        name
        for name, kinds in COLUMNS.items()
        if not table[name].isna().all() and _kind(table, name) not in kinds
    ]
    if wrong:
        raise PermanentError(
            f"{source} holds values of another kind in {_listed(wrong)}; repair it and run again."
        )


def read_table(uri: str) -> "pd.DataFrame":
    """Read a .csv or .parquet file.

    Raises:
        PermanentError: it is neither.
        mlops.storage.StorageError: it is not there.
    """
    import pandas as pd

    readers: dict[str, Any] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    suffix = PurePosixPath(uri).suffix.lower()
    if suffix not in readers:
        raise PermanentError(f"{uri} is no .csv or .parquet file; name one as `source`.")
    with storage.local_copy(uri) as path:
        try:
            table: pd.DataFrame = readers[suffix](path)
        except (ValueError, OSError) as error:  # both readers' own errors derive from these
            reason = " ".join(str(error).split()).rstrip(".")
            raise PermanentError(
                f"{uri} cannot be read as {suffix.lstrip('.')} ({reason}); replace the file."
            ) from error
    return table


def write_table(uri: str, table: "pd.DataFrame") -> str:
    """Write a table as parquet, whole or not at all, and return its address."""
    with storage.publish(uri) as path:
        table.to_parquet(path, index=False)
    return uri


def _generated(rows: int, seed: int) -> "pd.DataFrame":
    """Make orders of which some lack a customer, a quantity or a price."""
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "order_id": np.arange(1, rows + 1, dtype="int64"),
            "customer": np.char.add("c", chance.integers(1, 500, rows).astype(str)).astype(object),
            "quantity": chance.integers(1, 20, rows).astype("float64"),
            "price": np.round(chance.gamma(2.0, 15.0, rows), 2),
        }
    )
    for name, share in {"customer": 0.02, "quantity": 0.01, "price": 0.03}.items():
        table.loc[chance.random(rows) < share, name] = None
    return table


def _kind(table: "pd.DataFrame", name: str) -> str:
    """Return NumPy's letter for the kind of a column; pandas has types of its own for text."""
    import pandas as pd

    column = table[name]
    return "O" if pd.api.types.is_string_dtype(column) else str(column.dtype.kind)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
