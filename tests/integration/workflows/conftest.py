"""A DAG repository on a GitHub of this machine, and runners that have what a cache would hold."""

import shutil
import subprocess
import sys
import sysconfig
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from actions_runner.known_actions import Machine
from actions_runner.origin import Origin
from actions_runner.workflows import ROOT

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

DAG = """\
from airflow.sdk import dag, task


@dag(schedule=None)
def hello():
    @task
    def say() -> str:
        return "hello"

    say()


hello()
"""

NETWORK = DAG.replace(
    "from airflow.sdk import dag, task\n",
    "import requests\nfrom airflow.sdk import dag, task\n\n"
    'RATES = requests.get("https://rates.example/today", timeout=3).json()\n',
)

SETTINGS = """\
[tool.dagproof]
services = ["postgres"]

[[tool.dagproof.runs]]
dag = "hello"
"""


def written(folder, files):
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


@pytest.fixture
def origin(tmp_path):
    """A repository with one DAG that is all right."""
    made = Origin(tmp_path / "github")
    written(
        made.tree,
        {"dags/hello.py": DAG, "pyproject.toml": SETTINGS, "requirements.txt": "apache-airflow\n"},
    )
    made.pushed("main", "One DAG")
    return made


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Every package that is installed here, but for dagproof: what restored wheels would bring."""
    folder = tmp_path_factory.mktemp("prepared")
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.lower().startswith(("dagproof", "_editable_impl_dagproof", "pip")):
            (folder / one.name).symlink_to(one)
    return folder


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """A folder with the wheel of dagproof, as PyPI would have it."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """Where Pythons are set up for all runners of the session."""
    return tmp_path_factory.mktemp("tools")


@pytest.fixture
def machine(tmp_path, origin, prepared, wheels, tools):
    """Return a runner for an event; without packages, one that has to install them."""

    def made(event, packages=True):
        folder = tmp_path / "runner"
        shutil.rmtree(folder, ignore_errors=True)
        whole = Machine(
            folder, origin.bare, event, {VERSION: sys.executable}, tools / "full",
            (prepared,), {"PIP_FIND_LINKS": str(wheels)},
        )  # fmt: skip
        return whole if packages else replace(whole, tools=tools / "bare", prepared=())

    return made
