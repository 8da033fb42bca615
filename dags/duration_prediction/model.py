"""Trains boosted trees on one month and validates them on the next."""

from collections.abc import Iterable, Mapping
from typing import Any

from mlops.failures import PermanentError
from mlops.tracking import TrackingError, tracked_run
from taxi.boosted import SETTINGS, fit_boosted
from taxi.scoring import FEATURES, score
from taxi.train import read_cells
from taxi.trained import EXPERIMENT, log_trained, month_name


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
