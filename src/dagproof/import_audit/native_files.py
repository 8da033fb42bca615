"""Functions that read or write files by native code, which an audit hook never sees.

By module, and within it by function or method. What is written is refused; what is read is told.
Kernel confinement keeps from being written what is not listed here.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dagproof.model import Kind

_READ, _WRITE = Kind.FILESYSTEM_READ, Kind.FILESYSTEM_WRITE


def _table(reads: str = "", writes: str = "", databases: str = "") -> Mapping[str, Kind]:
    return (
        dict.fromkeys(reads.split(), _READ)
        | dict.fromkeys(writes.split(), _WRITE)
        | dict.fromkeys(databases.split(), Kind.DATABASE)
    )


NATIVE_FILES: Final[Mapping[str, Mapping[str, Kind]]] = {
    "pyarrow.parquet": _table("read_table read_pandas read_schema", "write_table write_to_dataset"),
    "pyarrow.csv": _table("read_csv open_csv", "write_csv"),
    "pyarrow.json": _table("read_json"),
    "pyarrow.feather": _table("read_feather read_table", "write_feather"),
    "pyarrow.orc": _table("read_table", "write_table"),
    "pyarrow.dataset": _table("dataset", "write_dataset"),
    "pandas.core.frame": _table(
        writes="DataFrame.to_parquet DataFrame.to_feather DataFrame.to_orc"
    ),
    "pandas": _table("read_parquet read_feather read_orc"),
    "polars": _table(
        "read_csv read_parquet read_json read_ndjson read_ipc read_avro read_excel read_delta "
        "scan_csv scan_parquet scan_ndjson scan_ipc scan_delta",
        "DataFrame.write_csv DataFrame.write_parquet DataFrame.write_json DataFrame.write_ndjson "
        "DataFrame.write_ipc DataFrame.write_avro DataFrame.write_excel DataFrame.write_delta "
        "LazyFrame.sink_csv LazyFrame.sink_parquet LazyFrame.sink_ndjson LazyFrame.sink_ipc",
    ),
    "duckdb": _table(
        "read_csv read_parquet read_json from_csv_auto from_parquet", "write_csv", "connect"
    ),
    "h5py": _table(writes="File"),
    "lightgbm": _table(writes="Booster.save_model"),
    "xgboost": _table(writes="Booster.save_model"),
    "readline": _table("read_history_file", "write_history_file append_history_file"),
}

_NAMED: Final = (
    "path", "where", "root_path", "output_file", "dest", "base_dir", "source", "database", "file",
    "filename", "name", "path_or_paths",
)  # fmt: skip
_FIRST: Final = frozenset({"connect", "File", "write_history_file", "append_history_file"})
"""Functions that write to what they are given first, and not to what comes after the data."""


def target_of(
    path: str, kind: Kind, arguments: Sequence[Any], options: Mapping[str, Any]
) -> str | None:
    """Return the file that a call is about; None for a buffer, or for nothing but memory.

    Args:
        path: the function's, as in the table.
        kind: what it does.
        arguments: by position; of a method the first is the object.
        options: by name.
    """
    place = 0 if path in _FIRST or (kind is Kind.FILESYSTEM_READ and "." not in path) else 1
    named = next((options[name] for name in _NAMED if name in options), None)
    target = arguments[place] if len(arguments) > place else named
    if not isinstance(target, str | os.PathLike):
        return None
    text = os.fspath(target)
    return None if not isinstance(text, str) or text.startswith(":memory:") else text
