"""Finds the addresses of services in an environment, and puts others in their place."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from dagproof.model import Environment, UsageError
from dagproof.services.addresses import METADATA_URL, S3_ENDPOINT, TRACKING_URI

_VARIABLES: Final = {"postgres": METADATA_URL, "mlflow": TRACKING_URI, "s3": S3_ENDPOINT}
_DEFAULT_PORTS: Final = {"postgres": 5432, "mlflow": 80, "s3": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is.

    Attributes:
        service: its name.
        host: its host.
        port: its port.
        text: both as they are written in the environment.
    """

    service: str
    host: str
    port: int
    text: str


def addresses(environment: Environment, services: Iterable[str]) -> dict[str, Address]:
    """Return where some services are.

    Raises:
        UsageError: one is not there, or is not where a fault could be put before it.
    """
    return {service: _address(environment, service) for service in services}


def rewritten(environment: Environment, moved: Mapping[Address, int]) -> dict[str, str]:
    """Return the variables that name one of these addresses, naming our ports instead."""
    changed = {}
    for name, value in environment.items():
        new = value
        for address, port in moved.items():
            whole = rf"(?:(?<=//)|(?<=@)){re.escape(address.text)}(?![\w.:-])"
            new = re.sub(whole, f"127.0.0.1:{port}", new)
        if new != value:
            changed[name] = new
    return changed


def _address(environment: Environment, service: str) -> Address:
    name = _VARIABLES[service]
    value = environment.get(name)
    if not value:
        there = [other for other, variable in _VARIABLES.items() if environment.get(variable)]
        known = ", ".join(f"`{other}`" for other in there) or "none"
        raise UsageError(
            f"A fault needs `{service}` among the services of the run; there are {known}. "
            "List it as `services` under [tool.dagproof]."
        )
    url = urlsplit(value)
    try:
        host, port = url.hostname, url.port or _DEFAULT_PORTS[service]
    except ValueError:
        host, port = None, 0
    if (service != "postgres" and url.scheme == "https") or _checks_certificates(url.query):
        raise UsageError(
            f"A fault cannot stand before {service}, whose address in `{name}` asks for TLS; "
            "give the run one without."
        )
    plain = url.scheme == "http" or (service == "postgres" and url.scheme.startswith("postgres"))
    if not plain or host is None:
        raise UsageError(
            f"A fault needs a server to stand before, and `{name}` names no host of one."
        )
    return Address(service, host, port, url.netloc.rpartition("@")[2])


def _checks_certificates(query: str) -> bool:
    return parse_qs(query).get("sslmode", [""])[-1] in {"require", "verify-ca", "verify-full"}
