"""What the workflows of docs/ci.md say of pull requests, run step by step."""

import json
import re

import pytest
import yaml
from actions_runner.called import call
from actions_runner.runner import Runner
from actions_runner.workflows import ROOT
from integration.workflows.conftest import DAG, NETWORK, SETTINGS, VERSION, written

from dagproof import __version__

PAGE = ROOT / "docs" / "ci.md"
BLOCK = re.compile(r"```yaml\n# \.github/workflows/dags\.yml\n(.*?)```", re.DOTALL)

FAILING = DAG.replace('return "hello"', 'raise ValueError("no rates today")')
BARE = f"dagproof=={__version__}"
ENOUGH = f"dagproof[run,audit,contracts]=={__version__}"
REPORTS = ["junit.xml", "report.html", "report.json", "report.sarif", "summary.md"]


def calling(**inputs):
    """Return the job of the page that calls our workflow, with more inputs."""
    job = yaml.safe_load(BLOCK.findall(PAGE.read_text())[0])["jobs"]["dags"]
    job["with"] |= {"python-version": VERSION, "dagproof": ENOUGH, **inputs}
    return job


def using(**inputs):
    """Return the workflow of the page that uses our action, with more inputs."""
    workflow = yaml.safe_load(BLOCK.findall(PAGE.read_text())[1])
    workflow["jobs"]["dags"]["steps"][1]["with"] |= {"python-version": VERSION, **inputs}
    return workflow


@pytest.fixture
def pull_request(origin):
    """Return the event of a pull request that changes files."""

    def asked(files, **more):
        written(origin.tree, files)
        origin.pushed("change", "Change")
        return origin.pull_request("change", **more)

    return asked


def errors(job):
    return {(one.file, one.line) for one in job.annotations if one.level == "error"}


def test_a_dag_that_is_right_is_green_and_its_report_is_kept(machine, pull_request):
    event = pull_request({"dags/hello.py": DAG.replace('"hello"', '"good morning"')})
    runner = machine(event)
    jobs = call(runner, calling())
    job = jobs["gate"]

    assert job.conclusion == "success", job.log
    assert errors(job) == set()
    assert jobs["sarif"].conclusion == "skipped", "nobody has asked for it"
    kept = runner.artifacts["dagproof-report"]
    assert sorted(one.name for one in kept.iterdir()) == REPORTS
    report = json.loads((kept / "report.json").read_text())
    assert [(run["dag_id"], run["state"]) for run in report["runs"]] == [("hello", "success")]
    assert job.summary == (kept / "summary.md").read_text()


def test_a_defect_is_red_beside_its_line(machine, pull_request):
    event = pull_request({"dags/hello.py": NETWORK})
    caller = calling(sarif=True)
    caller["permissions"] |= {"actions": "read", "security-events": "write"}
    runner = machine(event)
    jobs = call(runner, caller)
    job = jobs["gate"]

    assert job.conclusion == "failure", job.log
    assert job.step("Prove").exit_code == 1
    assert job.outputs["verdict"] == "found"
    assert ("dags/hello.py", 4) in errors(job)
    assert "DP102" in job.summary
    kept = runner.artifacts["dagproof-report"]
    assert sorted(one.name for one in kept.iterdir()) == REPORTS
    assert jobs["sarif"].conclusion == "success", jobs["sarif"].log
    (sarif,) = runner.sarif
    places = {
        (place["artifactLocation"]["uri"], place["region"]["startLine"])
        for result in json.loads(sarif)["runs"][0]["results"]
        for place in [result["locations"][0]["physicalLocation"]]
    }
    assert ("dags/hello.py", 4) in places


def test_code_scanning_is_told_nothing_by_a_fork(machine, pull_request):
    event = pull_request({"README.md": "Only words.\n"}, fork="mallory/dags")
    caller = calling(sarif=True)
    caller["permissions"] |= {"actions": "read", "security-events": "write"}
    runner = machine(event)
    jobs = call(runner, caller)

    assert jobs["gate"].conclusion == "success", jobs["gate"].log
    assert jobs["gate"].outputs["verdict"] == "clean", "no DAG is affected"
    assert jobs["sarif"].conclusion == "skipped"
    assert runner.sarif == []


