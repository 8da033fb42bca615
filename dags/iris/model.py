"""The steps of the model: training, evaluation with the quality gate, deployment, notification.

A model is a skops file, never a pickle: reading it runs no code beyond the types listed here.
"""

import hashlib
import logging
import shutil
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from iris.data import FEATURES, TARGET, read_table
from mlops import environment, models, notifier, registry, storage, tracking
from mlops.failures import PermanentError
from mlops.steady_skops import steady

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

COMPONENT = "iris"
REGISTERED = "iris-classifier"
# What a random forest holds beyond the types that skops knows to be harmless.
TRUSTED = ["sklearn.tree._tree.Tree"]

_log = logging.getLogger(__name__)


def train(
    base: str, split: dict[str, str], n_estimators: int, max_depth: int, random_state: int
) -> dict[str, Any]:
    """Fit a random forest and log it to MLflow.

    Args:
        base: the folder of the run.
        split: the addresses that `preprocess` returned.
        n_estimators: trees.
        max_depth: levels of each tree.
        random_state: the seed.

    Returns:
        `model` (address of the skops file), `train_accuracy` (0-1), `model_uri` and
        `mlflow_run_id` (both None where MLflow is optional and absent).

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
    """
    from sklearn.ensemble import RandomForestClassifier

    settings = {
        "n_estimators": n_estimators,
        "max_depth": max_depth,
        "random_state": random_state,
    }
    table = read_table(split["train"])
    features, target = table[list(FEATURES)], table[TARGET]
    required = environment.load().tracking_required
    with tracking.tracked_run(
        COMPONENT,
        required=required,
        run_name="train_model",
        params={"algorithm": "RandomForestClassifier", "train_rows": len(table), **settings},
    ) as run:
        model = RandomForestClassifier(**settings).fit(features, target)
        accuracy = float(model.score(features, target))
        address = _save(model, f"{base}/model.skops")
        model_uri = None
        if run is not None:
            with tracking.fail_soft(required=required):
                _log_dataset(table, split["train"], "training")
                model_uri = _log_model(model, features, accuracy)
    return {
        "model": address,
        "train_accuracy": accuracy,
        "model_uri": model_uri,
        "mlflow_run_id": run.info.run_id if run else None,
    }


def evaluate(
    base: str, split: dict[str, str], trained: dict[str, Any], min_accuracy: float
) -> dict[str, Any]:
    """Measure the model on the test rows, and stop the pipeline below the quality gate.

    Args:
        base: the folder of the run.
        split: the addresses that `preprocess` returned.
        trained: what `train` returned.
        min_accuracy: the gate, 0-1, itself still good enough.

    Returns:
        `accuracy` (0-1), `report` (address of the metrics as JSON), `mlflow_run_id`.

    Raises:
        PermanentError: the accuracy is below the gate; the metrics are kept and logged.
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
    """
    from sklearn.metrics import accuracy_score, classification_report

    table = read_table(split["test"])
    predicted = load(trained["model"]).predict(table[list(FEATURES)])
    accuracy = float(accuracy_score(table[TARGET], predicted))
    details = classification_report(table[TARGET], predicted, output_dict=True, zero_division=0)
    macro_f1 = float(details["macro avg"]["f1-score"])
    report = storage.write_json(
        f"{base}/metrics.json",
        {
            "accuracy": accuracy,
            "min_accuracy": min_accuracy,
            "classification_report": details,
        },
    )
    required = environment.load().tracking_required
    with tracking.tracked_run(
        COMPONENT,
        required=required,
        run_name="evaluate_model",
        params={"min_accuracy": min_accuracy, "test_rows": len(table)},
        tags={"trained_by": str(trained["mlflow_run_id"])},
    ) as run:
        if run is not None:
            with tracking.fail_soft(required=required):
                _log_dataset(table, split["test"], "evaluation")
                _log_metrics({"accuracy": accuracy, "macro_f1": macro_f1}, trained["model_uri"])
        if accuracy < min_accuracy:
            raise PermanentError(
                f"Accuracy {accuracy:.4f} is below min_accuracy {min_accuracy:g}, so nothing"
                " is deployed; improve the data or the model, or lower min_accuracy."
            )
    return {
        "accuracy": accuracy,
        "report": report,
        "mlflow_run_id": run.info.run_id if run else None,
    }


