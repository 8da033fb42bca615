"""The steps of the model: trained on one month, validated on the next, registered."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlops import registry
from mlops.failures import PermanentError
from mlops.tracking import TrackingError, fail_soft, tracked_run
from taxi.boosted import SETTINGS, fit_boosted
from taxi.scoring import FEATURES, score
from taxi.train import dataset_of, log_pipeline, read_cells

if TYPE_CHECKING:
    import polars as pl
    from sklearn.pipeline import Pipeline

EXPERIMENT: Final = "nyc-taxi-experiment"
DIGEST: Final = "digest"  # tag of a version: which fitted model it is

_log = logging.getLogger(__name__)


def train(months: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Fit boosted trees on the first month, score them on the second, and log both facts.

    All trips of both months count: the second month is the holdout.

    Args:
        months: what `taxi.features.build_month_features` returned for two months, in order.

    Returns:
        `run_id`, `model_uri`, `digest` of the fitted model, `colour`, `trained_on` and
        `validated_on` (`2023-01`); `rmse` on the second month and `training_rmse` on the first
        (minutes), `trips`, `validation_trips`. Numbers are also the metrics of the run.

    Raises:
        mlops.failures.PermanentError: there are not two months.
        mlops.tracking.TrackingError: MLflow or its store of artifacts does not answer.
        mlops.storage.StorageError: cells of a month cannot be read.
    """
    months = list(months)
    if len(months) != 2:  # noqa: PLR2004 - one to learn from, one to be judged by
        raise PermanentError(
            f"Two months are needed, one to train on and one to validate on, and {len(months)} "
            "came; plan two."
        )
    training, validation = (read_cells([month]) for month in months)
    trained_on, validated_on = (month_name(month) for month in months)
    with tracked_run(
        EXPERIMENT,
        run_name="duration-prediction",
        params={
            "algorithm": "HistGradientBoostingRegressor",
            "colour": months[0]["colour"],
            "trained_on": trained_on,
            "validated_on": validated_on,
            "features": ",".join(FEATURES),
            **SETTINGS,
        },
    ) as run:
        if run is None:
            raise TrackingError("No MLflow run is open; set MLFLOW_TRACKING_URI.")
        model = fit_boosted(training)
        metrics = {
            "rmse": score(model, validation),
            "training_rmse": score(model, training),
            "trips": int(training["trips"].sum()),
            "validation_trips": int(validation["trips"].sum()),
        }
        datasets = [("training", months[0]), ("validation", months[1])]
        logged = log_trained(model, metrics, training, datasets)
    return {
        "run_id": run.info.run_id,
        "colour": str(months[0]["colour"]),
        "trained_on": trained_on,
        "validated_on": validated_on,
        **logged,
        **metrics,
    }


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
