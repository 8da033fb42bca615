"""The script that keeps docs/rules what the rules say."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "rule_docs.py"


@pytest.fixture
def rule_docs():
    spec = importlib.util.spec_from_file_location("rule_docs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_written_changed_and_removed(rule_docs, tmp_path):
    folder = tmp_path / "docs" / "rules"
    rule_docs.write(folder, {"a.md": "A\n", "b.md": "Ü\n"})
    (folder / "picture.svg").touch()

    rule_docs.write(folder, {"b.md": "changed\n", "c.md": "C\n"})

    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "b.md": "changed\n",
        "c.md": "C\n",
        "picture.svg": "",
    }


def test_check_names_what_differs_in_order(rule_docs, tmp_path):
    wanted = {"same.md": "S\n", "changed.md": "C\n", "missing.md": "M\n"}
    rule_docs.write(tmp_path, {"same.md": "S\n", "changed.md": "", "gone.md": "G\n"})

    names = [path.name for path in rule_docs.stale(tmp_path, wanted)]

    assert names == ["changed.md", "gone.md", "missing.md"]


def test_page_that_is_not_changed_is_not_written(rule_docs, tmp_path):
    rule_docs.write(tmp_path, {"a.md": "A\n"})
    before = (tmp_path / "a.md").stat().st_mtime_ns

    rule_docs.write(tmp_path, {"a.md": "A\n"})

    assert (tmp_path / "a.md").stat().st_mtime_ns == before


@pytest.fixture
def docs(rule_docs, tmp_path, monkeypatch):
    """Run the script on a folder and a list of rules of the test's own."""
    rules = ModuleType("dagproof.rules")
    rules.RULES = ()
    monkeypatch.setitem(sys.modules, "dagproof.rules", rules)
    monkeypatch.setattr(rule_docs, "FOLDER", tmp_path / "rules")

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["rule_docs.py", *arguments])
        return rule_docs.main()

    return run


def test_check_says_what_would_change_and_writes_nothing(docs, tmp_path, capsys):
    assert docs("--check") == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/rules/README.md is not what the rules say. Run scripts/rule_docs.py.\n"
    )
    assert not (tmp_path / "rules").exists()


def test_check_is_content_with_what_was_written(docs, tmp_path, capsys):
    assert docs() == 0
    assert capsys.readouterr().out == f"1 of 1 pages changed in {tmp_path}/rules\n"
    assert docs("--check") == 0
    assert (tmp_path / "rules" / "README.md").read_text().startswith("# Rules\n")
