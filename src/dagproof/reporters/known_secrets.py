"""The secrets that environment variables hold, in the forms in which a text may show them."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote

SHORTEST: Final = 6
"""Characters below which a text is no secret: it would be found everywhere."""

_TRIVIAL: Final = """
    default defaults disable disabled enable enabled example false optional required none null
    undefined true always never system public private production staging development local
    localhost password passwd secret secrets token username anonymous nobody admin administrator
    airflow airflow_user postgres postgresql sqlite mysql redis mlflow dagproof testing tester
    changeme change_me minioadmin minio123 guest string integer object boolean
    success failed skipped running queued upstream_failed removed deferred up_for_retry
"""

TRIVIAL: Final = frozenset(_TRIVIAL.split())
"""Values that say something else, or that everybody knows, the passwords of our own services among
them; to mask them would make a report unreadable."""

_SECRET: Final = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|PASSWORT|SECRET|TOKEN|CREDENTIAL|FERNET|BEARER|WEBHOOK"
    r"|(?<!BOARD_)(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|ACCOUNT|AUTH|SERVICE|MASTER)_?KEY"
    r"|(?:^|_)(?:KEY|KEYS|PASS|PWD|PW|DSN|JWT|SALT|AUTH|COOKIE)(?=_|$)|(?:^|_)[A-Z0-9]*APIKEY"
)
_HARMLESS: Final = re.compile(
    r"^(?:OLD)?PWD$|PUBLIC_?KEY|(?:KEY_ID|FILE|PATH|DIR|DIRECTORY|URL|URI|HOST|PORT|NAME|USER"
    r"|USERNAME|TYPE|TTL|EXPIRY|EXPIRES|EXPIRATION|TIMEOUT|LIFETIME|SECONDS|MINUTES|DAYS|ALGORITHM"
    r"|BACKEND|LENGTH|CMD|COMMAND|HEADER|ENABLED|COUNT|VERSION|REGION|MODE|SOCK|PROVIDER|MANAGER"
    r"|MANAGERS|FORMAT|PREFIX|METHOD|BACKENDS)$"
)
_AUTHORITY: Final = re.compile(r"://(?P<user>[^:/@?#]*):(?P<password>[^?#]+)@")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.\s]+")
_MOST_NESTED: Final = 100


def known_secrets(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the secrets of an environment, as they are, quoted, escaped and in base64.

    Secret is what variables with such names hold (`…_PASSWORD`, `…_TOKEN`, `…_KEY`, `…_DSN`, …),
    passwords and secret extras of Airflow connections, passwords of URIs, and what stands in JSON
    under such names. Short and trivial values are none.

    Args:
        environ: environment variables.
    """
    found: set[str] = set()
    for name, value in environ.items():
        for secret in _of_variable(name, value):
            found.update(_forms(secret))
    return frozenset(found)


def _of_variable(name: str, value: str) -> Iterator[str]:
    if _is_secret(name) and not _is_path(value):
        yield value
    yield from _in_value(value, 0)
    if name.upper().endswith("DSN"):
        yield from _users(value)


def _is_secret(name: str) -> bool:
    upper = _CAMEL.sub("_", name).upper()
    return bool(_SECRET.search(upper) and not _HARMLESS.search(upper))


def _in_value(value: str, nested: int) -> Iterator[str]:
    """Yield the secrets inside a value: parts of a URI, members of a JSON document."""
    if nested > _MOST_NESTED:
        return
    if value.lstrip()[:1] in {"{", "["}:
        try:
            document = json.loads(value)
        except (ValueError, RecursionError):
            return
        yield from _in_document("", document, nested + 1)
    elif "://" in value:
        yield from _in_uri(value, nested)


def _in_uri(value: str, nested: int) -> Iterator[str]:
    found = _AUTHORITY.search(value)
    if found and found["password"] != found["user"]:
        yield from (found["password"], unquote(found["password"]))
    for key, text in parse_qsl(value.partition("?")[2]):
        if _is_secret(key):
            yield text
        yield from _in_value(text, nested + 1)


def _users(value: str) -> Iterator[str]:
    """Yield the user of an address without a password, which is the key of a Sentry DSN."""
    found = re.match(r"\w+://([^/@:]+)@", value)
    if found:
        yield found[1]


def _in_document(name: str, part: Any, nested: int) -> Iterator[str]:
    if nested > _MOST_NESTED:
        return
    if isinstance(part, dict):
        for key, inside in part.items():
            yield from _in_document(str(key), inside, nested + 1)
    elif isinstance(part, list):
        for inside in part:
            yield from _in_document(name, inside, nested + 1)
    elif isinstance(part, str | int | float):
        if _is_secret(name):
            yield str(part)
        yield from _in_value(str(part), nested + 1)


def _is_path(value: str) -> bool:
    """Return whether a value is where a secret is kept, and not the secret."""
    try:
        return value.startswith(("/", "~/", "./")) and Path(value).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret in all its forms, those that are long enough."""
    lines = [line.strip() for line in secret.splitlines()]
    for text in {secret, secret.strip(), *lines}:
        if len(text) < SHORTEST or text.lower() in TRIVIAL:
            continue
        data = text.encode("utf-8", "surrogatepass")
        escaped = json.dumps(text)[1:-1]
        forms = {
            text,
            quote(data, safe=""),
            quote(data),
            quote_plus(data),
            escaped,
            escaped.replace("/", "\\/"),
            json.dumps(text, ensure_ascii=False)[1:-1],
            json.dumps(escaped)[1:-1],
            repr(text)[1:-1],
            ascii(text)[1:-1],
            *_base64(data),
        }
        yield from (form for form in forms if len(form) >= SHORTEST)


def _base64(data: bytes) -> Iterator[str]:
    """Yield what stays the same of the base64 of bytes, whatever stands before and behind them."""
    for before in range(3):
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            form = encode(bytes(before) + data).decode()[first:last]
            if len(form) > SHORTEST:
                yield form
