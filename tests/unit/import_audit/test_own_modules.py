"""Which modules are the repository's, loaded or not."""

import sys
from types import ModuleType

import pytest

from dagproof.import_audit.frames import Repository
from dagproof.import_audit.own_modules import OwnModules


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "plugins" / "company").mkdir(parents=True)
    (tmp_path / "plugins" / "helpers.py").touch()
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "library.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "venv"), str(tmp_path / "plugins")])
    return OwnModules(Repository([str(tmp_path)], [str(tmp_path / "venv")]))


@pytest.fixture
def load(monkeypatch):
    """Give a function that has a module loaded, from a file or from none."""

    def load(name, file):
        module = ModuleType(name)
        module.__file__ = file and str(file)
        monkeypatch.setitem(sys.modules, name, module)

    return load


@pytest.mark.parametrize(
    ("name", "expected"),
    [("company", True), ("company.etl", True), ("helpers", True), ("library", False),
     ("nowhere", False), ("os", False)],
)  # fmt: skip
def test_module_that_is_not_loaded_is_own_where_its_file_would_be(own, name, expected):
    assert own.owns(name) is expected


def test_loaded_module_is_own_by_its_file(own, load, tmp_path):
    load("ours", tmp_path / "dags" / "ours.py")
    load("theirs", tmp_path / "venv" / "theirs.py")
    load("company", None)  # a namespace, or something made by hand
    assert [own.owns(name) for name in ("ours.more", "theirs", "company")] == [True, False, False]


def test_module_of_the_file_itself_is_own_until_the_next_file(own):
    own.forget("unusual_prefix_dag")
    assert own.owns("unusual_prefix_dag")
    own.forget()
    assert not own.owns("unusual_prefix_dag")


def test_what_a_name_was_is_known_until_it_is_forgotten(own, tmp_path):
    assert own.owns("helpers")
    (tmp_path / "plugins" / "helpers.py").unlink()
    assert own.owns("helpers")
    own.forget()
    assert not own.owns("helpers")


def test_file_that_leads_to_a_library_is_the_last_own_one(own, load, tmp_path):
    file = tmp_path / "dags" / "ours.py"
    load("ours", file)
    assert own.file_of(["dag", "ours", "library"]) == str(file)
    assert own.file_of(["library"]) == ""
    assert own.file_of(["helpers", "library"]) == ""  # never loaded
