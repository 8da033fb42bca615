"""What our images are made of, and the names that follow from it."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "images"
SUITE: Final = "trixie"
"""Debian's release of the images that are made without a registry."""

DEBIAN: Final = f"dagproof/debian:{SUITE}"
POSTGRES_MAJOR: Final = "17"
"""What Debian's release has, and the official image that serves elsewhere."""

PYTHON: Final = "3.13"
"""What Debian's release has, and the official image that is the base elsewhere."""

BASE: Final = f"python:{PYTHON}-slim-{SUITE}"

_SERVERS: Final = ("Dockerfile", "trim.py")
_FILES: Final = {
    "mlflow": (*_SERVERS, "wheelhouse/mlflow.txt"),
    "s3": (*_SERVERS, "wheelhouse/s3.txt"),
    "postgres": ("postgres.Dockerfile", "postgres.sh"),
}


@dataclass(frozen=True, slots=True)
class Images:
    """Names of the images that we build.

    Attributes:
        mlflow: tagged with MLflow's version and the digest of its recipe.
        s3: tagged with moto's version and the digest of its recipe.
        postgres: tagged with Postgres' major version and the digest of its recipe; only
            `bootstrap` makes it.
    """

    mlflow: str
    s3: str
    postgres: str


def image_names() -> Images:
    """Return the names of the images that this version of dagproof builds."""
    return Images(
        *(
            f"dagproof/{service}:{version(service)}-{digest(service)}"
            for service in ("mlflow", "s3", "postgres")
        )
    )


def version(service: str) -> str:
    """Return the version of what an image serves."""
    if service == "postgres":
        return POSTGRES_MAJOR
    package = {"mlflow": "mlflow", "s3": "moto"}[service]
    pins = requirements(service).read_text()
    [pinned] = re.findall(rf"^{package}==(\S+)", pins, re.MULTILINE)
    return str(pinned)


def digest(service: str) -> str:
    """Return a short digest of all that an image is made from, so that a change is a new image."""
    found = sha256()
    for name in _FILES[service]:
        found.update(f"{name}\0".encode() + (FOLDER / name).read_bytes() + b"\0")
    return found.hexdigest()[:10]


def requirements(service: str) -> Path:
    """Return the file that pins the packages of a Python server."""
    return FOLDER / "wheelhouse" / f"{service}.txt"
