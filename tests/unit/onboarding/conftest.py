"""Repositories that a test writes."""

import subprocess

import pytest
from linting import written

from dagproof.onboarding import Repository

PLAIN = """\
from airflow.sdk import dag, task


@dag(schedule=None)
def {name}():
    @task
    def begin() -> int:
        return 1

    begin()


{name}()
"""


@pytest.fixture(autouse=True)
def _released(monkeypatch):
    """Let dagproof be of one version, whatever it is."""
    monkeypatch.setattr("dagproof.onboarding.origin.__version__", "0.1.0")


@pytest.fixture
def plain():
    """Return the text of a DAG file that reaches for nothing."""
    return lambda name="etl": PLAIN.format(name=name)


@pytest.fixture
def files(tmp_path):
    """Write files below the root."""

    def files(**content):
        written(tmp_path, content)
        return tmp_path

    return lambda content: files(**content)


@pytest.fixture
def git(tmp_path):
    """Make the root a git work tree, and ask git something."""

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=tmp_path, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "-q", "-b", "trunk")
    return git


@pytest.fixture
def repository(tmp_path):
    """Return the repository of the root."""
    return Repository(tmp_path, tmp_path)
