"""A git repository with DAG files, in which the user stands."""

import os
import subprocess
import textwrap

import pytest

from dagproof.config import load_settings


class Repository:
    """A git repository in a folder of its own."""

    def __init__(self, root):
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        command = ["git", "-C", str(self.root), "-c", "user.name=x", "-c", "user.email=x@y.z"]
        done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def add(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")
        return self.git("rev-parse", "HEAD")

    @property
    def settings(self):
        return load_settings(self.root)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    # Tests that ran before in this process may have left a session's variables behind.
    for name in tuple(os.environ):
        if name.startswith(("AIRFLOW", "GIT_", "MLFLOW_")):
            monkeypatch.delenv(name)
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    return Repository(root)
