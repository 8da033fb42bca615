"""Makes all images on a machine that reaches no registry, from Debian packages and wheels."""

import errno
import fcntl
import os
import shutil
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from dagproof.model import Progress, UnavailableError
from dagproof.model.cache import cache_folder
from dagproof.services.containers import debian
from dagproof.services.containers.build import Plan, connect, make, missing, pack, tidied
from dagproof.services.containers.recipes import (
    DEBIAN,
    FOLDER,
    POSTGRES_MAJOR,
    Images,
    image_names,
)

_EMPTIED: Final = (
    "./dev/",
    "./proc/",
    "./sys/",
    "./tmp/",
    "./usr/share/doc/",
    "./usr/share/info/",
    "./usr/share/locale/",
    "./usr/share/man/",
    "./var/cache/apt/",
    "./var/cache/debconf/",
    "./var/lib/apt/lists/",
    "./var/log/",
)
_CHANGES: Final = ("LABEL dagproof.image=debian", 'CMD ["python3"]')


def bootstrap(progress: Progress) -> Images:
    """Make the images that are not there, and return the names of all.

    Needs root, debootstrap, and a mirror of Debian and an index of packages that this machine is
    set up for; nothing is fetched from within a build.

    Raises:
        UnavailableError: Docker does not answer, this machine cannot do it, or a step fails.
    """
    names = image_names()
    with connect() as client:
        if missing(client, asdict(names)):
            with _alone(progress) as workshop:
                # While this waited, another process may have made them.
                if absent := missing(client, asdict(names)):
                    absent += missing(client, {"debian": DEBIAN})
                    with tidied(client), _complaining(workshop):
                        _work(client, names, absent, workshop, progress)
    return names


def _work(
    client: Any, names: Images, absent: list[str], workshop: Path, progress: Progress
) -> None:
    mirror = debian.require()
    system, servers, postgres = (workshop / name for name in ("system", "servers", "postgres"))
    services = [service for service in ("s3", "mlflow") if service in absent]
    shutil.copytree(FOLDER, servers)
    shutil.copytree(FOLDER, postgres, ignore=shutil.ignore_patterns("wheelhouse"))
    # Not every installer of Python packages keeps this.
    (postgres / "postgres.sh").chmod(0o755)
    with ThreadPoolExecutor(1) as beside:
        fetched = beside.submit(debian.wheels, services, servers / "wheelhouse")
        if {"debian", "postgres"} & set(absent):
            progress("Making a minimal Debian (half a minute)")
            debian.minimal_system(system, mirror)
        if "debian" in absent:
            _import(client, system)
        if "postgres" in absent:
            progress("Fetching Debian's Postgres")
            debian.postgres_files(system, workshop / "downloads", postgres / "packages")
            plan = Plan(
                "postgres",
                names.postgres,
                DEBIAN,
                postgres,
                "postgres.Dockerfile",
                arguments={"MAJOR": POSTGRES_MAJOR},
            )
            make(client, plan, progress)
        progress("Fetching wheels")
        fetched.result()
    for service in services:
        offline = {"PIP_NO_INDEX": "1"}
        plan = Plan(
            service, getattr(names, service), DEBIAN, servers, "Dockerfile", service, offline
        )
        make(client, plan, progress)


def _import(client: Any, system: Path) -> None:
    def wanted(member: tarfile.TarInfo) -> bool:
        return not member.name.startswith(_EMPTIED)

    repository, _, tag = DEBIAN.partition(":")
    with pack(system, wanted) as archive:
        try:
            client.api.import_image(archive, repository, tag, changes=list(_CHANGES))
        except Exception as error:
            raise UnavailableError(f"Docker does not import `{DEBIAN}`: {error}") from error


@contextmanager
def _alone(progress: Progress) -> Iterator[Path]:
    """Yield an empty folder that no other process uses and that is gone afterwards.

    The next to come removes what a killed one left.
    """
    folder = cache_folder(os.environ) / "images"
    workshop = folder / "workshop"
    with ExitStack() as stack:
        with _complaining(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder / "lock").open("w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("Waiting for another process that makes images")
                fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(workshop, ignore_errors=True)
            workshop.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, workshop, ignore_errors=True)
        yield workshop


@contextmanager
def _complaining(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _complaint(error, folder) from error


def _complaint(error: OSError, folder: Path) -> UnavailableError:
    if error.errno == errno.ENOSPC:
        return UnavailableError(
            f"The disk that holds `{folder}` is full. Free some space, or set `DAGPROOF_CACHE` to "
            "a folder on another disk."
        )
    if error.errno is None:
        return UnavailableError(
            f"Docker broke off while images were made: {error}. Look at `docker version`, then "
            "run the command again."
        )
    return UnavailableError(
        f"The folder `{folder}` cannot be used ({error.strerror}). "
        "Make it writable, or set `DAGPROOF_CACHE` to another folder."
    )
