"""The two models that compete: how they are made, fitted, logged and scored."""

import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from threadpoolctl import threadpool_limits

from mlops.models import log_model
from mlops.tracking import TrackingError, fail_soft, tracked_run
from model_selection.data import read_part

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT: Final = "model-selection"
NAMES: Final = ("logistic", "forest")  # the simpler first: it wins a tie
SETTINGS: Final[Mapping[str, dict[str, Any]]] = {
    "logistic": {"C": 1.0, "max_iter": 2000},
    "forest": {"n_estimators": 100, "max_depth": 8},
}
TRUSTED: Final = ["sklearn.tree._tree.Tree"]  # beyond what skops knows to be harmless
PACKAGES: Final = ("numpy", "pandas", "scikit-learn", "skops")


def train(candidate: str, data: Mapping[str, Any], random_state: int) -> dict[str, Any]:
    """Fit one candidate on the training rows, measure it on the test rows, and log it.

    Args:
        candidate: one of `NAMES`.
        data: what `model_selection.data.validate` returned.
        random_state: the seed of all chance.

    Returns:
        `candidate`, `run_id`, `model_uri`, `accuracy` (0-1, on the test rows), `train_accuracy`.

    Raises:
        mlops.tracking.TrackingError: MLflow or its store of artifacts does not answer.
        mlops.storage.StorageError: the rows are not there.
        ValueError: an unknown candidate.
    """
    if candidate not in NAMES:
        raise ValueError(f"No candidate `{candidate}`; choose one of {', '.join(NAMES)}.")
    rows, test = read_part(data["train"]), read_part(data["test"])
    features, target = list(data["features"]), str(data["target"])
    with tracked_run(
        EXPERIMENT,
        run_name=candidate,
        params={
            "candidate": candidate,
            "random_state": random_state,
            "train_rows": len(rows),
            **SETTINGS[candidate],
        },
        tags={"candidate": candidate},
    ) as run:
        if run is None:
            raise TrackingError("No MLflow run is open; set MLFLOW_TRACKING_URI.")
        with threadpool_limits(limits=1):  # sums in one order: equal rows give equal models
            model = _MAKERS[candidate](random_state).fit(rows[features], rows[target])
        metrics = {
            "accuracy": accuracy(model, test, features, target),
            "train_accuracy": accuracy(model, rows, features, target),
        }
        with fail_soft(required=True):
            model_uri = _log(model, rows, features, target, data["raw"], metrics)
    return {
        "candidate": candidate,
        "run_id": run.info.run_id,
        "model_uri": model_uri,
        **metrics,
    }


def accuracy(model: Any, rows: "pd.DataFrame", features: list[str], target: str) -> float:
    """Return the share of rows whose class a model predicts, 0-1."""
    import numpy as np

    with threadpool_limits(limits=1):
        predicted = np.asarray(model.predict(rows[features])).reshape(-1)
    return float((predicted == rows[target].to_numpy()).mean())


def _logistic(random_state: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(random_state=random_state, **SETTINGS["logistic"])
    return make_pipeline(StandardScaler(), regression)


def _forest(random_state: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=random_state, **SETTINGS["forest"])


_MAKERS: Final[Mapping[str, Callable[[int], Any]]] = {"logistic": _logistic, "forest": _forest}


def _log(
    model: Any,
    rows: "pd.DataFrame",
    features: list[str],
    target: str,
    address: str,
    metrics: dict[str, float],
) -> str:
    """Log dataset, model and metrics to the open run; return the model's address."""
    import mlflow
    from mlflow.models import infer_signature

    with warnings.catch_warnings():
        # skops looks into every loaded module when it is imported; Airflow's old names warn of it.
        warnings.simplefilter("ignore")
        import skops.io  # noqa: F401
    with warnings.catch_warnings():
        # Any of MLflow's readers may take the address; classes that are whole numbers have no gap.
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer column")
        dataset = mlflow.data.from_pandas(rows, source=address, targets=target, name="selection")
        mlflow.log_input(dataset, context="training")
        signature = infer_signature(rows[features], model.predict(rows[features]))
    model_uri = log_model(
        mlflow.sklearn,
        model,
        "model",
        signature=signature,
        serialization_format="skops",
        skops_trusted_types=TRUSTED,
        pip_requirements=[f"{package}=={version(package)}" for package in PACKAGES],
    )
    mlflow.log_metrics(metrics, model_id=model_uri.removeprefix("models:/"))
    return model_uri
