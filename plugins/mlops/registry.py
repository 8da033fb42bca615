"""Registers models and moves the alias that says which version serves; stages are never used."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops import tracking
from mlops.failures import PermanentError
from mlops.once import once

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
MODEL_URI = "mlops.model_uri"

_log = logging.getLogger(__name__)


def champion(name: str, alias: str = CHAMPION) -> "ModelVersion | None":
    """Return the version that carries the alias, or None while none does.

    Raises:
        tracking.TrackingError: MLflow does not answer.
    """
    with tracking.configured() as mlflow:
        try:
            return mlflow.MlflowClient().get_model_version_by_alias(name, alias)
        except mlflow.MlflowException as error:
            # An unknown model is the first, an unknown alias the second.
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise


def register(model_uri: str, name: str, tags: Mapping[str, str] | None = None) -> "ModelVersion":
    """Make a logged model a version of a registered one; the same model is registered once.

    A task that is tried again with the same model gets the version of its earlier try.

    Args:
        model_uri: `models:/m-…` or `runs:/…/name`, as `log_model` returns it.
        name: the registered model, made if need be.
        tags: beside those of `tracking.task_tags`.

    Raises:
        PermanentError: MLflow does not know the model.
        tracking.TrackingError: MLflow does not answer.
    """
    with tracking.configured() as mlflow:
        client = mlflow.MlflowClient()
        try:
            source = _known(client, model_uri)
        except mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise PermanentError(
                f"MLflow knows no model {model_uri}, so `{name}` gets no version; log it first."
            ) from error
        all_tags = tracking.task_tags() | {MODEL_URI: source} | dict(tags or {})
        try:
            client.create_registered_model(name)
        except mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        model_id = source.removeprefix("models:/") if source.startswith("models:/m-") else None
        version = once(
            lambda: _version_of(client, name, source),
            lambda: client.create_model_version(name, source, tags=all_tags, model_id=model_id),
        )
        _log.info("The model %s is version %s of `%s`.", source, version.version, name)
        return version


def promote(name: str, version: str | int, alias: str = CHAMPION) -> None:
    """Move the alias to a version; MLflow does so in one step.

    Raises:
        tracking.TrackingError: MLflow does not answer, or has no such version.
    """
    with tracking.configured() as mlflow:
        mlflow.MlflowClient().set_registered_model_alias(name, alias, str(version))


def _version_of(client: Any, name: str, source: str) -> "ModelVersion | None":
    found = client.search_model_versions(
        f"name = {tracking.quoted(name)} AND tags.`{MODEL_URI}` = '{source}'", max_results=1
    )
    return found[0] if found else None


def _known(client: Any, model_uri: str) -> str:
    """Name the model itself: `runs:/<run>/<name>` means another one after a task was retried.

    Raises:
        mlflow.MlflowException: there is none.
    """
    if model_uri.startswith("models:/m-"):
        client.get_logged_model(model_uri.removeprefix("models:/"))
    if not model_uri.startswith("runs:/"):
        return model_uri
    run_id, _, model_name = model_uri.removeprefix("runs:/").partition("/")
    run = client.get_run(run_id)
    found = client.search_logged_models(
        [run.info.experiment_id],
        f"source_run_id = '{run_id}' AND name = '{model_name}'",
        max_results=1,
        order_by=[{"field_name": "creation_timestamp", "ascending": False}],
    )
    return f"models:/{found[0].model_id}" if found else model_uri
