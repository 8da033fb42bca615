"""The reference says what the code says, and notices where nobody has described something."""

import argparse
import json
import sys
from pathlib import Path

import pytest
from fixtures.reports import full
from unit.docs.blocks import ROOT

from dagproof.cli import _parser
from dagproof.reporters import json as json_report

sys.path.insert(0, str(ROOT / "scripts"))

import reference_docs
from reference_pages import commands, environment, json_fields, markdown, python_api, settings

REPORTERS = ROOT / "src" / "dagproof" / "reporters"


def test_pages_are_those_that_the_code_makes():
    assert reference_docs.stale(reference_docs.FOLDER, reference_docs.pages()) == []


def names_of(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield name
                yield from names_of(command)


def test_every_command_and_option_is_described():
    page = commands.page()

    for name in names_of(_parser()):
        assert f" {name}\n" in page
    assert "`--base REF`" in page
    assert "| `--examples N` |" in page
    assert "\n| 130 | Ctrl-C" in page


def test_every_setting_says_what_it_must_be_and_what_holds_without_it(tmp_path):
    page = settings.page()

    assert "| `services` | services that a run needs" in page
    assert "| a list of postgres, mlflow, s3 |" in page
    assert "| `timeout` | seconds after which the watchdog ends a run |" in page
    assert "| `import-growth` | seconds of processor time" in page
    assert "| `s3-port` |" in page
    assert page.count("\n| `") == len(settings.keys(tmp_path)) + 5 + 6 + 3
    assert "| `stubs` | return values by task id, in place of executing the task |" in page


def test_settings_leave_the_repository_as_it_was(tmp_path):
    assert "dags" in settings.keys(tmp_path)
    assert settings.wanted(tmp_path, "timeout").startswith("a number of seconds")
    assert list(tmp_path.iterdir()) == []


def test_variable_that_nobody_described_is_noticed(tmp_path):
    for path in (ROOT / "src" / "dagproof").rglob("*.py"):
        (tmp_path / f"{len(list(tmp_path.iterdir()))}.py").write_text(path.read_text())
    assert "DAGPROOF_CACHE" in environment.page(tmp_path)

    (tmp_path / "new.py").write_text('environ["DAGPROOF_NEW"]\n')

    with pytest.raises(ValueError, match="differ in DAGPROOF_NEW"):
        environment.page(tmp_path)


def test_variable_that_the_code_does_not_name_is_noticed(tmp_path):
    (tmp_path / "one.py").write_text('environ["DAGPROOF_BASE"]\n')

    with pytest.raises(ValueError, match="DAGPROOF_CACHE"):
        environment.page(tmp_path)


def keys_of(value):
    """Yield the keys of objects whose keys are ours, and not those of users."""
    free = {"xcoms", "metrics", "tags", "conf", "params", "fields"}
    if isinstance(value, list):
        for one in value:
            yield from keys_of(one)
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            if key not in free:
                yield from keys_of(one)


def test_every_field_of_a_report_is_on_the_page_and_no_other():
    page = json_fields.page(REPORTERS)
    written = set(keys_of(json.loads(json_report.render(full()))))

    described = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}

    assert described == written


def test_types_of_fields_lead_to_their_sections():
    page = json_fields.page(REPORTERS)

    assert "| `findings` | list of [Finding](#finding) |" in page
    assert "| `state` | `clean` or `found` or `unable` or `skipped` |" in page
    assert "| `new` | boolean or null |" in page
    for link in {part.split(")")[0] for part in page.split("](#")[1:]}:
        assert f"## {link.replace('-', ' ')}" in page.lower()


def test_field_of_no_attribute_is_refused(tmp_path):
    for path in REPORTERS.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    text = (tmp_path / "json.py").read_text()
    (tmp_path / "json.py").write_text(text.replace('"fix": finding.fix', '"fix": "?"'))

    with pytest.raises(ValueError, match="Finding: `fix` is of no attribute of Finding"):
        json_fields.page(tmp_path)


def test_every_public_fixture_is_described(tmp_path):
    page = python_api.fixtures(ROOT / "src" / "dagproof" / "pytest_plugin.py")

    assert "## run_dag\n" in page
    assert "## airflow_home\n" in page
    assert "_dagproof" not in page.replace("`dagproof_services`", "")


def test_docstring_becomes_paragraphs_and_lists():
    text = markdown.described(
        "Do it.\n\n    It is done.\n\n    Args:\n        one: the first\n            of them.\n\n"
        "    Returns:\n        Nothing much.\n    "
    )

    assert text == (
        "Do it.\n\nIt is done.\n\n**Args**\n\n- `one`: the first of them.\n\n"
        "**Returns**\n\nNothing much.\n"
    )


def test_cell_may_hold_what_separates_cells():
    assert markdown.table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"


def test_check_names_the_page_that_is_stale(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(reference_docs, "FOLDER", tmp_path)
    monkeypatch.setattr(reference_docs, "pages", lambda: {"a.md": "A\n"})
    monkeypatch.setattr(sys, "argv", ["reference_docs.py", "--check"])

    assert reference_docs.main() == 1
    assert "a.md is not what the code says" in capsys.readouterr().err

    monkeypatch.setattr(sys, "argv", ["reference_docs.py"])
    assert reference_docs.main() == 0
    assert Path(tmp_path, "a.md").read_text() == "A\n"

    monkeypatch.setattr(sys, "argv", ["reference_docs.py", "--check"])
    assert reference_docs.main() == 0
