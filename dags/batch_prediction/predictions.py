"""The steps of a batch prediction: the batch, the model, and predictions that appear whole."""

import hashlib
import logging
from typing import Any, Final

from batch_prediction import serving
from feature_engineering import published
from iris import data
from mlops import environment, notifier, storage, tracking
from mlops.failures import NothingToDoError

COMPONENT: Final = "iris-predictions"

_log = logging.getLogger(__name__)


def load_batch(run_id: str, source: str) -> dict[str, Any]:
    """Copy the batch to the folder of this run, so that what was predicted on is kept.

    Args:
        run_id: Airflow's.
        source: `features`, `sklearn` or an address.

    Returns:
        `base` (address of the folder), `batch` (address of the copy), `rows`.

    Raises:
        NothingToDoError: the batch has no rows, or nothing has been published yet.
        PermanentError: the source is no readable table.
        mlops.storage.StorageError: it is not there, or DATA_ROOT cannot be written.
    """
    base = storage.uri("iris", "predictions", storage.safe(run_id))
    batch = data.extract(base, published.resolved(source))
    rows = len(data.read_table(batch))
    if not rows:
        raise NothingToDoError(f"{source} has no rows; there is nothing to predict.")
    return {"base": base, "batch": batch, "rows": rows}


def predict(batch: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Predict the class of every row, and store all of it or nothing.

    `predictions.parquet` has a row for each of the batch, in its order: `row`, `prediction`,
    `model`, `model_version`. `predictions.json` appears after it, and says that it is complete.

    Args:
        batch: what `load_batch` returned.
        model: what `serving.served` returned.

    Returns:
        What `predictions.json` holds: `predictions` (address), `batch`, `rows`, `model`,
        `model_version`, `classes` (rows of each class), `sha256`; and `manifest`, its address.

    Raises:
        PermanentError: the batch does not fit the model, or the version is gone.
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    import pandas as pd

    table = data.read_table(batch["batch"])
    required = environment.load().tracking_required
    settings = {"model": model["name"], "model_version": model["version"], "rows": len(table)}
    with tracking.tracked_run(
        COMPONENT, required=required, run_name="predict_batch", params=settings
    ) as run:
        classes = pd.Series(serving.predict(model, table, batch["batch"])).astype("int64")
        predictions = pd.DataFrame(
            {
                "row": range(len(table)),
                "prediction": classes,
                "model": model["name"],
                "model_version": model["version"],
            }
        )
        counts = {str(one): int(count) for one, count in classes.value_counts().items()}
        if run is not None:
            with tracking.fail_soft(required=required):
                _log_counts(counts)
        address = data.write_table(f"{batch['base']}/predictions.parquet", predictions)
        told = {
            "predictions": address,
            "batch": batch["batch"],
            "rows": len(table),
            "model": model["name"],
            "model_version": model["version"],
            "classes": counts,
            "sha256": _digest(address),
        }
        manifest = storage.write_json(f"{batch['base']}/predictions.json", told)
    return {**told, "manifest": manifest}


def notify(told: dict[str, Any]) -> dict[str, Any]:
    """Log what was predicted, and post it to the webhook, where one is set."""
    summary = {name: told[name] for name in ("predictions", "rows", "model", "model_version")}
    _log.info("%s", " ".join(f"{name}={value}" for name, value in summary.items()))
    notifier.post({"state": "success", **summary, "classes": told["classes"]})
    return summary


def _log_counts(counts: dict[str, int]) -> None:
    import mlflow

    mlflow.log_metrics({f"class_{name}": float(count) for name, count in counts.items()})


def _digest(address: str) -> str:
    with storage.local_copy(address) as path:
        return hashlib.sha256(path.read_bytes()).hexdigest()
