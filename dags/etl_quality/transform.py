"""Transforms one chunk of orders, measures its quality, and adds the chunks up again."""

import hashlib
import zlib
from typing import TYPE_CHECKING, Any

from etl_quality.extract import check_schema, read_table, write_table
from mlops import storage
from mlops.failures import PermanentError
from mlops.limited_tracking import log_with_mlflow

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "etl_quality_tracking"
_MODULUS = 2**32


def transform_and_track(chunk: dict[str, Any], *, mlflow_enable: bool) -> dict[str, Any]:
    """Transform a chunk, write it to its own file, and log its quality as one MLflow run.

    MLflow's absence is one warning: the data are what counts here. A retry writes the same file and
    takes up the same run; calls of MLflow keep to the rate limit `mlflow_api`.

    Args:
        chunk: what `plan_chunks` returned for it.
        mlflow_enable: whether to log at all.

    Returns:
        `chunk`, `target`, `planned` (rows), what `quality` returns, and `mlflow_run_id` (None if
        nothing is logged).

    Raises:
        PermanentError: the chunk holds no orders.
        mlops.storage.StorageError: it cannot be read or written.
    """
    orders = read_table(chunk["orders"]).iloc[chunk["first"] : chunk["last"]]
    check_schema(orders, chunk["orders"])
    table = _transformed(orders)
    write_table(chunk["target"], table)
    measured = quality(table)
    run_id = None
    if mlflow_enable:
        run_id = log_with_mlflow(
            EXPERIMENT,
            {
                "rows_processed": float(measured["rows"]),
                "null_rate": measured["null_rate"],
                "checksum": float(measured["checksum"]),
            },
            run_name=f"etl_{chunk['chunk']:03d}",
            params={"transformed": "true", "chunk": chunk["chunk"], "sha256": measured["sha256"]},
            tags={"chunk": str(chunk["chunk"])},
            required=False,
        )
    return {
        "chunk": chunk["chunk"],
        "target": chunk["target"],
        "planned": chunk["last"] - chunk["first"],
        **measured,
        "mlflow_run_id": run_id,
    }


def quality(table: "pd.DataFrame") -> dict[str, Any]:
    """Measure rows, nulls and checksum of a table, whatever its index.

    Returns:
        `rows`, `nulls`, `cells`, `null_rate` (0 for an empty table), `checksum`, `sha256`. CRC-32
        fits a metric of MLflow, which is a double, exactly; longer checksums do not.
    """
    text = table.to_csv(index=False, lineterminator="\n").encode()
    nulls, cells = int(table.isna().sum().sum()), int(table.size)
    return {
        "rows": len(table),
        "nulls": nulls,
        "cells": cells,
        "null_rate": nulls / cells if cells else 0.0,
        "checksum": zlib.crc32(text),
        "sha256": hashlib.sha256(text).hexdigest(),
    }


def report(run: str, chunks: list[dict[str, Any]] | None, max_null_rate: float) -> dict[str, Any]:
    """Add the chunks up, keep the sums as `quality.json` of the run, and refuse bad data.

    Args:
        run: Airflow's run id.
        chunks: what `transform_and_track` returned, in any order.
        max_null_rate: the largest share of nulls that is good enough, 0-1.

    Returns:
        `report` (the address), `chunks`, `rows`, `null_rate`, `checksum` (sum of theirs modulo
        2^32), `tracked` (chunks with an MLflow run).

    Raises:
        PermanentError: rows were lost, or the share of nulls is too large; the report is kept.
        mlops.storage.StorageError: it cannot be written.
    """
    done = sorted(chunks or [], key=lambda chunk: chunk["chunk"])
    rows, planned, nulls, cells = (
        sum(chunk[name] for chunk in done) for name in ("rows", "planned", "nulls", "cells")
    )
    totals = {
        "chunks": len(done),
        "rows": rows,
        "null_rate": nulls / cells if cells else 0.0,
        "checksum": sum(chunk["checksum"] for chunk in done) % _MODULUS,
        "tracked": sum(chunk["mlflow_run_id"] is not None for chunk in done),
    }
    address = storage.write_json(
        storage.uri("etl_quality", storage.safe(run), "quality.json"),
        {"totals": totals, "max_null_rate": max_null_rate, "chunks": done},
    )
    if rows != planned:
        raise PermanentError(f"{planned} rows were planned and {rows} came out; see {address}.")
    if totals["null_rate"] > max_null_rate:
        raise PermanentError(
            f"A share of {totals['null_rate']:.4f} of the cells is null, more than max_null_rate "
            f"{max_null_rate:g}; see {address}, and repair the source."
        )
    return {"report": address, **totals}


def tracking_wanted(told: object) -> bool:
    """Read `mlflow_enable` as it comes out of a template.

    Raises:
        PermanentError: it is neither true nor false.
    """
    text = str(told).strip().lower()
    if text not in ("true", "false"):
        raise PermanentError(f"`mlflow_enable` is `{told}`; give true or false.")
    return text == "true"


def _transformed(orders: "pd.DataFrame") -> "pd.DataFrame":
    """Keep the four columns, spell customers alike, and add what each order is worth."""
    table = orders[["order_id", "customer", "quantity", "price"]].reset_index(drop=True)
    customers = table["customer"].astype("object")
    return table.assign(
        customer=customers.where(customers.isna(), customers.astype(str).str.strip().str.upper()),
        revenue=(table["quantity"].astype("float64") * table["price"].astype("float64")).round(2),
    )
