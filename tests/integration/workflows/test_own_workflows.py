"""This repository's own workflows, run on a clone of what is in the work tree."""

import os
import shutil
import subprocess
import sys

import pytest
from actions_runner.known_actions import Machine
from actions_runner.origin import Event, Origin
from actions_runner.runner import Runner
from actions_runner.workflows import ROOT, named
from integration.workflows.conftest import VERSION

from dagproof import __version__


@pytest.fixture(scope="module")
def ourselves(tmp_path_factory):
    """A GitHub that has what would be committed here."""
    origin = Origin(tmp_path_factory.mktemp("ourselves"))
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            target = origin.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    origin.pushed("main", "As it is")
    return origin


@pytest.fixture
def runner(tmp_path, tools, ourselves):
    """Return a runner for an event, with the wheels that uv has kept on this machine."""
    kept = os.environ.get("UV_CACHE_DIR") or os.path.expanduser("~/.cache/uv")  # noqa: PTH111

    def made(event, **environ):
        given = {"UV_CACHE_DIR": kept, **environ}
        pythons = {VERSION: sys.executable, "3.11": sys.executable}
        return Runner(
            Machine(
                tmp_path / "runner", ourselves.bare, event, pythons, tools / "own",
                environ=given,
            )
        )  # fmt: skip

    return made


def test_the_unit_job_passes_in_a_clean_clone(runner, ourselves):
    event = ourselves.push_event("0" * 40)
    cell = {"python": VERSION, "airflow": "3.3"}
    # What would take minutes is made short by the variable that the Makefile has for it.
    job = runner(event, UNIT="tests/unit/model").run(named("ci"), "unit", matrix=cell)

    assert job.conclusion == "success", job.log
    assert " passed" in job.step("Test").output


def test_a_release_is_built_and_tried(runner, ourselves):
    job = runner(_tag(ourselves, f"v{__version__}")).run(named("release"), "build")

    assert job.conclusion == "success", job.log


def test_a_tag_that_is_not_the_version_is_no_release(runner, ourselves):
    job = runner(_tag(ourselves, "v9.9.9")).run(named("release"), "build")

    assert job.step("Try the wheel").conclusion == "failure", job.log
    assert job.step("Keep what was built").conclusion == "skipped"
    assert [one.message for one in job.annotations] == [
        f"The tag is v9.9.9, and the wheel is dagproof {__version__}."
    ]


def _tag(origin, name):
    sha = origin.push_event("").sha
    payload = {"ref": f"refs/tags/{name}", "before": "0" * 40, "after": sha}
    return Event("push", payload, f"refs/tags/{name}", sha)
