"""What a service that fails answers in place of the real one, in words that its clients know."""

import json
import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

_READS_BY_POST: Final = re.compile(
    r"/(search[a-z-]*|get-latest-versions|batch-?get[a-z-]*|calculate-[a-z-]+|traces/metrics"
    r"|presigned-download-url|graphql)$",
    re.IGNORECASE,
)
"""MLflow's calls that only look, though they are POST."""

_S3_CODES: Final = {500: "InternalError", 503: "SlowDown"}
_MLFLOW_CODES: Final = {500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE"}


def writes(service: str, method: str, target: str) -> bool:
    """Say whether a request changes what a service keeps.

    Args:
        service: `mlflow` or `s3`.
        method: of the request.
        target: of the request, with its query.
    """
    if method in {"GET", "HEAD", "OPTIONS", "TRACE"}:
        return False
    if method != "POST":
        return True
    url = urlsplit(target)
    if service == "s3":
        return "select" not in url.query.split("&")
    return "/mlflow-artifacts/" in url.path or not _READS_BY_POST.search(url.path)


def answer(service: str, status: int, fault: str, *, head_only: bool, closes: bool) -> bytes:
    """Return a whole response.

    Args:
        service: `mlflow` or `s3`.
        status: 500 or 503.
        fault: that is to blame, for whoever reads the message.
        head_only: the request was HEAD.
        closes: the connection ends with it.
    """
    message = f"dagproof fault {fault}"
    if service == "s3":
        kind = "application/xml"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{_S3_CODES[status]}</Code><Message>{_escaped(message)}</Message>"
            "<RequestId>dagproof</RequestId></Error>"
        )
    else:
        kind = "application/json"
        text = json.dumps({"error_code": _MLFLOW_CODES[status], "message": message})
    body = text.encode()
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *(["Connection: close"] if closes else []),
    ]
    head = "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
    return head if head_only else head + body


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
