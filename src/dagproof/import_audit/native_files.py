"""Functions that read or write files by native code, which an audit hook never sees.

By module, and within it by function or method. What is written is refused; what is read is told.
Kernel confinement keeps from being written what is not listed here.
"""

from collections.abc import Mapping
from typing import Final

from dagproof.model import Kind

_READ, _WRITE = Kind.FILESYSTEM_READ, Kind.FILESYSTEM_WRITE


def _table(reads: str = "", writes: str = "") -> Mapping[str, Kind]:
    return dict.fromkeys(reads.split(), _READ) | dict.fromkeys(writes.split(), _WRITE)


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
        "read_csv read_parquet read_json from_csv_auto from_parquet", "write_csv connect"
    ),
    "h5py": _table(writes="File"),
    "lightgbm": _table(writes="Booster.save_model"),
    "xgboost": _table(writes="Booster.save_model"),
    "readline": _table("read_history_file", "write_history_file append_history_file"),
    "grpc": dict.fromkeys(("insecure_channel", "secure_channel"), Kind.NETWORK),
}
