"""Services: real Postgres, MLflow and S3 servers, shared by processes, with state of one's own."""

from dagproof.services.clients import (
    mlflow_client,
    model_signature,
    model_trouble,
    s3_client,
)
from dagproof.services.faults import Switchboard, faulty
from dagproof.services.fence import fenced
from dagproof.services.lease import down, embedded, status, up
from dagproof.services.run_ids import RunWatch
from dagproof.services.sentences import SERVICES, installed
from dagproof.services.source import BACKENDS, Source, chosen, images
from dagproof.services.tenancy import Tenancy, silent
from dagproof.services.tracked import tracking

__all__ = [
    "BACKENDS",
    "SERVICES",
    "RunWatch",
    "Source",
    "Switchboard",
    "Tenancy",
    "chosen",
    "down",
    "embedded",
    "faulty",
    "fenced",
    "images",
    "installed",
    "mlflow_client",
    "model_signature",
    "model_trouble",
    "s3_client",
    "silent",
    "status",
    "tracking",
    "up",
]
