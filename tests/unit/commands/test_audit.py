"""`dagproof audit`: arguments become a question, a report becomes text and an exit code."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import dagproof.audit
from dagproof import cli
from dagproof.model import (
    Ending,
    Finding,
    ImportTrace,
    Kind,
    Report,
    Severity,
    Span,
    UnavailableError,
    UsageError,
)


class _Fake:
    """Stands for `audit`: keeps what it was asked, says what it does, answers what it is told."""

    def __init__(self):
        self.report = Report(files=1)
        self.error = None

    def __call__(self, settings, request, progress, on_file):
        self.settings, self.request = settings, request
        progress("Airflow is imported")
        on_file(1, 2, "dags/a.py")
        on_file(2, 2, "dags/b.py")
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def fake(tmp_path, monkeypatch):
    fake = _Fake()
    monkeypatch.setattr(dagproof.audit, "audit", fake)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    return fake


def finding(severity=Severity.ERROR):
    return Finding(
        code="DP202",
        slug="network-call-during-import",
        severity=severity,
        kind=Kind.NETWORK,
        message="`socket.connect` ran",
        fix="Move it into a task.",
        span=Span("a.py", 1, 1, 1, 13),
    )


def asked(fake, *arguments):
    cli.main(["audit", *arguments])
    return fake.request


def test_question_without_arguments_is_about_everything_twice(fake):
    request = asked(fake)

    assert (request.paths, request.select, request.ignore, request.extend_select) == (
        [], [], [], [],
    )  # fmt: skip
    assert (request.baseline, request.write_baseline, request.against) == (None, False, None)
    assert (request.allow, request.twice, request.timeout) == ([], True, None)


def test_every_option_is_handed_on(fake):
    request = asked(
        fake, "dags", "a b.py", "--select", "DP2,DP101", "--ignore", "DP224", "--extend-select",
        "DP229", "--allow", "network:a", "--allow", "subprocess", "--against", "main", "--once",
        "--timeout", "2.5", "--baseline", "known.json", "--write-baseline",
    )  # fmt: skip

    assert request.paths == [Path("dags"), Path("a b.py")]
    assert (request.select, request.ignore) == (["DP2", "DP101"], ["DP224"])
    assert request.extend_select == ["DP229"]
    assert request.allow == ["network:a", "subprocess"]
    assert (request.against, request.twice, request.timeout) == ("main", False, 2.5)
    assert (request.baseline, request.write_baseline) == (Path("known.json"), True)


def test_what_one_question_allows_is_forgotten_by_the_next(fake):
    asked(fake, "--allow", "network", "--select", "DP202")

    assert (asked(fake).allow, fake.request.select) == ([], [])


def test_settings_are_those_of_the_folder_in_which_the_user_stands(fake, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\nselect = ["DP202"]\n')

    asked(fake)

    assert (fake.settings.root, fake.settings.select) == (tmp_path, ("DP202",))


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(files=1), 0),
        (Report(findings=(finding(Severity.NOTE),)), 0),
        (Report(findings=(finding(Severity.WARNING),)), 1),
        (Report(findings=(finding(),)), 1),
        (Report(imports=(ImportTrace("a.py", ending=Ending.FAILED),)), 0),
    ],
    ids=["nothing", "note", "warning", "error", "failure that is ignored"],
)
@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_exit_code_says_whether_it_is_clean_in_every_format(fake, report, code, format_):
    fake.report = report

    assert cli.main(["audit", "--format", format_]) == code


@pytest.mark.parametrize(("error", "code"), [(UsageError, 2), (UnavailableError, 3)])
def test_refusal_is_one_sentence_and_a_code(fake, capsys, error, code):
    fake.error = error("What, where, what to do.")

    assert cli.main(["audit"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("dagproof: What, where, what to do.\n")


def test_json_stands_alone_on_standard_output(fake, capsys):
    fake.report = Report(findings=(finding(),), files=1, imports=(ImportTrace("a.py"),))

    cli.main(["audit", "--format", "json"])

    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["findings"][0]["code"] == "DP202"
    assert [one["path"] for one in document["imports"]] == ["a.py"]
    assert err.endswith(" s] Airflow is imported\n"), "progress goes to standard error"


def test_nothing_is_counted_where_nobody_looks_at_a_terminal(fake, capsys):
    cli.main(["audit"])

    assert "[1/2]" not in capsys.readouterr().err


@pytest.mark.parametrize("error", [None, UsageError("No.")])
def test_counter_is_wiped_before_the_report_or_the_refusal(fake, monkeypatch, error):
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    fake.error = error

    cli.main(["audit"])

    shown = terminal.getvalue()
    assert "[2/2] dags/b.py" in shown
    after = shown.split("[2/2] dags/b.py")[1]
    assert after.startswith("\r\x1b[K")
    assert after.count("\x1b") == 1
    assert len(after) > len("\r\x1b[K")


def test_report_goes_to_a_file(fake, tmp_path, capsys):
    fake.report = Report(findings=(finding(),))
    file = tmp_path / "deep" / "report.json"

    assert cli.main(["audit", "--format", "json", "--output", str(file)]) == 1
    assert json.loads(file.read_text())["findings"]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"1 finding; report in {file}\n")


def test_output_that_cannot_be_written_is_refused_before_anything_is_imported(fake, tmp_path):
    assert cli.main(["audit", "--output", str(tmp_path)]) == 2
    assert not hasattr(fake, "request")


@pytest.mark.parametrize(
    "arguments",
    [["--format", "xml"], ["--timeout", "0"], ["--timeout", "-1"], ["--timeout", "soon"],
     ["--timeout", "nan"], ["--timeout", "inf"], ["--timeout", "1e10"], ["--against"],
     ["--allow"], ["--fix"], ["--no-such-option"]],
)  # fmt: skip
def test_wrong_argument_is_refused(fake, capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main(["audit", *arguments])

    assert caught.value.code == 2
    assert "usage: dagproof" in capsys.readouterr().err
    assert not hasattr(fake, "request")


def test_airflow_is_not_imported_by_the_command_itself():
    code = """
import sys
import dagproof.audit
from dagproof import cli
from dagproof.model import Report

dagproof.audit.audit = lambda *_: Report()
assert cli.main(["audit"]) == 0
assert "airflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
