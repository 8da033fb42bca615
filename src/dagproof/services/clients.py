"""Doors to the packages that talk to the services; each is imported when its door opens."""

import os
from typing import Any

from dagproof.model import Environment
from dagproof.services.sentences import require


def mlflow_client(environment: Environment) -> Any:
    """Return an `MlflowClient` for a tenancy's tracking server and model registry.

    MLflow takes the object store's address and credentials from the process alone, so this
    sets them there: the client that was made last decides.

    Raises:
        UnavailableError: what it needs is not installed.
    """
    require({"mlflow"})
    from mlflow import MlflowClient

    for name in (
        "MLFLOW_DISABLE_TELEMETRY",
        "MLFLOW_S3_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
    ):
        if name in environment:  # its artifact access reads them from the process
            os.environ[name] = environment[name]
    uri = environment["MLFLOW_TRACKING_URI"]
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def s3_client(environment: Environment) -> Any:
    """Return a boto3 S3 client for a tenancy's object store.

    Raises:
        UnavailableError: what it needs is not installed.
    """
    require({"s3"})
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )
