"""The workflow that has GitHub ask dagproof about every pull request."""

import shlex
from collections.abc import Iterator
from typing import Final

from dagproof.onboarding.deployment import Deployment
from dagproof.onboarding.edits import Edit, Left, Unwritable, content
from dagproof.onboarding.origin import Origin
from dagproof.onboarding.repository import Repository
from dagproof.reporters.characters import visible

_FOLDER: Final = ".github/workflows"
REPORT: Final = "dagproof-report"

CHECKOUT: Final = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
SETUP_PYTHON: Final = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"
UPLOAD: Final = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1"

_HEAD: Final = """\
name: {name}

# Always started, never filtered by path: a required check that is skipped stays pending for ever.
on:
  pull_request:
  merge_group:
  push:
    branches: ["{branch}"]

permissions:
  contents: read

concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

jobs:
  gate:
    name: {name}
    runs-on: ubuntu-latest
    timeout-minutes: 30
"""
_BELOW: Final = """\
    defaults:
      run:
        working-directory: "{below}"
"""
_STEPS: Final = """\
    steps:
      - uses: {checkout}
        with:
          fetch-depth: 0 # the commit to compare with
          persist-credentials: false
      - uses: {setup}
        with:
          python-version: "{python}"
"""
_GATE: Final = """\
      - name: Ask dagproof
        run: dagproof gate --output {report}
      - name: Keep the report
        if: always()
        uses: {upload}
        with:
          name: {report}
          path: {folder}/
          if-no-files-found: ignore
"""
_LINT: Final = """\
      # {why}: `dagproof gate` needs Airflow 3.0.6 to 3.3, reading needs none.
      - name: Ask dagproof
        run: dagproof lint --format github
"""


def workflow_part(repository: Repository, deployment: Deployment, origin: Origin) -> Edit | Left:
    """Return the workflow, which is made where there is none.

    Args:
        repository: to set up.
        deployment: what the workflow installs.
        origin: of dagproof.
    """
    path = repository.top / _FOLDER / f"{_name(repository)}.yml"
    text = _workflow(repository, deployment, origin)
    try:
        before = content(path, repository.top)
        repository.check()
    except Unwritable as error:
        return Left(path, f"{error.why}; this would be the workflow.", text)
    if before is not None:
        return Left(path, "It is there already.")
    return Edit(path, None, text.encode())


def _name(repository: Repository) -> str:
    return f"dagproof-{repository.project}" if repository.project else "dagproof"


def _workflow(repository: Repository, deployment: Deployment, origin: Origin) -> str:
    below = repository.below
    text = _HEAD.format(name=_name(repository), branch=repository.branch)
    text += _BELOW.format(below=below) if below else ""
    text += _STEPS.format(checkout=CHECKOUT, setup=SETUP_PYTHON, python=deployment.python)
    text += "".join(f"      # {visible(remark)}.\n" for remark in _remarks(deployment))
    for name, commands in _installs(deployment, origin):
        text += f"      - name: {name}\n        run: |\n"
        text += "".join(f"          {command}\n" for command in commands)
    if not deployment.supported:
        why = visible(f"Airflow {deployment.airflow}, says {deployment.said_in}")
        return text + _LINT.format(why=why)
    folder = f"{below}/{REPORT}" if below else REPORT
    return text + _GATE.format(report=REPORT, folder=folder, upload=UPLOAD)


def _remarks(deployment: Deployment) -> Iterator[str]:
    """Yield what somebody should know of the packages that are installed."""
    if deployment.disagreement:
        yield deployment.disagreement
    if deployment.supported and not deployment.lists:
        yield "No file lists the packages of the DAGs: add to this step what they import"


def _installs(deployment: Deployment, origin: Origin) -> Iterator[tuple[str, list[str]]]:
    """Yield names of steps, and their commands."""
    pip = "python -m pip install"
    if not deployment.supported:
        yield "Install dagproof", [f"{pip} {shlex.quote(origin.requirement())}"]
        return
    wanted = [f"-r {shlex.quote(one)}" for one in deployment.requirements]
    if deployment.exact and not deployment.brings_airflow:
        wanted.append(shlex.quote(f"apache-airflow=={deployment.airflow}"))
    ours = shlex.quote(origin.requirement("all"))
    if deployment.lock:
        exported = '"$RUNNER_TEMP/requirements.txt"'
        yield "Read the lock file", _exports(deployment.lock, exported)
        wanted.insert(0, f"-r {exported}")
    commands = []
    if deployment.project == ".":
        wanted.append(".")
    elif deployment.project:
        commands.append(f"{pip} uv")
        pip, wanted = "uv pip install --system", [f"-r {deployment.project}", *wanted]
    name = "Install the repository's packages and dagproof"
    yield name, [*commands, " ".join([pip, *wanted, ours])]


def _exports(lock: str, exported: str) -> list[str]:
    folder = lock.rpartition("/")[0]
    if lock.endswith("uv.lock"):
        where = f" --directory {shlex.quote(folder)}" if folder else ""
        return [
            "python -m pip install uv",
            f"uv export{where} --frozen --no-hashes --no-emit-project --output-file {exported}",
        ]
    where = f" --directory {shlex.quote(folder)}" if folder else ""
    return [
        "python -m pip install poetry poetry-plugin-export",
        f"poetry export{where} --without-hashes --output {exported}",
    ]
