"""Small repositories, and the question what a change of them can affect."""

from pathlib import Path

import pytest

from dagproof.config import Settings
from dagproof.impact import impact
from dagproof.model import ChangedFile, Comparison, FileFate

DAG = "from airflow.sdk import DAG\n\nwith DAG('{id}'):\n    pass\n"


class Repository:
    """Files below a folder, and what is asked about them."""

    def __init__(self, root):
        self.root = root
        self.options = {}
        self.commit = ""

    def file(self, path, text=""):
        """Write one file."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        return full

    def dag(self, path, body="", dag_id=None):
        """Write a DAG file whose module begins with some lines."""
        name = dag_id or Path(path).stem
        return self.file(path, f"{body}\n{DAG.format(id=name)}")

    @property
    def settings(self):
        plugins = self.root / "plugins"
        values = {
            "root": self.root,
            "dags": (self.root / "dags",),
            "plugins": plugins if plugins.is_dir() else None,
        }
        return Settings(**{**values, **self.options})

    def change(self, path, fate=FileFate.MODIFIED, before=""):
        """Return the change of a file."""
        old = str(self.root / before) if before else ""
        return ChangedFile(str(self.root / path), fate, old)

    def impact(self, *changes):
        """Return what changes of files affect; a path is one that was modified."""
        files = [self.change(one) if isinstance(one, str) else one for one in changes]
        return impact(self.settings, Comparison(commit=self.commit, files=tuple(files)))

    def affected(self, *changes):
        """Return the names of the DAG files that changes affect, when not all of them are."""
        found = self.impact(*changes)
        assert not found.everything, found.everything
        return {Path(one.path).stem for one in found.affected}

    def reasons(self, *changes):
        """Return why each DAG file is affected."""
        return {Path(one.path).stem: one.reason for one in self.impact(*changes).affected}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path)


@pytest.fixture(scope="session")
def new_repository(tmp_path_factory):
    """Return what makes one more repository, for tests that need many."""
    return lambda: Repository(tmp_path_factory.mktemp("repository"))
