"""A git repository to compare in."""

import os
import subprocess

import pytest


class Repository:
    """A git repository in a folder of its own."""

    def __init__(self, root):
        self.root = root

    def git(self, *arguments):
        quiet = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        } | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b.c",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b.c",
        }
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            check=True, capture_output=True, text=True, env=quiet,
        )  # fmt: skip
        return done.stdout.strip()

    def write(self, name, text="x\n"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, name="file.txt", text="x\n"):
        """Write and commit a file; return the commit."""
        self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path):
    """A repository with one commit on its branch `main`."""
    root = tmp_path / "repository"
    root.mkdir()
    made = Repository(root)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("first.txt")
    return made


@pytest.fixture
def clone(tmp_path):
    """Clone a repository into a folder of its own."""

    def make(repository, *options):
        root = tmp_path / "clone"
        subprocess.run(
            ["git", "clone", "--quiet", *options, f"file://{repository.root}", str(root)],
            check=True,
        )
        return Repository(root)

    return make
