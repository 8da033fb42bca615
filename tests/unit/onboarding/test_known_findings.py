"""What commands find today becomes a baseline, and says which DAGs are not to be run."""

import json
import sys

import pytest

from dagproof.model import UnavailableError
from dagproof.onboarding import known_findings
from dagproof.onboarding.known_findings import Recorded, Today, look, write
from dagproof.verdict.baseline import Entry

_COMMAND = """
import json, sys
name, known, report = sys.argv[1:]
print("much " * 50_000)
if name == "contracts":
    print("progress", file=sys.stderr)
    sys.exit("dagproof: Hypothesis is not installed.")
if name == "silent":
    sys.exit(3)
entry = {"path": "a.py", "code": {"lint": "DP101", "audit": "DP201"}[name], "line": "x", "count": 2}
open(known, "w").write(json.dumps({"version": 1, "findings": [entry]}))
seen = [
    {"path": "a.py", "dag_ids": ["a", "b"], "errors": []},
    {"path": "c.py", "dag_ids": ["c"], "errors": [{"type": "TypeError"}]},
    {"path": "d.py", "dag_ids": [], "errors": [{"type": "TypeError"}]},
    {"path": "e.py", "dag_ids": ["e"], "errors": []},
]
open(report, "w").write(json.dumps({"version": 1, "imports": seen if name == "audit" else []}))
"""


@pytest.fixture(autouse=True)
def _commands(monkeypatch):
    """Let a small program stand for dagproof's commands."""
    started = known_findings.subprocess.Popen

    def start(command, **options):
        assert command[:4] == [sys.executable, "-P", "-m", "dagproof"]
        assert command[5:7] == ["--write-baseline", "--baseline"]
        assert command[8:11] == ["--format", "json", "--output"]
        return started(
            [sys.executable, "-c", _COMMAND, command[4], command[7], command[11]], **options
        )

    monkeypatch.setattr(known_findings.subprocess, "Popen", start)


def test_what_all_commands_find_is_one_baseline(tmp_path):
    today = look(tmp_path, ["lint", "audit"])
    write(tmp_path / "known.json", today, tmp_path)

    assert today.recorded == (Recorded("lint", 2), Recorded("audit", 2))
    found = json.loads((tmp_path / "known.json").read_text())["findings"]
    assert [(one["code"], one["count"]) for one in found] == [("DP101", 2), ("DP201", 2)]


def test_command_that_cannot_look_says_why_and_the_others_count(tmp_path):
    today = look(tmp_path, ["lint", "contracts", "silent"])

    assert today.recorded[1:] == (
        Recorded("contracts", trouble="Hypothesis is not installed."),
        Recorded("silent", trouble="it ended with 3"),
    )
    assert len(today.entries) == 1


def test_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UnavailableError, match="cannot be written"):
        write(tmp_path / "nothing" / "known.json", Today(), tmp_path)


@pytest.mark.parametrize(
    ("dag_id", "why"),
    [
        ("a", "DP201 is found in its file"),
        ("c", "its file does not import here"),
        ("d", "no file that Airflow can import here makes it"),
        ("e", ""),
    ],
)
def test_dags_are_not_run_over_what_was_seen(tmp_path, dag_id, why):
    assert look(tmp_path, ["lint", "audit"]).why_not(dag_id) == why


def test_what_is_only_read_keeps_no_dag_from_being_run():
    read = Entry("e.py", "DP106", "x", 1)
    other = Entry("a.py", "DP201", "x", 1)

    assert Today(entries=(read, other), makers={"e": "e.py"}).why_not("e") == ""


def test_nothing_is_known_of_dags_where_nobody_could_import_them(tmp_path):
    assert look(tmp_path, ["lint", "contracts"]).why_not("d") == ""


def test_commands_end_when_the_user_interrupts(tmp_path, monkeypatch):
    ended = []

    class Waiting:
        returncode = 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            ended.append("waited")

        def communicate(self):
            raise KeyboardInterrupt

        def terminate(self):
            ended.append("terminated")

    monkeypatch.setattr(known_findings.subprocess, "Popen", lambda *_, **__: Waiting())

    with pytest.raises(KeyboardInterrupt):
        look(tmp_path, ["lint", "audit"])

    assert ended == ["terminated", "terminated", "waited", "waited"]
