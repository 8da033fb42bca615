"""What has to be the same in the workflows, the action and the files beside them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from actions_runner.expressions import Surroundings, evaluated
from actions_runner.workflows import ROOT, WORKFLOWS, cells, named, needed, read, steps

from dagproof import __version__
from dagproof.onboarding import workflow as onboarding

NAMES = sorted(path.stem for path in WORKFLOWS.glob("*.yml"))
ACTION = read(ROOT / "action.yml")
DOCUMENTS = {**{name: named(name) for name in NAMES}, "action": ACTION}
TEXTS = {
    **{name: (WORKFLOWS / f"{name}.yml").read_text() for name in NAMES},
    "action": (ROOT / "action.yml").read_text(),
}
JOBS = [(name, key) for name in NAMES for key in DOCUMENTS[name]["jobs"]]
AIRFLOWS = sorted(path.stem.removeprefix("airflow-") for path in ROOT.glob("constraints/*.txt"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAY = {
    ("ci", "lint"): {"contents": "read"},
    ("ci", "unit"): {"contents": "read"},
    ("ci", "integration"): {"contents": "read"},
    ("ci", "airflows"): {"contents": "read"},
    ("ci", "dags"): {"contents": "read"},
    ("ci", "gate"): {},
    ("dag-gate", "gate"): {"contents": "read"},
    ("dag-gate", "sarif"): None,  # those of the caller
    ("release", "build"): {"contents": "read"},
    ("release", "attest"): {"attestations": "write", "id-token": "write"},
    ("release", "publish"): {"id-token": "write"},
}
"""What each job may do, and nothing else."""


def scripts(document):
    return [step["run"] for step in steps(document) if "run" in step]


def test_every_job_of_ci_is_needed_by_its_gate():
    jobs = DOCUMENTS["ci"]["jobs"]
    assert set(needed(jobs["gate"])) == set(jobs) - {"gate"}
    assert jobs["gate"]["if"] == "${{ always() }}"


def test_units_are_tested_on_every_python_and_airflow_that_go_together():
    prefix = "Programming Language :: Python :: "
    pythons = [one.removeprefix(prefix) for one in PYPROJECT["project"]["classifiers"]
               if one.startswith(prefix)]  # fmt: skip
    job = DOCUMENTS["ci"]["jobs"]["unit"]
    expected = {(python, airflow) for python in pythons for airflow in AIRFLOWS}

    assert {(one["python"], one["airflow"]) for one in cells(job)} == expected - {("3.13", "3.0")}


def test_tox_has_an_environment_for_every_airflow():
    text = (ROOT / "tox.ini").read_text()
    for kind in ("unit", "integration"):
        (listed,) = re.findall(rf"^\[testenv:{kind}\{{,(.*)\}}\]$", text, re.MULTILINE)
        assert listed.split(",") == [f"-airflow{one.replace('.', '')}" for one in AIRFLOWS]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_action_is_named_by_its_commit_and_version(name):
    uses = re.findall(r"uses: (\S+)(.*)", TEXTS[name])
    assert uses
    for action, comment in uses:
        if not action.startswith("$/"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_an_action_has_one_version_everywhere():
    found = {}
    texts = [*TEXTS.values(), (ROOT / "docs" / "ci.md").read_text()]
    ours = (onboarding.CHECKOUT, onboarding.SETUP_PYTHON, onboarding.UPLOAD)
    for text in [*texts, *(f"uses: {one}" for one in ours)]:
        for action, version in re.findall(r"uses: (\S+)@([0-9a-f]{40} # \S+)", text):
            found.setdefault(action, set()).add(version)
    assert {action: versions for action, versions in found.items() if len(versions) > 1} == {}


@pytest.mark.parametrize(("name", "key"), JOBS)
def test_a_job_may_do_what_it_needs_and_no_more(name, key):
    assert DOCUMENTS[name]["jobs"][key].get("permissions") == MAY[name, key]


@pytest.mark.parametrize("name", NAMES)
def test_a_job_without_permissions_has_none(name):
    document = DOCUMENTS[name]
    assert document.get("permissions") == {} or set(document["on"]) == {"workflow_call"}


@pytest.mark.parametrize(("name", "key"), JOBS)
def test_a_job_that_hangs_is_ended(name, key):
    job = DOCUMENTS[name]["jobs"][key]
    assert "uses" in job or 1 <= job["timeout-minutes"] <= 90


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_token_stays_in_a_workspace(name):
    for step in steps(DOCUMENTS[name]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_runs_where_a_fork_would_find_a_secret(name):
    assert "pull_request_target" not in TEXTS[name]
    assert "workflow_run" not in TEXTS[name]
    assert "secrets" not in TEXTS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_input_becomes_part_of_a_script(name):
    for script in scripts(DOCUMENTS[name]):
        assert "${{" not in script


def test_the_called_workflow_has_the_steps_of_the_action():
    ours = [{key: value for key, value in step.items() if key != "shell"} for step in steps(ACTION)]
    first, *others = DOCUMENTS["dag-gate"]["jobs"]["gate"]["steps"]
    assert first["uses"].startswith("actions/checkout@")
    assert first["with"]["fetch-depth"] == 0
    assert others == ours


def test_the_called_workflow_has_the_inputs_of_the_action():
    called = DOCUMENTS["dag-gate"]["on"]["workflow_call"]["inputs"]
    assert set(called) == {*ACTION["inputs"], "sarif"}
    for name, about in ACTION["inputs"].items():
        if name not in {"python-version", "dagproof"}:
            assert called[name]["default"] == about["default"], name


def test_the_called_workflow_installs_the_version_that_it_belongs_to():
    called = DOCUMENTS["dag-gate"]["on"]["workflow_call"]["inputs"]
    assert called["dagproof"]["default"] == f"dagproof[all]=={__version__}"


def test_the_page_names_the_version_that_it_belongs_to():
    page = (ROOT / "docs" / "ci.md").read_text()
    assert set(re.findall(r"dagproof\[all\]==([\d.]+)", page)) == {__version__}
    assert set(re.findall(r"uses: dagproof/dagproof\S*@(\S+)", page)) == {f"v{__version__}"}


def test_the_page_tells_every_input():
    page = (ROOT / "docs" / "ci.md").read_text()
    table = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    for name in DOCUMENTS["dag-gate"]["on"]["workflow_call"]["inputs"]:
        assert f"`{name}`" in table, name


def test_only_pull_requests_are_given_up_for_newer_ones():
    rule = DOCUMENTS["ci"]["concurrency"]["cancel-in-progress"][3:-2]

    def cancels(event):
        return evaluated(rule, Surroundings({"github": {"event_name": event}}))

    assert cancels("pull_request")
    assert not any(map(cancels, ("push", "merge_group", "workflow_dispatch")))


def test_ci_runs_for_everything_that_can_reach_main():
    on = DOCUMENTS["ci"]["on"]
    assert set(on) == {"pull_request", "merge_group", "push", "workflow_dispatch"}
    assert on["pull_request"] is None, "a filter would leave the required check pending"


@pytest.mark.parametrize("script", [one for one in scripts(DOCUMENTS["ci"]) if "make" in one])
def test_what_ci_makes_is_there_to_be_made(script):
    done = subprocess.run(
        ["make", "--dry-run", "PYTHON=python3", *script.split()[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_release_is_built_with_pinned_tools():
    pinned = (ROOT / "constraints" / f"airflow-{AIRFLOWS[-1]}.txt").read_text().splitlines()
    (uv,) = [one for one in pinned if one.startswith("uv==")]
    build = "\n".join(scripts(DOCUMENTS["release"]))
    assert f"pip install {uv}\n" in build
    assert f"--build-constraint constraints/airflow-{AIRFLOWS[-1]}.txt" in build
    for requirement in PYPROJECT["build-system"]["requires"]:
        name = re.match(r"[a-z]+", requirement)[0]
        assert any(one.startswith(f"{name}==") for one in pinned), name


def test_make_and_tox_lint_alike():
    rule = re.search(r"^lint: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    made = {line.strip().replace("$(BIN)/", "") for line in rule.splitlines()}
    text = (ROOT / "tox.ini").read_text()
    toxed = set()
    for name in ("lint", "type"):
        section = re.search(
            rf"^\[testenv:{name}\]\n(.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE
        )[1]
        commands = section.partition("commands =")[2]
        toxed |= {line.strip().replace("{env_bin_dir}/", "") for line in commands.splitlines()}
    files = " ".join(f".github/workflows/{name}.yml" for name in NAMES)
    assert {one.replace(".github/workflows/*.yml", files) for one in made} == toxed - {""}


def test_every_dependency_group_of_lint_is_pinned():
    for path in sorted(Path(ROOT, "constraints").glob("*.txt")):
        pinned = {line.partition("==")[0] for line in path.read_text().splitlines()}
        for one in PYPROJECT["dependency-groups"]["lint"]:
            name = re.match(r"[A-Za-z-]+", one)[0].lower()
            assert name in pinned, f"{path.name}: {name}"


@pytest.mark.parametrize("number", [0, 1])
def test_a_workflow_of_the_page_is_right_as_it_stands(number):
    page = (ROOT / "docs" / "ci.md").read_text()
    text = re.findall(r"```yaml\n# \.github/workflows/dags\.yml\n(.*?)```", page, re.DOTALL)[number]
    # A page cannot name the commit that it is part of; who follows it can.
    text = text.replace(f"@v{__version__}", f"@{'0' * 40}")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("jactionlint")), "--strict-exit", "-"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
