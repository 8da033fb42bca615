"""The addresses of services that exist already: `DAGPROOF_*_URL`, taken apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit

from dagproof.model import UsageError

VARIABLES: Final = {
    "postgres": "DAGPROOF_POSTGRES_URL",
    "mlflow": "DAGPROOF_MLFLOW_URL",
    "s3": "DAGPROOF_S3_URL",
}
_EXAMPLES: Final = {
    "postgres": "postgresql://user:password@host:5432/database",
    "mlflow": "http://host:5000",
    "s3": "https://key:secret@host:9000/bucket/prefix?region=us-east-1",
}
_SCHEMES: Final = {
    "postgres": ("postgresql", "postgresql+psycopg2", "postgres"),
    "mlflow": ("http", "https"),
    "s3": ("http", "https", "s3"),
}
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ASYNCPG_TAKES: Final = {"host": "host", "port": "port", "sslmode": "ssl"}


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A database.

    Attributes:
        libpq: its address for libpq.
        sync: its address for Airflow.
        asynchronous: its address for Airflow's asynchronous engine, whose driver knows fewer
            parameters.
        host: host and port, for sentences.
        name: of the database, empty where libpq's default is meant.
        user: empty where libpq's default is meant.
        password: never told.
    """

    libpq: str = field(repr=False)
    sync: str = field(repr=False)
    asynchronous: str = field(repr=False)
    host: str
    name: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MlflowUrl:
    """An MLflow tracking server.

    Attributes:
        uri: without credentials.
        user: empty for none.
        password: never told.
    """

    uri: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class S3Url:
    """A bucket, or what is below a prefix in it.

    Attributes:
        endpoint: None for AWS itself.
        bucket: its name.
        prefix: empty, or ends in a slash.
        key: access key id; empty for the credentials that the process has.
        secret: never told.
        region: its region; empty for that of the process.
    """

    endpoint: str | None
    bucket: str
    prefix: str
    key: str
    secret: str = field(repr=False)
    region: str = ""

    @property
    def root(self) -> str:
        """Return where everything is, without a slash at the end."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def worker(environ: Mapping[str, str]) -> str:
    """Return what `{worker}` stands for: the worker of pytest-xdist, or `main`."""
    return environ.get("PYTEST_XDIST_WORKER") or "main"


def postgres(environ: Mapping[str, str]) -> PostgresUrl:
    """Return the database that `DAGPROOF_POSTGRES_URL` names.

    Raises:
        UsageError: it is not set, or malformed.
    """
    text, parts = _parts("postgres", environ)
    rest = text.partition(":")[2].replace("$", "%24")  # Airflow would look for a variable
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    known = {_ASYNCPG_TAKES[name]: query[name] for name in query if name in _ASYNCPG_TAKES}
    bare = rest.partition("?")[0]
    host = query.get("host") or parts.hostname or "localhost"
    return PostgresUrl(
        libpq=f"postgresql:{rest}",
        sync=f"postgresql+psycopg2:{rest}",
        asynchronous=f"postgresql+asyncpg:{bare}" + (f"?{urlencode(known)}" if known else ""),
        host=f"{host}:{query.get('port') or parts.port or 5432}",
        name=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def mlflow(environ: Mapping[str, str]) -> MlflowUrl:
    """Return the server that `DAGPROOF_MLFLOW_URL` names.

    Raises:
        UsageError: it is not set, or malformed.
    """
    _, parts = _parts("mlflow", environ)
    if not parts.hostname or parts.query:
        raise _malformed("mlflow")
    uri = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    return MlflowUrl(uri, unquote(parts.username or ""), unquote(parts.password or ""))


def s3(environ: Mapping[str, str]) -> S3Url:
    """Return the bucket that `DAGPROOF_S3_URL` names.

    Raises:
        UsageError: it is not set, or malformed.
    """
    _, parts = _parts("s3", environ)
    netloc, path = parts.netloc.rpartition("@")[2], unquote(parts.path.lstrip("/"))
    if parts.scheme == "s3":
        endpoint, bucket, prefix = None, netloc, path
    else:
        endpoint = f"{parts.scheme}://{netloc}"
        bucket, _, prefix = path.partition("/")
    key, secret = unquote(parts.username or ""), unquote(parts.password or "")
    query = parse_qs(parts.query)
    if not parts.hostname or not bucket or bool(key) != bool(secret) or query.keys() - {"region"}:
        raise _malformed("s3")
    prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return S3Url(endpoint, bucket, prefix, key, secret, query.get("region", [""])[-1])


def scrubbed(text: str, *secrets: str) -> str:
    """Return a text without secrets, in the clear or quoted."""
    for secret in secrets:
        for form in {secret, quote(secret, safe=""), quote(secret)} - {""}:
            text = text.replace(form, "***")
    return text


def _parts(service: str, environ: Mapping[str, str]) -> tuple[str, SplitResult]:
    variable = VARIABLES[service]
    text = environ.get(variable, "").strip()
    if not text:
        raise UsageError(
            f"External services need `{variable}` for {service}, such as `{_EXAMPLES[service]}`. "
            f"Set it, or leave {service} out of `services` under [tool.dagproof] in pyproject.toml."
        )
    text = text.replace("{worker}", worker(environ))
    try:
        parts = urlsplit(text)
        sound = parts.port != 0  # which is where an invalid one raises
    except ValueError:
        raise _malformed(service) from None  # its text may hold the password
    if (
        not sound
        or parts.scheme not in _SCHEMES[service]
        or not text.startswith(f"{parts.scheme}://")
        or parts.fragment
        or parts.netloc.count("@") != text.count("@")
        or parts.netloc.count("@") > 1
        or _STRAY_PERCENT.search(text)
        or any(character.isspace() for character in text)
    ):
        raise _malformed(service)
    return text, parts


def _malformed(service: str) -> UsageError:
    return UsageError(
        f"`{VARIABLES[service]}` is not an address such as `{_EXAMPLES[service]}`. "
        "Mend it; in names and passwords percent-encode all but letters, digits, `-`, `_` and `.`."
    )
