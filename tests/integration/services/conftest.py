"""One cache of templates for the session, copies of it for the tests that do damage."""

import os
import subprocess
from pathlib import Path

import pytest

from dagproof.services import embedded
from dagproof.services.sentences import require


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Give a cache folder that holds both templates."""
    require(["postgres", "mlflow", "s3"])
    folder = tmp_path_factory.mktemp("services") / "cache"
    with embedded(cache=folder) as tenancy:
        tenancy.wait()
    return folder


@pytest.fixture
def own_cache(cache, tmp_path):
    """Give a copy that may be broken, with its owners kept: Postgres is not root."""
    copy = tmp_path / "cache"
    subprocess.run(["cp", "-a", cache, copy], check=True)
    return copy


@pytest.fixture
def processes():
    """Give a function that lists the live processes of a cache folder."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to see processes of other sessions")

    def find(cache: Path) -> dict[int, str]:
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if not command or entry.name == str(os.getpid()):
                    continue
                text = command + (entry / "environ").read_text(errors="replace")
                title = (entry / "cwd").readlink() if "postgres" in command else ""
            except OSError:
                continue
            if f"{cache}/" in text or f"{cache}/" in f"{title}/":
                found[int(entry.name)] = command
        return found

    return find
