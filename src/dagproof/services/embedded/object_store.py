"""S3: moto's server, preloaded once and forked for each tenancy, which keeps objects in memory."""

import os
import socket
from collections.abc import Mapping
from functools import cache
from typing import Any

from dagproof.services.addresses import ARTIFACT_BUCKET, DATA_BUCKET


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
