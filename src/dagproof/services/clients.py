"""Doors to the packages that talk to the services; each is imported when its door opens."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from dagproof.model import Environment
from dagproof.services.sentences import require_clients


def mlflow_client(environment: Environment) -> Any:
    """Return an `MlflowClient` for a tenancy's tracking server and model registry.

    MLflow takes the object store's address and credentials from the process alone, so this
    sets them there: the client that was made last decides.

    Raises:
        UnavailableError: what it needs is not installed.
    """
    require_clients({"mlflow"})
    from mlflow import MlflowClient

    for name in (
        "MLFLOW_DISABLE_TELEMETRY",
        "MLFLOW_TRACKING_USERNAME",
        "MLFLOW_TRACKING_PASSWORD",
        "MLFLOW_S3_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
    ):
        if name in environment:  # its artifact access reads them from the process
            os.environ[name] = environment[name]
    uri = environment["MLFLOW_TRACKING_URI"]
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def model_signature(
    client: Any, location: str
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """Return the columns of a model's inputs and outputs, as MLflow writes them to JSON.

    Args:
        client: an `MlflowClient`.
        location: of the model's files.

    Returns:
        Two lists of mappings with `type`, and mostly `name` and `required`; empty where the model
        has no signature.

    Raises:
        mlflow.MlflowException: there are no such files.
    """
    import tempfile

    from mlflow.models import Model

    with tempfile.TemporaryDirectory(prefix="dagproof-model-") as folder:
        signature = Model.load(_downloaded(client, f"{location}/MLmodel", folder)).signature
    schemas = (signature.inputs, signature.outputs) if signature else (None, None)
    inputs, outputs = ([] if schema is None else schema.to_dict() for schema in schemas)
    return inputs, outputs


def model_trouble(client: Any, location: str) -> str:
    """Return why a model does not load as a Python function; empty where it does.

    Args:
        client: an `MlflowClient`.
        location: of the model's files.
    """
    import tempfile

    import mlflow

    with tempfile.TemporaryDirectory(prefix="dagproof-model-") as folder:
        try:
            mlflow.pyfunc.load_model(_downloaded(client, location, folder))
        except Exception as error:  # noqa: BLE001 - whatever keeps it from loading is what is told
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""


def _downloaded(client: Any, address: str, folder: str) -> str:
    from unittest import mock

    from mlflow.artifacts import download_artifacts

    quiet = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
    with mock.patch.dict(os.environ, quiet):
        return str(
            download_artifacts(
                artifact_uri=address, dst_path=folder, tracking_uri=client.tracking_uri
            )
        )


def s3_client(environment: Environment) -> Any:
    """Return a boto3 S3 client for a tenancy's object store.

    Raises:
        UnavailableError: what it needs is not installed.
    """
    require_clients({"s3"})
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=environment.get("AWS_ENDPOINT_URL"),
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
        region_name=environment.get("AWS_DEFAULT_REGION"),
    )
