"""MLflow: its own server application under uvicorn, preloaded once and forked for each tenancy."""

import os
import socket
import sys
from collections.abc import Mapping
from functools import cache


def settings(database: str, artifacts: str, *, proxied: bool) -> dict[str, str]:
    """Return what `mlflow server` passes to its worker processes.

    Args:
        database: URL of the backend store, empty or migrated.
        artifacts: root of all artifacts, as clients see it; with `proxied` a folder behind
            the server.
        proxied: clients hand artifacts to the server instead of to the root.
    """
    common = {"_MLFLOW_SERVER_FILE_STORE": database}
    if not proxied:
        return common | {"_MLFLOW_SERVER_ARTIFACT_ROOT": artifacts}
    return common | {
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": artifacts,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    }


def preload() -> None:
    """Import all that the server runs, in the zygote."""
    # The server computes nothing with Polars, which costs 0.4 s and starts threads at import.
    sys.modules["polars"] = None  # type: ignore[assignment]
    os.environ.update(
        {
            "DO_NOT_TRACK": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost:*,127.0.0.1:*,localhost,127.0.0.1",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "_MLFLOW_SGI_NAME": "uvicorn",
        }
    )
    import boto3  # noqa: F401
    import psycopg2  # noqa: F401
    import uvicorn  # noqa: F401
    from mlflow.server import fastapi_app  # noqa: F401

    _read_migrations_once()


def _read_migrations_once() -> None:
    """Keep what the store finds out at every start by compiling each of MLflow's migrations."""
    from mlflow.store.db import utils

    if callable(latest := getattr(utils, "_get_latest_schema_revision", None)):
        utils._get_latest_schema_revision = cache(latest)  # noqa: SLF001
        utils._get_latest_schema_revision()  # noqa: SLF001


def serve(listener: socket.socket, settings: Mapping[str, str]) -> None:
    """Serve on a socket that already listens, until killed."""
    import uvicorn
    from mlflow.server.fastapi_app import app

    os.environ.update(settings)
    # The lifespan only tidies after MLflow's assistant, which runs `docker`.
    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
