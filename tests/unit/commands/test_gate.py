"""`dagproof gate`: what it asks, what it writes, and what GitHub gets to see."""

import json

import pytest

from dagproof.cli import main
from dagproof.commands import report_folder
from dagproof.gate import composition
from dagproof.model import (
    Finding,
    Kind,
    Report,
    Severity,
    Span,
    Stage,
    StageState,
    UnavailableError,
    UsageError,
)
from dagproof.reporters import html

FINDING = Finding(
    "DP101", "mlflow-call-at-import", Severity.ERROR, Kind.MLFLOW, "It is `::error::x`", "Move it.",
    Span("dags/a.py", 3, 1, 3, 9), "mlflow.x()",
)  # fmt: skip
CLEAN = Report(files=1, stages=(Stage("lint", StageState.CLEAN, "1 file read."),))
FOUND = Report(
    files=1, findings=(FINDING,), stages=(Stage("lint", StageState.FOUND, "1 file read.", 1.0, 1),)
)
UNABLE = Report(stages=(Stage("audit", StageState.UNABLE, "No Airflow.", 0.1, 3),))


@pytest.fixture
def gate(monkeypatch, tmp_path, capsys):
    """Have the gate find something; return exit code, standard output, error and the request."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)

    def gate(report, *arguments):
        asked = []

        def fake(_settings, request, _environ, progress, on_stage):
            asked.append(request)
            progress("it begins")
            for stage in report.stages:
                on_stage(stage)
            return report

        monkeypatch.setattr(composition, "gate", fake)
        code = main(["gate", *arguments])
        out, err = capsys.readouterr()
        return code, out, err, asked[0]

    return gate


@pytest.mark.parametrize(("report", "code"), [(CLEAN, 0), (FOUND, 1), (UNABLE, 3)])
def test_exit_code_is_that_of_the_verdict(gate, report, code):
    assert gate(report)[0] == code


def test_request_is_what_the_options_say(gate):
    request = gate(
        CLEAN, "--base", "release", "--all", "--skip", "run,diff", "--new-only", "--services",
        "external", "--select", "DP1", "--allow", "network", "--baseline", "known.json",
    )[3]  # fmt: skip
    assert (request.base, request.everything, request.skipped) == ("release", True, ["run", "diff"])
    assert (request.new_only, request.backend, request.select) == (True, "external", ["DP1"])
    assert (request.allow, str(request.baseline)) == (["network"], "known.json")


def test_stage_that_does_not_exist_is_refused(gate, capsys):
    with pytest.raises(SystemExit) as refused:
        gate(CLEAN, "--skip", "tests")
    assert refused.value.code == 2
    assert "lint, audit, contracts, run, diff" in capsys.readouterr().err


def test_folder_has_every_format_and_ignores_itself(gate, tmp_path):
    _, out, err, _ = gate(FOUND)

    folder = tmp_path / "dagproof-report"
    assert {path.name for path in folder.iterdir()} == {
        ".gitignore", "report.html", "report.json", "report.sarif", "junit.xml", "summary.md",
    }  # fmt: skip
    assert json.loads((folder / "report.json").read_text())["findings"][0]["code"] == "DP101"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert out.splitlines()[-1] == "FAIL: 1 error."
    assert "Reports in dagproof-report" in err
    assert "lint: ended, the verdict weighs what it found. 1 file read." in err


def test_reports_of_an_earlier_gate_are_gone_when_another_begins(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.html").write_text("PASS")
    (folder / "mine.txt").write_text("kept")
    report_folder.prepare(folder)
    assert not (folder / "report.html").exists()
    assert (folder / "mine.txt").read_text() == "kept"


def test_format_that_cannot_be_made_keeps_no_other_from_being_there(tmp_path, monkeypatch):
    def fail(_report):
        raise ZeroDivisionError("no")

    monkeypatch.setattr(html, "render", fail)
    report_folder.prepare(tmp_path)
    with pytest.raises(UnavailableError, match=r"report\.html \(ZeroDivisionError: no\)"):
        report_folder.write(*report_folder.made(FOUND), tmp_path)
    assert (tmp_path / "summary.md").exists()
    assert not (tmp_path / "report.html").exists()


def test_folder_in_the_place_of_a_report_is_refused_in_one_sentence(gate, tmp_path):
    (tmp_path / "reports/report.html").mkdir(parents=True)
    (tmp_path / "file").touch()
    for output, said in (("reports", "report.html is in the way"), ("file", "file is a file")):
        with pytest.raises(UsageError, match=said):
            report_folder.prepare(tmp_path / output)


def test_verdict_and_the_other_reports_are_told_though_one_cannot_be_written(
    gate, monkeypatch, tmp_path
):
    write = report_folder.write_report

    def full(text, output, *, called=None):
        if called is not None and called.name == "report.json":
            raise UsageError("The disk is full.")
        write(text, output, called=called)

    monkeypatch.setattr(report_folder, "write_report", full)
    code, out, err, _ = gate(CLEAN)
    assert (code, out.splitlines()[-1]) == (2, "PASS.")
    assert err.splitlines()[-1] == "dagproof: The disk is full."
    names = {path.name for path in (tmp_path / "dagproof-report").iterdir()}
    assert names == {".gitignore", "report.html", "report.sarif", "junit.xml", "summary.md"}


def test_progress_is_one_line_whatever_others_have_written(gate):
    note = "Its process ended:\n::error::boo ##[error]x \x1b[31m"
    _, _, err, _ = gate(Report(stages=(Stage("audit", StageState.UNABLE, note, 0.1, 3),)))
    [line] = [line for line in err.splitlines() if "boo" in line]
    assert line.endswith("Its process ended:\\n::error::boo ## [error]x \\x1b[31m")


def test_json_stands_alone_on_standard_output(gate):
    code, out, _, _ = gate(FOUND, "--format", "json")
    assert json.loads(out)["stages"][0]["name"] == "lint"
    assert code == 1


def test_github_gets_text_that_it_does_not_obey_annotations_and_a_summary(
    gate, monkeypatch, tmp_path
):
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))

    _, out, _, _ = gate(FOUND)

    first, *lines = out.splitlines()
    word, token = first.rsplit("::", 1)
    assert word == "::stop-commands"
    end = lines.index(f"::{token}::")
    assert not [line for line in lines[end + 1 :] if not line.startswith("::")]
    assert any(line.startswith("::error file=inner/dags/a.py,line=3,") for line in lines[end:])
    assert summary.read_text().startswith("before\n")
    assert "DP101" in summary.read_text()


def test_secrets_of_the_environment_are_in_no_report(gate, monkeypatch, tmp_path):
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "hunter2-and-more")
    stage = Stage("audit", StageState.UNABLE, "It said hunter2-and-more ##[error]x.", 0.1, 3)
    _, out, err, _ = gate(Report(stages=(stage,)))
    written = "".join(
        path.read_text() for path in (tmp_path / "dagproof-report").iterdir() if path.is_file()
    )
    assert "hunter2" not in out + err + written
    assert "It said *** ##[error]x." in out
    assert "It said *** ## [error]x." in err


def test_folder_that_cannot_be_written_is_refused_before_any_work(gate, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    assert main(["gate", "--output", "file/below"]) == 2
