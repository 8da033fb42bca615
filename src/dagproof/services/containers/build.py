"""Builds the images of MLflow and S3, where they are not there yet."""

import errno
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from dagproof.model import Progress, UnavailableError
from dagproof.services.containers.complaints import FULL_DISK, no_docker
from dagproof.services.containers.recipes import (
    BASE,
    FOLDER,
    Images,
    digest,
    image_names,
    version,
)

__all__ = ["Images", "Plan", "build", "connect", "image_names", "make", "missing", "pack", "tidied"]

_TAIL_LINES: Final = 8
_PATIENCE_SECONDS: Final = 600
"""Docker says nothing while it imports or removes what is large."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One image that is to be built.

    Attributes:
        service: whose image it is.
        name: repository and tag.
        base: image that it is built on.
        context: folder that the build sees.
        dockerfile: inside of `context`.
        target: stage of the Dockerfile that becomes the image; the last when empty.
        arguments: of the build.
    """

    service: str
    name: str
    base: str
    context: Path = FOLDER
    dockerfile: str = "Dockerfile"
    target: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def connect() -> Iterator[Any]:
    """Yield docker's SDK, connected to the daemon that Testcontainers would use.

    Raises:
        UnavailableError: there is no Docker, or it does not let us in.
    """
    if find_spec("testcontainers") is None:
        raise UnavailableError(
            "Images cannot be built without `testcontainers`. Install `dagproof[containers]`."
        )
    from testcontainers.core.docker_client import DockerClient

    try:
        client = DockerClient(timeout=_PATIENCE_SECONDS).client
        client.ping()
    except Exception as error:
        raise no_docker(error) from error
    with closing(client):
        yield client


def build(names: Images, *, base: str | None, progress: Progress) -> None:
    """Build the images of MLflow and S3 with packages from the index; those that are there stay.

    Args:
        names: of the images.
        base: image with Python 3.11 or newer; Python's official one by default.
        progress: is told what is built.

    Raises:
        UnavailableError: Docker does not answer, or a build fails.
    """
    with connect() as client, tidied(client):
        for service in missing(client, {"s3": names.s3, "mlflow": names.mlflow}):
            plan = Plan(service, getattr(names, service), base or BASE, target=service)
            make(client, plan, progress)


@contextmanager
def tidied(client: Any) -> Iterator[None]:
    """Remove the stages from which images took their files, after all builds, which share them."""
    from docker.errors import DockerException
    from requests import RequestException

    try:
        yield
    finally:
        with suppress(DockerException, RequestException):
            client.images.prune(filters={"dangling": True, "label": "dagproof.image=build"})


def missing(client: Any, names: Mapping[str, str]) -> list[str]:
    """Return the services whose images are not there."""
    from docker.errors import ImageNotFound

    absent = []
    for service, name in names.items():
        try:
            client.images.get(name)
        except ImageNotFound:
            absent.append(service)
    return absent


def make(client: Any, plan: Plan, progress: Progress) -> None:
    """Build one image, which gets its name when it is complete.

    Raises:
        UnavailableError: the build fails; carries its last lines.
    """
    progress(f"Building the image `{plan.name}`")
    arguments = {
        "BASE": plan.base,
        "VERSION": version(plan.service),
        "RECIPE": digest(plan.service),
    }
    try:
        with pack(plan.context) as context:
            lines = client.api.build(
                fileobj=context,
                custom_context=True,
                dockerfile=plan.dockerfile,
                target=plan.target or None,
                buildargs=arguments | dict(plan.arguments),
                tag=plan.name,
                rm=True,
                forcerm=True,
                decode=True,
            )
            _follow(lines, plan)
    except UnavailableError:
        raise
    except Exception as error:
        if getattr(error, "errno", 0) == errno.ENOSPC:
            raise UnavailableError(
                f"The disk that holds `{tempfile.gettempdir()}` is full. Free some space, or set "
                "`TMPDIR` to a folder on another disk."
            ) from error
        raise _failure(plan, [], str(error)) from error


def _follow(lines: Iterator[dict[str, Any]], plan: Plan) -> None:
    last: deque[str] = deque(maxlen=_TAIL_LINES)
    step = ""
    for line in lines:
        if wrong := line.get("error"):
            raise _failure(plan, list(last), wrong, step=step)
        for text in line.get("stream", "").splitlines():
            if text.strip():
                last.append(text.strip())
            if text.startswith("Step "):
                step = text


def _failure(plan: Plan, last: list[str], wrong: str, *, step: str = "") -> UnavailableError:
    said = "\n".join([*last, wrong.strip()])
    if "no space left on device" in said.lower():
        return UnavailableError(FULL_DISK)
    sentence = f"The image `{plan.name}` cannot be built."
    if " : FROM ${BASE}" in step:
        sentence = (
            f"The image `{plan.base}`, on which `{plan.name}` is built, is not there and cannot be "
            "pulled. Pull it, name another one by `--base`, or build without a registry by "
            "`dagproof services images --without-registry`."
        )
    return UnavailableError(f"{sentence}\nThe end of the build:\n{said}")


@contextmanager
def pack(
    folder: Path, keep: Callable[[tarfile.TarInfo], bool] = lambda _: True
) -> Iterator[IO[bytes]]:
    """Yield an archive of a folder that is gone afterwards whatever happens.

    Args:
        folder: its content is the content of the archive.
        keep: says which members are wanted.
    """

    def member(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return info if keep(info) else None

    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.add(folder, arcname=".", filter=member)
        file.seek(0)
        yield file
