"""S3: moto's server, preloaded once and forked for each tenancy, which keeps objects in memory."""

import json
import os
import socket
from collections.abc import Mapping

from dagproof.model import Environment

DATA_BUCKET = "dagproof-data"
ARTIFACT_BUCKET = "dagproof-mlflow"
KEY = "dagproof"
SECRET = "dagproof"  # noqa: S105  moto takes any
REGION = "us-east-1"


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
    """Import all that the server runs, in the zygote."""
    import moto.s3.responses  # noqa: F401
    from moto.moto_server import werkzeug_app  # noqa: F401
    from werkzeug import serving  # noqa: F401


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
        werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app),
        threaded=True,
        request_handler=getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler),
        fd=listener.fileno(),
    ).serve_forever()
