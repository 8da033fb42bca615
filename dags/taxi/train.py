"""Trains one candidate, and logs all that others need to use, judge and repeat it."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from mlops import storage
from mlops.models import log_model
from mlops.tracking import TrackingError, fail_soft, tracked_run
from taxi import cells as cell_sums
from taxi.boosted import SETTINGS, fit_boosted
from taxi.cells import SUMS
from taxi.linear import fit_linear, to_pipeline
from taxi.pairs import ZonePairs
from taxi.scoring import FEATURES, design, score

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CANDIDATES: Final = ("linear", "boosted")
TRUSTED: Final = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
PACKAGES: Final = ("scikit-learn", "skops", "numpy", "scipy", "pandas")


def train_candidate(candidate: str, months: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Fit a candidate, score it, and log it to MLflow as `taxi-duration-<colour>`.

    It is fitted twice. Fitted on all trips, it is the `model` of the run, with `training_rmse`.
    Fitted without the trips held out, it gives `validation_rmse`, by which candidates are
    compared; that one is logged too, as `without_holdout`, so that later runs can compare theirs
    with it on trips that neither has seen.

    Args:
        candidate: `linear` or `boosted`.
        months: what `build_month_features` returned, one for each month.

    Returns:
        `candidate`, `colour`, `run_id`, `model_uri`, `without_holdout_uri`; `validation_rmse`,
        `training_rmse` (minutes), `trips`, `holdout_trips`, `n_features`, and for the linear one
        `intercept`. Numbers are also the metrics of the run.

    Raises:
        mlops.tracking.TrackingError: MLflow or its store of artifacts does not answer.
        mlops.storage.StorageError: cells of a month cannot be read.
        ValueError: an unknown candidate, no month, or no trip on one side of the holdout.
    """
    if candidate not in CANDIDATES:
        raise ValueError(f"No candidate `{candidate}`; choose one of {', '.join(CANDIDATES)}.")
    months = list(months)
    cells = read_cells(months)
    colour = str(months[0]["colour"])
    with tracked_run(
        model_name(colour),
        run_name=candidate,
        params=_params(candidate, months),
        tags={"candidate": candidate, "colour": colour},
    ) as run:
        if run is None:
            raise TrackingError("No MLflow run is open; set MLFLOW_TRACKING_URI.")
        models, metrics = _fit(candidate, cells, months)
        addresses = _log_run(models, metrics, cells, months)
    return {
        "candidate": candidate,
        "colour": colour,
        "run_id": run.info.run_id,
        "model_uri": addresses["model"],
        "without_holdout_uri": addresses["without_holdout"],
        **metrics,
    }


def model_name(colour: str) -> str:
    """Return the name of the experiment and of the registered model."""
    return f"taxi-duration-{colour}"


def read_cells(months: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the cells of all months together.

    Raises:
        mlops.storage.StorageError: cells of a month cannot be read.
        ValueError: there is no month.
    """
    if not months:
        raise ValueError("No month to learn from; plan at least one.")
    with ExitStack() as stack:
        paths = [stack.enter_context(storage.local_copy(month["cells"])) for month in months]
        return cell_sums.add([pl.read_parquet(path) for path in paths])


def log_pipeline(name: str, model: "Pipeline", cells: pl.DataFrame) -> str:
    """Log a model that anybody can load, without pickle; return its address."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    rows = Schema([ColSpec("long", feature) for feature in FEATURES])
    return log_model(
        mlflow.sklearn,
        model,
        name,
        signature=ModelSignature(rows, Schema([ColSpec("double")])),
        input_example=design(cells.head(5)) if name == "model" else None,
        pip_requirements=[f"{package}=={version(package)}" for package in PACKAGES],
        skops_trusted_types=TRUSTED,
    )


def dataset_of(month: Mapping[str, Any]) -> Any:
    """Describe a month to MLflow: where it came from and its checksum, not its rows."""
    from mlflow.data.dataset_source_registry import resolve_dataset_source
    from mlflow.data.meta_dataset import MetaDataset

    name = f"{month['colour']}-{month['year']}-{month['month']:02d}"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        source = resolve_dataset_source(month["source"])
    return MetaDataset(source, name, month["sha256"][:32])


def _fit(
    candidate: str, cells: pl.DataFrame, months: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, "Pipeline"], dict[str, float]]:
    """Return the two models by the names that they are logged under, and the metrics."""
    fitting, held_out = cells.filter(~pl.col("holdout")), cells.filter("holdout")
    if candidate == "linear":
        linear = fit_linear(ZonePairs.total(ZonePairs(*(m[name] for name in SUMS)) for m in months))
        model, validated = to_pipeline(linear), to_pipeline(fit_linear(ZonePairs.of(fitting)))
        own = {
            "n_features": linear.n_features,
            "intercept": linear.intercept,
            "training_rmse": linear.rmse,
        }
    else:
        model, validated = fit_boosted(cells), fit_boosted(fitting)
        own = {"n_features": int(model[-1].n_features_in_), "training_rmse": score(model, cells)}
    return {"model": model, "without_holdout": validated}, {
        "validation_rmse": score(validated, held_out),
        "trips": int(cells["trips"].sum()),
        "holdout_trips": int(held_out["trips"].sum()),
        **own,
    }


def _params(candidate: str, months: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Return what the candidate was trained with: its settings and its months."""
    settings = SETTINGS if candidate == "boosted" else {"solution": "minimum norm"}
    return {
        "candidate": candidate,
        "months": ",".join(f"{month['year']}-{month['month']:02d}" for month in months),
        "features": ",".join(FEATURES if candidate == "boosted" else FEATURES[:2]),
        "holdout": f"1/{cell_sums.HOLDOUT_EVERY}",
        **settings,
    }


def _log_run(
    models: Mapping[str, "Pipeline"],
    metrics: Mapping[str, float],
    cells: pl.DataFrame,
    months: Sequence[Mapping[str, Any]],
) -> dict[str, str]:
    """Log metrics, datasets and models to the open run; return the models' addresses by name."""
    import mlflow

    with fail_soft(required=True):
        for month in months:
            mlflow.log_input(dataset_of(month), context="training")
        addresses = {name: log_pipeline(name, model, cells) for name, model in models.items()}
        mlflow.log_metrics(dict(metrics), model_id=addresses["model"].removeprefix("models:/"))
    return addresses