def test_a_run_that_fails_is_red(machine, pull_request):
    event = pull_request({"dags/hello.py": FAILING})
    job = call(machine(event), calling())["gate"]

    assert job.step("Prove").exit_code == 1, job.log
    assert "no rates today" in job.summary
    assert any(one.file == "dags/hello.py" for one in job.annotations), job.log


def test_the_action_finds_a_repository_below_another(machine, pull_request):
    below = {"pipelines/dags/hello.py": NETWORK, "pipelines/pyproject.toml": SETTINGS}
    event = pull_request({**below, "pipelines/requirements.txt": "apache-airflow\n"})
    workflow = using(**{"working-directory": "pipelines", "args": "--skip 'run,diff'"})
    runner = machine(event)
    job = Runner(runner).run(workflow, "dags")

    assert job.conclusion == "failure", job.log
    assert job.step("Prove").exit_code == 1
    assert ("pipelines/dags/hello.py", 4) in errors(job)
    assert sorted(one.name for one in runner.artifacts["dagproof-report"].iterdir()) == REPORTS
    used = job.steps[1]
    assert used.outputs == {
        "verdict": "found", "exit-code": "1", "report": "pipelines/dagproof-report",
    }  # fmt: skip


def test_a_clone_without_the_base_is_looked_at_whole_and_says_so(machine, origin, pull_request):
    written(origin.tree, {"dags/hello.py": NETWORK})
    origin.pushed("main", "A defect on main")
    event = pull_request({"README.md": "Only words.\n"})
    workflow = using(args="--skip run")
    workflow["jobs"]["dags"]["steps"][0]["with"]["fetch-depth"] = 1
    job = Runner(machine(event)).run(workflow, "dags")

    assert job.step("Prove").exit_code == 1, job.log
    assert ("dags/hello.py", 4) in errors(job)
    assert "fetch-depth: 0" in job.log


def test_the_merge_queue_compares_with_what_it_stands_on(machine, origin):
    written(origin.tree, {"dags/hello.py": NETWORK})
    origin.pushed("main", "A defect on main")
    written(origin.tree, {"README.md": "Only words.\n"})
    origin.pushed("change", "Change")
    job = call(machine(origin.merge_group("change")), calling())["gate"]

    assert job.conclusion == "success", job.log
    assert errors(job) == set()


def test_a_push_compares_with_what_was_there_before(machine, origin):
    written(origin.tree, {"README.md": "Only words.\n"})
    before = origin.pushed("main", "Words")
    written(origin.tree, {"dags/hello.py": NETWORK})
    origin.pushed("main", "A defect")
    job = call(machine(origin.push_event(before)), calling(args="--skip run"))["gate"]

    assert job.step("Prove").exit_code == 1, job.log
    assert ("dags/hello.py", 4) in errors(job)


def test_without_airflow_nothing_can_be_said_and_that_is_red(machine, pull_request):
    event = pull_request({"dags/hello.py": DAG + "\n"})
    inputs = {"install": "", "dagproof": BARE}
    runner = machine(event, packages=False)
    job = call(runner, calling(**inputs))["gate"]

    assert job.conclusion == "failure", job.log
    assert job.step("Prove").exit_code == 3, job.log
    assert job.outputs["verdict"] == "could-not-look"
    assert "irflow" in job.step("Prove").output


def test_what_cannot_be_installed_is_red(machine, pull_request):
    event = pull_request({"README.md": "Only words.\n"})
    job = call(machine(event), calling(install="false; true"))["gate"]

    assert job.conclusion == "failure", job.log
    assert job.step("Install").conclusion == "failure"
    assert job.step("Prove").conclusion == "skipped"


@pytest.mark.parametrize("args", ["--base 'main", "--bsae main"])
def test_a_wrong_question_is_red(machine, pull_request, args):
    event = pull_request({"README.md": "Only words.\n"})
    inputs = {"args": args, "install": "", "dagproof": BARE}
    job = call(machine(event, packages=False), calling(**inputs))["gate"]

    assert job.conclusion == "failure", job.log
    assert job.step("Prove").exit_code == 2
    assert job.outputs["verdict"] == "wrong-question"