def deploy(base: str, trained: dict[str, Any], evaluated: dict[str, Any]) -> dict[str, Any]:
    """Put the model into production: file, then pointer, then alias.

    Each of the three appears whole. Killed in between, the earlier file is untouched and the
    alias still names the earlier version; running again ends what was begun, with the same version.

    Args:
        base: the folder of the run.
        trained: what `train` returned.
        evaluated: what `evaluate` returned.

    Returns:
        `production` (address of the model file), `pointer` (address of `current.json`, which
        names it), `version` of `iris-classifier` (None where MLflow is optional and absent).

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
        mlops.storage.StorageError: the production folder cannot be written.
    """
    registered = _register(trained, evaluated)
    label = f"v{registered}" if registered else base.rsplit("/", 1)[-1]
    production = storage.uri("iris", "production", label, "model.skops")
    with storage.local_copy(trained["model"]) as source:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        with storage.publish(production) as target:
            shutil.copyfile(source, target)
    pointer = storage.write_json(
        storage.uri("iris", "production", "current.json"),
        {
            "model": production,
            "sha256": digest,
            "version": registered,
            "accuracy": evaluated["accuracy"],
        },
    )
    if registered is not None:
        with tracking.fail_soft(required=environment.load().tracking_required):
            registry.promote(REGISTERED, registered)
    return {"production": production, "pointer": pointer, "version": registered}


def notify(
    trained: dict[str, Any], evaluated: dict[str, Any], deployed: dict[str, Any]
) -> dict[str, Any]:
    """Log the summary of the run and post it to the webhook, where one is set.

    Returns:
        The summary: model name, version, accuracies (0-1), addresses.
    """
    summary = {
        "model": REGISTERED,
        "version": deployed["version"],
        "accuracy": evaluated["accuracy"],
        "train_accuracy": trained["train_accuracy"],
        "production": deployed["production"],
        "mlflow_run_id": trained["mlflow_run_id"],
    }
    _log.info("%s", " ".join(f"{name}={value}" for name, value in summary.items()))
    notifier.post({"state": "success", **summary})
    return summary


def load(address: str) -> "RandomForestClassifier":
    """Read a model that `train` or `deploy` wrote; other types than a forest's are refused.

    Raises:
        PermanentError: the file is damaged, or holds a type that is not trusted.
        mlops.storage.StorageError: it is not there.
    """
    import zipfile

    skops = _skops()
    with storage.local_copy(address) as path:
        try:
            return skops.load(path, trusted=TRUSTED)
        except (
            skops.exceptions.UntrustedTypesFoundException,
            zipfile.BadZipFile,
            KeyError,
            ValueError,
        ) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise PermanentError(
                f"{address} is no trustworthy model ({reason}); train it again."
            ) from error


def _save(model: "RandomForestClassifier", address: str) -> str:
    skops = _skops()
    with storage.publish(address) as path:
        path.write_bytes(steady(skops.dumps(model)))
    return address


def _skops() -> Any:
    """Import skops, which then looks into every loaded module; Airflow's old names warn of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import skops.io.exceptions

        return skops.io


def _log_dataset(table: "pd.DataFrame", address: str, context: str) -> None:
    import mlflow

    with warnings.catch_warnings():
        # Any of MLflow's readers may take the address, and a row without a class does not get here.
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer column")
        dataset = mlflow.data.from_pandas(table, source=address, targets=TARGET, name="iris")
        mlflow.log_input(dataset, context=context)


def _log_model(
    model: "RandomForestClassifier", features: "pd.DataFrame", train_accuracy: float
) -> str:
    import mlflow
    from mlflow.models import infer_signature

    # Listed by hand: otherwise MLflow loads the model in a process of its own to find them out.
    packages = ("numpy", "pandas", "scikit-learn", "skops")
    model_uri = models.log_model(
        mlflow.sklearn,
        model,
        "model",
        signature=infer_signature(features, model.predict(features)),
        serialization_format="skops",
        skops_trusted_types=TRUSTED,
        pip_requirements=[f"{name}=={version(name)}" for name in packages],
    )
    importances = zip(features.columns, model.feature_importances_, strict=True)
    told = {f"importance/{name.removesuffix(' (cm)')}": float(one) for name, one in importances}
    _log_metrics({"train_accuracy": train_accuracy, **told}, model_uri)
    return model_uri


def _log_metrics(metrics: dict[str, float], model_uri: str | None) -> None:
    """Log numbers to the active run, and to the page of the model that they describe."""
    import mlflow

    model_id = model_uri.removeprefix("models:/") if model_uri else None
    mlflow.log_metrics(metrics, model_id=model_id)


def _register(trained: dict[str, Any], evaluated: dict[str, Any]) -> str | None:
    """Return the model's version, as text; None where MLflow is optional and absent."""
    if trained["model_uri"] is None:
        return None
    with tracking.fail_soft(required=environment.load().tracking_required):
        registered = registry.register(
            trained["model_uri"], REGISTERED, {"accuracy": f"{evaluated['accuracy']:.6f}"}
        )
        return str(registered.version)
    return None
