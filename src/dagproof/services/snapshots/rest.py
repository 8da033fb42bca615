"""MLflow's REST API over one connection."""

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from dagproof.model import Environment

_TIMEOUT: Final = 30.0


class Refused(OSError):  # noqa: N818 - it is an answer, and not always an error
    """The server answers, but not with what was asked for."""


class Rest:
    """Asks a tracking server; each answer is a JSON object.

    Args:
        address: of the server.
        environment: may hold MLflow's user and password.
    """

    def __init__(self, address: str, environment: Environment) -> None:
        parts = urlsplit(address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else None
        self._connection = (kind or http.client.HTTPConnection)(
            parts.hostname or "", parts.port, timeout=_TIMEOUT
        )
        self._prefix = f"{parts.path.rstrip('/')}/api/2.0/mlflow/"
        self._headers = {"Content-Type": "application/json"}
        user = environment.get("MLFLOW_TRACKING_USERNAME") or parts.username
        if user:
            password = environment.get("MLFLOW_TRACKING_PASSWORD") or parts.password or ""
            told = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {told}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the answer to a GET.

        Raises:
            OSError: there is none.
        """
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a POST.

        Raises:
            OSError: there is none.
        """
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        try:
            self._connection.request(method, self._prefix + path, body, self._headers)
            answer = self._connection.getresponse()
            data = answer.read()
        except http.client.HTTPException as error:
            self._connection.close()
            raise OSError(f"MLflow does not answer ({error!r}).") from error
        if answer.status != http.client.OK:
            raise Refused(f"MLflow answers {answer.status} to `{path}`.")
        document: dict[str, Any] = json.loads(data)
        return document
