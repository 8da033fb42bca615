"""Services: real Postgres, MLflow and S3 servers, shared by processes, with state of one's own."""

from dagproof.services.clients import mlflow_client, s3_client
from dagproof.services.lease import down, embedded, status, up
from dagproof.services.sentences import SERVICES, installed
from dagproof.services.source import BACKENDS, Source, chosen
from dagproof.services.tenancy import Tenancy, silent
from dagproof.services.tracked import tracking

__all__ = [
    "BACKENDS",
    "SERVICES",
    "Source",
    "Tenancy",
    "chosen",
    "down",
    "embedded",
    "installed",
    "mlflow_client",
    "s3_client",
    "silent",
    "status",
    "tracking",
    "up",
]
