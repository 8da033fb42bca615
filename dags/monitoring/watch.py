"""The steps of the monitoring: the two tables, the report, the retraining that it asks for."""

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from batch_prediction import serving
from feature_engineering import published
from iris import data
from mlops import environment, notifier, registry, storage, tracking
from mlops.failures import NothingToDoError, PermanentError
from monitoring import drift

if TYPE_CHECKING:
    import pandas as pd

COMPONENT: Final = "iris-monitoring"
LEARNED: Final = "champion"
"""Names, as `reference`, the rows that the champion learned from."""

_log = logging.getLogger(__name__)


def collect(run_id: str, reference: str, current: str, min_rows: int) -> dict[str, Any]:
    """Copy the rows to look at, and find those that the champion learned from.

    Args:
        run_id: Airflow's.
        reference: `champion`, `features`, `sklearn` or an address.
        current: `features`, `sklearn` or an address.
        min_rows: with fewer in either table nothing is said.

    Returns:
        `base` (address of the folder), `reference` and `current` (addresses of the copies),
        `version` (of the champion), `digest` (of the current rows), `labelled` (whether they
        have a class).

    Raises:
        NothingToDoError: there is no champion, no features have been published, or there are too
            few rows.
        PermanentError: a table lacks a feature, or holds no finite numbers in it; or MLflow does
            not know what the champion learned from.
        mlops.tracking.TrackingError: MLflow does not answer.
        mlops.storage.StorageError: a table is not there, or DATA_ROOT cannot be written.
    """
    champion = serving.served(registry.CHAMPION)
    learned = _learned(champion) if reference == LEARNED else published.resolved(reference)
    base = storage.uri("iris", "monitoring", storage.safe(run_id))
    addresses, tables = {}, {}
    for name, source in (("reference", learned), ("current", published.resolved(current))):
        addresses[name] = data.extract(f"{base}/{name}", source)
        tables[name] = _checked(data.read_table(addresses[name]), source, min_rows)
    with storage.local_copy(addresses["current"]) as path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "base": base,
        **addresses,
        "version": champion["version"],
        "digest": digest,
        "labelled": data.TARGET in tables["current"].columns,
    }


def report(
    collected: dict[str, Any], alpha: float, min_effect: float, min_share: float
) -> dict[str, Any]:
    """Measure the drift; `report.json` and an MLflow run hold every feature's numbers.

    Args:
        collected: what `collect` returned.
        alpha: see `drift.measure`.
        min_effect: see `drift.measure`.
        min_share: see `drift.measure`.

    Returns:
        `retrain`, `drifted`, `share`, as `drift.measure` does; `version`, `report` (address).

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    reference, current = (data.read_table(collected[name]) for name in ("reference", "current"))
    settings = {"alpha": alpha, "min_effect": min_effect, "min_share": min_share}
    required = environment.load().tracking_required
    with tracking.tracked_run(
        COMPONENT,
        required=required,
        run_name="measure_drift",
        params={**settings, "model_version": collected["version"], "rows": len(current)},
    ) as run:
        measured = drift.measure(
            reference, current, alpha=alpha, min_effect=min_effect, min_share=min_share
        )
        if run is not None:
            with tracking.fail_soft(required=required):
                _log_drift(measured)
        address = storage.write_json(
            f"{collected['base']}/report.json",
            {**measured, **settings, "version": collected["version"], "rows": len(current)},
        )
    told = {name: measured[name] for name in ("retrain", "drifted", "share")}
    return {**told, "version": collected["version"], "report": address}


def plan(collected: dict[str, Any], training_source: str) -> dict[str, Any]:
    """Say which run of the training to trigger, and with what.

    The run's id is made of the champion and the rows that have drifted from it: however many
    monitors see the same, and however often, they ask for one retraining.

    Args:
        collected: what `collect` returned.
        training_source: `current` for the rows that were looked at, else as for `published`.

    Returns:
        `run_id`, and `conf` of `ml_training_pipeline`.

    Raises:
        PermanentError: the rows have no class to learn, or the training would refuse them.
        NothingToDoError: no features have been published.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    if training_source != "current":
        source = published.resolved(training_source)
    elif collected["labelled"]:
        source = data.validate(collected["current"])
    else:
        raise PermanentError(
            f"{collected['current']} has drifted, but has no column `{data.TARGET}` to learn from;"
            " name labelled rows as training_source."
        )
    run_id = f"drift__v{collected['version']}__{collected['digest'][:12]}"
    return {"run_id": run_id, "conf": {"source": source}}


def notify(reported: dict[str, Any]) -> dict[str, Any]:
    """Log what was measured, and post it to the webhook, where one is set."""
    _log.info("%s", " ".join(f"{name}={value}" for name, value in reported.items()))
    notifier.post({"state": "success", **reported})
    return reported


def _learned(champion: dict[str, Any]) -> str:
    """Return the address of the rows that a version learned from, as its MLflow run tells it."""
    with tracking.configured() as mlflow:
        client = mlflow.MlflowClient()
        try:
            run_id = _trained_by(client, champion)
            inputs = client.get_run(run_id).inputs if run_id else None
        except mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            inputs = None
    for one in inputs.dataset_inputs if inputs else []:
        context = {tag.key: tag.value for tag in one.tags}.get("mlflow.data.context")
        address = json.loads(one.dataset.source).get("uri")
        if context == "training" and address:
            return str(address)
    raise PermanentError(
        f"MLflow does not know which rows {serving.label(champion)} learned from; name them as"
        " `reference`."
    )


def _trained_by(client: Any, champion: dict[str, Any]) -> str | None:
    """Return the run of a version, if any: one that was registered by hand may have none."""
    if champion["run_id"]:
        return str(champion["run_id"])
    model_id = champion["tags"].get(registry.MODEL_URI, "").removeprefix("models:/")
    return client.get_logged_model(model_id).source_run_id if model_id else None


def _checked(table: "pd.DataFrame", source: str, min_rows: int) -> "pd.DataFrame":
    if len(table) < min_rows:
        raise NothingToDoError(
            f"{source} has {len(table)} rows, of which nothing can be said; min_rows is {min_rows}."
        )
    for name in data.FEATURES:
        if name not in table.columns:
            problem = f"lacks the column `{name}`"
        elif table[name].dtype.kind not in "iuf":
            problem = f"holds no numbers in `{name}`"
        elif not (table[name].astype("float64").abs() <= data.LARGEST).all():
            problem = f"has missing or infinite values in `{name}`"
        else:
            continue
        raise PermanentError(f"{source} {problem}, so that drift cannot be told; repair it.")
    return table


def _log_drift(measured: dict[str, Any]) -> None:
    import mlflow

    numbers = {
        f"{kind}/{name.replace(' (cm)', '')}": one[kind]
        for name, one in measured["features"].items()
        for kind in ("p_value", "effect")
    }
    mlflow.log_metrics({**numbers, "share_drifted": measured["share"]})
    mlflow.set_tag("retrain", str(measured["retrain"]).lower())
