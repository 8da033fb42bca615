"""A board, a repository and a watch, without any hook."""

from pathlib import Path

import pytest
from zygotes import Zygotes

from dagproof.import_audit import client
from dagproof.import_audit.board import Board
from dagproof.import_audit.conditions import usual
from dagproof.import_audit.events import Events
from dagproof.import_audit.frames import STARTED, Repository, library_folders
from dagproof.import_audit.orders import Surroundings
from dagproof.import_audit.refusals import allowed
from dagproof.import_audit.watch import Watch


@pytest.fixture(autouse=True)
def _nothing_started():
    STARTED.clear()
    yield
    STARTED.clear()


@pytest.fixture
def root(tmp_path):
    """Return the root of a repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def repository(root):
    return Repository([str(root)], library_folders())


@pytest.fixture
def watching(board, repository, root, tmp_path):
    """Make a watch that lets through what is named."""

    def make(*words):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        surroundings = Surroundings(
            (str(root),), (), str(scratch), f"{scratch}/home", str(root), words, 30.0, 2**31, "",
            usual(),
        )  # fmt: skip
        return Watch(board, repository, Events(surroundings, library_folders()), allowed(words))

    return make


@pytest.fixture
def ran(root):
    """Execute source as a file of the repository, or of a library; return its namespace."""

    def ran(source, name="dags/a.py", **names):
        path = name if name.startswith(("/", "<")) else str(root / name)
        names.setdefault("__name__", Path(name).stem)
        exec(compile(source, path, "exec"), names)  # noqa: S102 - it is ours
        return names

    return ran


@pytest.fixture
def zygotes(tmp_path, monkeypatch):
    log = tmp_path / "first.log"
    log.write_text("", "utf-8")
    zygotes = Zygotes(log)
    monkeypatch.setattr(client.Watchers, "_start", lambda _, given: zygotes.start(given))
    return zygotes
