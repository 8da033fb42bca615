"""Logs a fitted model to the MLflow run of its task: once, whole, and to be found again."""

import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from mlops.mlflow_session import TrackingError
from mlops.once import once

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

DIGEST: Final = "mlops.digest"


def log_model(flavor: Any, model: Any, name: str, **how: Any) -> str:
    """Log a model to the active run; return its address, `models:/m-...`.

    Does what `flavor.log_model` does, which makes two models, or fails for good, where an answer of
    MLflow is lost. A task that is tried again and fits the same model gets the one that its earlier
    try logged. The model is READY when all its files are there, never before.

    Args:
        flavor: a module such as `mlflow.sklearn`.
        model: what its `save_model` takes.
        name: of the model within the run.
        how: what else `save_model` takes.

    Raises:
        TrackingError: the store of artifacts does not take the files.
        mlflow.MlflowException: MLflow does not answer, or refuses.
    """
    import joblib  # type: ignore[import-untyped]  # it ships no types
    import mlflow

    client = mlflow.MlflowClient()
    run = client.get_run(mlflow.active_run().info.run_id)
    digest = joblib.hash(model)
    logged = once(
        lambda: _logged(client, run, name, digest),
        lambda: mlflow.initialize_logged_model(
            name, run.info.run_id, tags={DIGEST: digest}, params=run.data.params
        ),
    )
    if str(logged.status) != "READY":
        _upload(client, flavor, model, logged, how)
    _link(client, run.info.run_id, logged.model_id)
    return f"models:/{logged.model_id}"


def _logged(client: "MlflowClient", run: "Run", name: str, digest: str) -> "LoggedModel | None":
    """Return the same model of the same run, whether or not its files have arrived."""
    found = client.search_logged_models(
        [run.info.experiment_id],
        f"source_run_id = '{run.info.run_id}' AND name = '{name}' AND tags.`{DIGEST}` = '{digest}'",
        order_by=[{"field_name": "creation_timestamp", "ascending": True}],
    )
    return next((one for one in found if str(one.status) != "FAILED"), None)


def _upload(
    client: "MlflowClient", flavor: Any, model: Any, logged: "LoggedModel", how: dict[str, Any]
) -> None:
    from mlflow import MlflowException
    from mlflow.entities import LoggedModelStatus
    from mlflow.models import Model

    described = Model(
        artifact_path=logged.artifact_location,
        run_id=logged.source_run_id,
        model_uuid=logged.model_id,
        model_id=logged.model_id,
    )
    with tempfile.TemporaryDirectory(prefix="mlops-model-") as folder:
        flavor.save_model(model, f"{folder}/model", mlflow_model=described, **how)
        try:
            client.log_model_artifacts(logged.model_id, f"{folder}/model")
        except Exception as error:  # each store of artifacts has exceptions of its own
            with suppress(MlflowException):
                client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
            reason = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
            raise TrackingError(
                f"The model cannot be logged to {logged.artifact_location} ({reason}); check that "
                "MLflow and its artifact store run."
            ) from error
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)


def _link(client: "MlflowClient", run_id: str, model_id: str) -> None:
    """Name the model among the outputs of its run; MLflow refuses to do so twice."""
    from mlflow.entities import LoggedModelOutput

    def named() -> bool | None:
        outputs = client.get_run(run_id).outputs
        models = outputs.model_outputs if outputs else []
        return any(output.model_id == model_id for output in models) or None

    def name() -> bool:
        client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
        return True

    once(named, name)
