"""The workflow that `dagproof init` writes into a repository tells that repository's defects."""

import subprocess
import sys

import pytest
from actions_runner.runner import Runner
from actions_runner.workflows import read
from integration.workflows.conftest import NETWORK, written

PYTHONS = ("3.11", "3.12", "3.13")


@pytest.fixture
def initialised(origin):
    """The repository after `dagproof init`, and its workflow."""
    subprocess.run(
        [sys.executable, "-m", "dagproof", "init", "--yes"], cwd=origin.tree, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (made,) = origin.tree.glob(".github/workflows/*.yml")
    workflow = read(made)
    origin.pushed("main", "dagproof")
    return workflow


def test_a_defect_is_red_beside_its_line(origin, initialised, machine):
    written(origin.tree, {"dags/hello.py": NETWORK})
    origin.pushed("change", "Change")
    made = machine(origin.pull_request("change"))
    made.pythons.update(dict.fromkeys(PYTHONS, sys.executable))
    job = Runner(made).run(initialised, "gate")

    assert job.conclusion == "failure", job.log
    assert job.step("Ask dagproof").exit_code == 1, job.log
    places = {(one.file, one.line) for one in job.annotations if one.level == "error"}
    assert ("dags/hello.py", 4) in places
    assert "report.html" in {one.name for one in made.artifacts["dagproof-report"].iterdir()}
