"""MLflow's REST API: one question, one answer, without importing MLflow, which costs seconds."""

import base64
import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dagproof.services.addresses import TRACKING_URI

USER: Final = "MLFLOW_TRACKING_USERNAME"
PASSWORD: Final = "MLFLOW_TRACKING_PASSWORD"  # noqa: S105  the name of a variable
TOKEN: Final = "MLFLOW_TRACKING_TOKEN"  # noqa: S105  likewise
INSECURE: Final = "MLFLOW_TRACKING_INSECURE_TLS"
AUTHORITY: Final = "MLFLOW_TRACKING_SERVER_CERT_PATH"
_TIMEOUT: Final = 10.0
_PREFIX: Final = "/api/2.0/mlflow/"


class ApiError(OSError):
    """The server answered, though not with what was asked for.

    Attributes:
        status: HTTP status.
        code: MLflow's own, such as `RESOURCE_DOES_NOT_EXIST`; empty when it is not MLflow that
            answers.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Api:
    """A tracking server, and how to ask it.

    Attributes:
        address: of the server, without credentials.
        authorization: HTTP header, empty for none.
        insecure: whether any certificate will do.
        authority: file of certificates to trust, empty for the system's.
        timeout: seconds for each answer.
    """

    address: str
    authorization: str = field(default="", repr=False)
    insecure: bool = False
    authority: str = ""
    timeout: float = _TIMEOUT


def api(environment: Mapping[str, str], *more: Mapping[str, str]) -> Api:
    """Return the server of an environment, asked as MLflow's own client would.

    Args:
        environment: of the services.
        more: where credentials are looked for that it does not have.
    """
    known = ChainMap(*(dict(each) for each in (environment, *more)))
    authorization = ""
    if known.get(USER) and known.get(PASSWORD):
        pair = f"{known[USER]}:{known[PASSWORD]}".encode()
        authorization = f"Basic {base64.b64encode(pair).decode()}"
    elif known.get(TOKEN):
        authorization = f"Bearer {known[TOKEN]}"
    insecure = known.get(INSECURE, "").lower() in {"true", "1"}
    address = environment.get(TRACKING_URI, "").rstrip("/")
    return Api(address, authorization, insecure, known.get(AUTHORITY, ""))


def ask(
    server: Api, path: str, body: Mapping[str, object] | None = None, method: str | None = None
) -> dict[str, Any]:
    """Return what the server answers.

    Args:
        server: at an http(s) address.
        path: below `/api/2.0/mlflow/`, or absolute.
        body: what to post, if anything.
        method: of HTTP; GET without a body, and POST with one, when None.

    Raises:
        OSError: it does not answer; an `ApiError` when it answers something else.
    """
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(  # noqa: S310 - http(s) was checked
        server.address + (path if path.startswith("/") else _PREFIX + path),
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    if server.authorization:
        # Not passed on when the server redirects us elsewhere.
        request.add_unredirected_header("Authorization", server.authorization)
    try:
        with _opener(server).open(request, timeout=server.timeout) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error.code, error.read()) from None
    except http.client.HTTPException as error:
        raise ApiError(0, "", f"it does not speak HTTP: {error!r}") from error
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ApiError(status, "", "it answers something that is not MLflow's")
    return document


def pages(
    server: Api, path: str, key: str, body: Mapping[str, object], method: str = "POST"
) -> Iterator[dict[str, Any]]:
    """Yield all entries of an answer that comes in pages.

    Args:
        server: at an http(s) address.
        path: below `/api/2.0/mlflow/`, or absolute.
        key: of the entries in the answer.
        body: the question; with GET, its parameters.
        method: of HTTP.

    Raises:
        OSError: it does not answer, or answers something else.
    """
    from urllib.parse import urlencode

    token = ""
    while True:
        asked = {**body, **({"page_token": token} if token else {})}
        if method == "GET":
            found = ask(server, f"{path}?{urlencode(asked)}")
        else:
            found = ask(server, path, asked)
        yield from found.get(key, [])
        token = found.get("next_page_token", "")
        if not token:
            return


def _refused(status: int, text: bytes) -> ApiError:
    try:
        document = json.loads(text)
        code, message = str(document["error_code"]), str(document.get("message", ""))
    except (ValueError, KeyError, TypeError):
        code, message = "", text[:200].decode(errors="replace")
    return ApiError(status, code, message)


def _opener(server: Api) -> Any:
    import ssl
    import urllib.request
    from urllib.parse import urlsplit

    handlers: list[urllib.request.BaseHandler] = []
    if urlsplit(server.address).hostname in {"127.0.0.1", "localhost", "::1"}:
        handlers.append(urllib.request.ProxyHandler({}))
    if server.address.startswith("https://"):
        context = ssl.create_default_context(cafile=server.authority or None)
        if server.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)
