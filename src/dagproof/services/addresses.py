"""What tells a task where the services are: one environment for each kind of service."""

import json
from typing import Final

from dagproof.model import Environment

DATA_BUCKET: Final = "dagproof-data"
ARTIFACT_BUCKET: Final = "dagproof-mlflow"
KEY: Final = "dagproof"
SECRET: Final = "dagproof"  # noqa: S105  moto takes any
REGION: Final = "us-east-1"

METADATA_URL: Final = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
TRACKING_URI: Final = "MLFLOW_TRACKING_URI"
REGISTRY_URI: Final = "MLFLOW_REGISTRY_URI"
S3_ENDPOINT: Final = "AWS_ENDPOINT_URL"

MLFLOW_PROBE: Final = "/api/2.0/mlflow/experiments/get?experiment_id=0"
"""Answers 200 only when host check, store and schema are all right; `/health` always does."""


OBJECTS_PROBE: Final = f"/{DATA_BUCKET}"
"""Answers 200 when the bucket is there."""


def metadata(url: str) -> Environment:
    """Return what Airflow needs to use a metadata database.

    The pool is off so that a database can be dropped and made anew under the same name.
    """
    return {METADATA_URL: url, "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED": "False"}


def tracking(uri: str) -> Environment:
    """Return what a task needs to reach an MLflow tracking server."""
    return {TRACKING_URI: uri, "MLFLOW_DISABLE_TELEMETRY": "true"}


def objects(
    url: str,
    *,
    key: str = KEY,
    secret: str = SECRET,
    region: str = REGION,
    data_root: str = f"s3://{DATA_BUCKET}",
) -> Environment:
    """Return what a task needs to reach an object store.

    Args:
        url: its endpoint.
        key: access key id.
        secret: secret access key.
        region: its region.
        data_root: where pipelines keep their data.
    """
    connection = {
        "conn_type": "aws",
        "login": key,
        "password": secret,
        "extra": {"endpoint_url": url, "region_name": region},
    }
    return {
        S3_ENDPOINT: url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": region,
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
        "DATA_ROOT": data_root,
        "MLFLOW_S3_ENDPOINT_URL": url,
    }
