"""S3: moto's server, preloaded once and forked for each tenancy, which keeps objects in memory."""

import json
import os
import socket
from collections.abc import Mapping
from functools import cache
from typing import Any

from dagproof.model import Environment

DATA_BUCKET = "dagproof-data"
ARTIFACT_BUCKET = "dagproof-mlflow"
KEY = "dagproof"
SECRET = "dagproof"  # noqa: S105  moto takes any
REGION = "us-east-1"
PROBE = f"/{DATA_BUCKET}"
"""Answers 200 when the bucket is there."""


def environment(port: int) -> Environment:
    """Return what a task needs to reach the object store."""
    url = f"http://127.0.0.1:{port}"
    connection = {
        "conn_type": "aws",
        "login": KEY,
        "password": SECRET,
        "extra": {"endpoint_url": url, "region_name": REGION},
    }
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
        "DATA_ROOT": f"s3://{DATA_BUCKET}",
        "MLFLOW_S3_ENDPOINT_URL": url,
    }


def preload() -> None:
    """Import all that the server runs and make the buckets, in the zygote: forks inherit them."""
    from werkzeug import serving  # noqa: F401
    from werkzeug.test import Client

    client = Client(_application())
    for bucket in (DATA_BUCKET, ARTIFACT_BUCKET):
        client.put(f"/{bucket}").close()


def serve(listener: socket.socket, settings: Mapping[str, str]) -> None:
    """Serve on a socket that already listens, until killed."""
    import logging

    from moto.moto_server import werkzeug_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    os.environ.update(settings)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = listener.getsockname()[:2]
    make_server(
        host,
        port,
        _application(),
        threaded=True,
        request_handler=getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler),
        fd=listener.fileno(),
    ).serve_forever()


@cache
def _application() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)
