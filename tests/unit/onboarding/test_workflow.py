"""The workflow asks dagproof about every pull request, with no more rights than it needs."""

import re
from pathlib import Path

import pytest
import yaml

from dagproof.onboarding import Deployment, Edit, Left, Repository
from dagproof.onboarding.origin import Origin
from dagproof.onboarding.workflow import CHECKOUT, SETUP_PYTHON, UPLOAD, workflow_part

NOTHING_SAID = Deployment()
PIP = "python -m pip install"
OURS = "'dagproof[all]==0.1.0'"
EXPORTED = '"$RUNNER_TEMP/requirements.txt"'


@pytest.fixture
def workflow(repository):
    """Return the workflow as GitHub reads it."""

    def workflow(deployment=NOTHING_SAID, where=repository):
        edit = workflow_part(where, deployment, Origin())
        assert isinstance(edit, Edit)
        return yaml.load(edit.after, yaml.BaseLoader)  # noqa: S506 - texts alone; `on` stays `on`

    return workflow


def steps(given):
    (job,) = given["jobs"].values()
    return job["steps"]


def scripts(given):
    return [step["run"].strip() for step in steps(given) if "run" in step]


def test_it_is_always_started_and_may_only_read(workflow):
    given = workflow()

    assert set(given["on"]) == {"pull_request", "merge_group", "push"}
    assert given["permissions"] == {"contents": "read"}
    assert "paths" not in str(given["on"])


def test_whole_history_is_there_and_no_credentials_stay(workflow):
    assert steps(workflow())[0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}


def test_report_is_kept_always(workflow):
    given = workflow()

    assert scripts(given)[-1] == "dagproof gate --output dagproof-report"
    assert steps(given)[-1]["if"] == "always()"
    assert steps(given)[-1]["with"]["path"] == "dagproof-report/"


def test_actions_are_pinned_as_in_our_own_workflows():
    own = "\n".join(path.read_text() for path in Path(".github/workflows").glob("*.yml"))

    for pinned in (CHECKOUT, SETUP_PYTHON, UPLOAD):
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v[\d.]+", pinned)
        assert f"uses: {pinned}" in own


@pytest.mark.parametrize(
    ("deployment", "install"),
    [
        (Deployment(), [f"{PIP} {OURS}"]),
        (
            Deployment(requirements=("requirements.txt", "a b/requirements.txt")),
            [f"{PIP} -r requirements.txt -r 'a b/requirements.txt' {OURS}"],
        ),
        (
            Deployment("3.1.2", "Dockerfile", exact=True),
            [f"{PIP} apache-airflow==3.1.2 {OURS}"],
        ),
        (
            Deployment("3.1.2", "r", exact=True, requirements=("r",), brings_airflow=True),
            [f"{PIP} -r r {OURS}"],
        ),
        (Deployment("3.1", "Dockerfile"), [f"{PIP} {OURS}"]),
        (Deployment(project="."), [f"{PIP} . {OURS}"]),
        (
            Deployment(project="pyproject.toml"),
            [f"{PIP} uv\nuv pip install --system -r pyproject.toml {OURS}"],
        ),
    ],
)
def test_packages_are_installed_as_the_repository_lists_them(workflow, deployment, install):
    assert scripts(workflow(deployment))[:-1] == install


@pytest.mark.parametrize(
    ("lock", "tools", "export"),
    [
        ("uv.lock", "uv", "uv export --frozen --no-hashes --no-emit-project --output-file"),
        (
            "a/uv.lock", "uv",
            "uv export --directory a --frozen --no-hashes --no-emit-project --output-file",
        ),
        (
            "poetry.lock", "poetry poetry-plugin-export",
            "poetry export --without-hashes --output",
        ),
        (
            "a/poetry.lock", "poetry poetry-plugin-export",
            "poetry export --directory a --without-hashes --output",
        ),
    ],
)  # fmt: skip
def test_packages_are_those_of_the_lock_file(workflow, lock, tools, export):
    assert scripts(workflow(Deployment(lock=lock)))[:-1] == [
        f"{PIP} {tools}\n{export} {EXPORTED}",
        f"{PIP} -r {EXPORTED} {OURS}",
    ]


def test_python_is_the_deployed_one(workflow):
    assert steps(workflow(Deployment(python="3.13")))[1]["with"]["python-version"] == "3.13"


def test_dags_of_airflow_2_are_only_read(workflow):
    given = workflow(Deployment("2.10.5", "Dockerfile", exact=True, requirements=("r",)))

    assert scripts(given) == [
        f"{PIP} dagproof==0.1.0", "dagproof lint --format github",
    ]  # fmt: skip


def test_project_below_the_top_has_a_workflow_of_its_own_that_works_there(workflow, tmp_path):
    where = Repository(tmp_path / "jobs" / "etl", tmp_path)

    given = workflow(where=where)

    assert workflow_part(where, Deployment(), Origin()).path.name == "dagproof-jobs-etl.yml"
    assert given["name"] == "dagproof-jobs-etl"
    assert given["jobs"]["gate"]["defaults"]["run"]["working-directory"] == "jobs/etl"
    assert steps(given)[-1]["with"]["path"] == "jobs/etl/dagproof-report/"


def test_workflow_that_is_there_is_left(repository, files):
    files({".github/workflows/dagproof.yml": "mine"})

    left = workflow_part(repository, Deployment(), Origin())

    assert (left.why, left.paste) == ("It is there already.", "")


@pytest.mark.parametrize("below", ["a'b", "${{ github.token }}"])
def test_folder_with_an_odd_name_is_left_to_the_user(tmp_path, below):
    left = workflow_part(Repository(tmp_path / below, tmp_path), Deployment(), Origin())

    assert isinstance(left, Left)
    assert "would have to be quoted" in left.why


def _text(repository, deployment):
    return workflow_part(repository, deployment, Origin()).after.decode()


def test_packages_that_no_file_lists_are_to_be_added(repository):
    remark = "      # No file lists the packages of the DAGs: add to this step what they import.\n"

    assert f"{remark}      - name: Install" in _text(repository, Deployment())
    assert "No file" not in _text(repository, Deployment(requirements=("r",)))
    assert "No file" not in _text(repository, Deployment(lock="uv.lock"))
    assert "No file" not in _text(repository, Deployment("2.9.1", "Dockerfile", exact=True))


def test_disagreement_of_files_is_told_on_one_line(repository):
    given = _text(repository, Deployment(requirements=("r",), disagreement="a\n  b says 3.1.7"))

    assert "      # a\\n  b says 3.1.7.\n      - name: Install" in given


def test_version_that_dagproof_cannot_be_installed_beside_is_only_read(workflow):
    given = workflow(Deployment("3.0.2", "r", exact=True, requirements=("r",), brings_airflow=True))

    assert scripts(given) == [f"{PIP} dagproof==0.1.0", "dagproof lint --format github"]


def test_name_of_a_file_cannot_add_lines_to_the_workflow(repository):
    given = _text(repository, Deployment("2.9.1", "Dockerfile\n      - run: x", exact=True))

    assert "\n      - run: x" not in given
