"""What the DAGs beside `mlops_taxi_dag` do with a model: log it, and register it by its months."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlops import registry
from mlops.tracking import fail_soft
from taxi.train import dataset_of, log_pipeline

if TYPE_CHECKING:
    import polars as pl
    from sklearn.pipeline import Pipeline

EXPERIMENT: Final = "nyc-taxi-experiment"
DIGEST: Final = "digest"  # tag of a version: which fitted model it is

_log = logging.getLogger(__name__)


def log_trained(
    model: "Pipeline",
    metrics: Mapping[str, float],
    cells: "pl.DataFrame",
    datasets: Sequence[tuple[str, Mapping[str, Any]]],
) -> dict[str, str]:
    """Log datasets, the model as `model` and its metrics to the open run.

    Args:
        model: as `taxi.boosted.fit_boosted` and `taxi.linear.to_pipeline` return it.
        metrics: of the model.
        cells: what it was fitted on, for an example of its input.
        datasets: the context of each month, and the month.

    Returns:
        `model_uri` and `digest`, which is the same for the same fitted model.

    Raises:
        mlops.tracking.TrackingError: MLflow or its store of artifacts does not answer.
    """
    import joblib  # type: ignore[import-untyped]  # it ships no types
    import mlflow

    with fail_soft(required=True):
        for context, month in datasets:
            mlflow.log_input(dataset_of(month), context=context)
        model_uri = log_pipeline("model", model, cells)
        mlflow.log_metrics(dict(metrics), model_id=model_uri.removeprefix("models:/"))
    return {"model_uri": model_uri, DIGEST: str(joblib.hash(model))}


def register(trained: Mapping[str, Any], name: str, alias: str, told: Sequence[str]) -> Any:
    """Make the model a version of `name` that `alias` points at; the same model twice makes one.

    Args:
        trained: `model_uri`, `digest` and `run_id`, as from `log_trained`.
        name: of the registered model.
        alias: says which model of that name it is, such as `trained-2023-01`.
        told: which keys of `trained` become tags of the version.

    Returns:
        `model_name`, `version`, `alias`, `run_id` of the version, `registered` (whether this run
        made it), and what is told.

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer.
    """
    version = registry.champion(name, alias)
    # Ours: an earlier try of this task registered it, or one before the DAG run was cleared.
    ours = version is not None and version.tags.get(registry.MODEL_URI) == trained["model_uri"]
    same = version is not None and version.tags.get(DIGEST) == trained[DIGEST]
    if version is None or not same:
        tags = {key: f"{trained[key]}" for key in (DIGEST, *told)}
        version = registry.register(str(trained["model_uri"]), name, tags)
        registry.promote(name, version.version, alias)
        ours = True
    _log.info("%s@%s is version %s, made by this run: %s", name, alias, version.version, ours)
    return {
        "model_name": name,
        "version": str(version.version),
        "alias": alias,
        "run_id": trained["run_id"] if ours else version.run_id,
        "registered": ours,
        **{key: trained[key] for key in told},
    }


def month_name(month: Mapping[str, Any]) -> str:
    """Return what a month is called, such as `2023-01`."""
    return f"{month['year']}-{month['month']:02d}"
