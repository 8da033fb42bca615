"""Fits the linear regression of homework 3 on the exact sums of its months, and logs it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mlops.tracking import TrackingError, tracked_run
from taxi.cells import SUMS
from taxi.linear import fit_linear, to_pipeline
from taxi.pairs import ZonePairs
from taxi.train import read_cells
from taxi.trained import EXPERIMENT, log_trained, month_name

NAME: Final = "nyc-taxi-homework3"  # and a colour behind it


def train(months: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Fit a linear regression on one-hot pickup and drop-off zones, and log it with its intercept.

    The sums of zone pairs give the least-squares solution exactly, so that neither the trips nor
    their one-hot matrix are ever in memory. It is the solution of minimum norm, whose intercept is
    the one that scikit-learn finds.

    Args:
        months: what `taxi.features.build_month_features` returned, one for each month.

    Returns:
        `run_id`, `model_uri`, `digest` of the fitted model, `colour`, `trained_on` (`2023-03`, or
        the first and the last month as `2023-01_2023-03`); `intercept` and `rmse` (minutes, on the
        trips that it was fitted on), `trips`, `n_features`. Numbers are also metrics of the run.

    Raises:
        mlops.tracking.TrackingError: MLflow or its store of artifacts does not answer.
        mlops.storage.StorageError: cells of a month cannot be read.
        ValueError: there is no month.
    """
    months = list(months)
    pairs = ZonePairs.total(ZonePairs(*(month[name] for name in SUMS)) for month in months)
    names = [month_name(month) for month in months]
    trained_on = names[0] if len(names) == 1 else f"{names[0]}_{names[-1]}"
    with tracked_run(
        EXPERIMENT,
        run_name="homework3",
        params={
            "algorithm": "LinearRegression",
            "colour": months[0]["colour"],
            "months": ",".join(names),
            "features": "PULocationID,DOLocationID",
            "encoding": "one-hot",
        },
    ) as run:
        if run is None:
            raise TrackingError("No MLflow run is open; set MLFLOW_TRACKING_URI.")
        fit = fit_linear(pairs)
        metrics = {
            "intercept": fit.intercept,
            "rmse": fit.rmse,
            "trips": fit.trips,
            "n_features": fit.n_features,
        }
        datasets = [("training", month) for month in months]
        logged = log_trained(to_pipeline(fit), metrics, read_cells(months), datasets)
    return {
        "run_id": run.info.run_id,
        "colour": str(months[0]["colour"]),
        "trained_on": trained_on,
        **logged,
        **metrics,
    }
