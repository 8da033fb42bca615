"""Arguments become a question, a report becomes text and an exit code."""

import json
from pathlib import Path

import pytest

import dagproof.lint
from dagproof import cli
from dagproof.model import (
    Edit,
    Finding,
    Kind,
    Report,
    Severity,
    Span,
    UnavailableError,
    Unread,
    UsageError,
)


class _Fake:
    """Stands for `lint`: keeps what it was asked, answers what it is told."""

    def __init__(self):
        self.report = Report(files=1)
        self.error = None

    def __call__(self, settings, request):
        self.settings, self.request = settings, request
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def fake(tmp_path, monkeypatch):
    fake = _Fake()
    monkeypatch.setattr(dagproof.lint, "lint", fake)
    monkeypatch.chdir(tmp_path)
    return fake


def finding(severity=Severity.ERROR, edits=()):
    return Finding(
        code="DP102",
        slug="network-call-at-import",
        severity=severity,
        kind=Kind.NETWORK,
        message="`requests.get()` runs each time this file is parsed",
        fix="Move it into a task.",
        span=Span("a.py", 1, 1, 1, 13),
        excerpt="requests.get()",
        edits=edits,
    )


def offering():
    """A finding that `--fix` would mend."""
    return finding(edits=(Edit(Span("a.py", 1, 1, 1, 13), "fetch"),))


def asked(fake, *arguments):
    cli.main(["lint", *arguments])
    return fake.request


def test_question_without_arguments_is_about_everything_and_changes_nothing(fake):
    request = asked(fake)

    assert (request.paths, request.select, request.ignore) == ([], [], [])
    assert (request.baseline, request.write_baseline, request.cached, request.fix) == (
        None,
        False,
        True,
        False,
    )


def test_settings_are_those_of_the_folder_in_which_the_user_stands(fake, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\nselect = ["DP101"]\n')

    asked(fake)

    assert (fake.settings.root, fake.settings.select) == (tmp_path, ("DP101",))


def test_paths_are_taken_as_they_are(fake):
    assert asked(fake, "dags", "./a b.py").paths == [Path("dags"), Path("a b.py")]


def test_path_that_looks_like_an_option_comes_after_two_dashes(fake):
    assert asked(fake, "--", "-x.py").paths == [Path("-x.py")]


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_words_are_separated_by_commas_or_options(fake, option):
    request = asked(fake, f"--{option}", "DP101, sleep-at-import", f"--{option}=DP11,")

    assert getattr(request, option) == ["DP101", "sleep-at-import", "DP11"]


def test_words_of_one_question_are_forgotten_by_the_next(fake):
    asked(fake, "--select", "DP101")

    assert asked(fake).select == []


def test_switches_are_handed_on(fake):
    request = asked(fake, "--fix", "--no-cache", "--write-baseline", "--baseline", "known.json")

    assert (request.fix, request.cached, request.write_baseline) == (True, False, True)
    assert request.baseline == Path("known.json")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(files=1), 0),
        (Report(findings=(finding(Severity.NOTE),)), 0),
        (Report(findings=(finding(Severity.WARNING),)), 1),
        (Report(findings=(finding(),)), 1),
        (Report(findings=(finding(),), errors=(Unread("a.py", "invalid syntax"),)), 1),
        (Report(errors=(Unread("a.py", "invalid syntax"),)), 0),
    ],
    ids=["nothing", "note", "warning", "error", "unreadable", "unreadable and known"],
)
@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_exit_code_says_whether_it_is_clean_in_every_format(fake, capsys, report, code, format_):
    fake.report = report

    assert cli.main(["lint", "--format", format_]) == code
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("error", "code"), [(UsageError, 2), (UnavailableError, 3)])
def test_refusal_is_one_sentence_and_a_code(fake, capsys, error, code):
    fake.error = error("What, where, what to do.")

    assert cli.main(["lint"]) == code
    assert capsys.readouterr() == ("", "dagproof: What, where, what to do.\n")


@pytest.mark.parametrize(
    "arguments", [["--format", "xml"], ["--select"], ["--no-such-option"], ["--baseline"]]
)
def test_wrong_argument_is_refused(fake, capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main(["lint", *arguments])

    assert caught.value.code == 2
    assert "usage: dagproof" in capsys.readouterr().err


def test_formats_are_what_they_are_called(fake, capsys):
    fake.report = Report(findings=(finding(),), files=1)
    said = {}
    for name in ("text", "json", "github", "sarif"):
        cli.main(["lint", "--format", name])
        said[name] = capsys.readouterr().out

    assert said["text"].startswith("a.py:1:1 DP102 network-call-at-import  error\n")
    assert json.loads(said["json"])["findings"][0]["code"] == "DP102"
    assert said["github"].startswith("::error file=a.py,line=1,")
    assert json.loads(said["sarif"])["version"] == "2.1.0"


def test_report_goes_to_the_file_and_a_word_of_it_to_standard_error(fake, tmp_path, capsys):
    fake.report = Report(findings=(finding(),), files=1)
    file = tmp_path / "deep" / "report.json"

    assert cli.main(["lint", "--format", "json", "--output", str(file)]) == 1

    assert json.loads(file.read_text(encoding="utf-8"))["findings"][0]["code"] == "DP102"
    assert capsys.readouterr().out == ""


def test_clean_report_in_a_file_is_said_to_be_clean(fake, tmp_path, capsys):
    cli.main(["lint", "--output", str(tmp_path / "report.txt")])

    assert capsys.readouterr().err == f"Clean; report in {tmp_path / 'report.txt'}\n"


def test_output_that_cannot_be_written_is_refused_before_anything_is_read(fake, tmp_path, capsys):
    assert cli.main(["lint", "--output", str(tmp_path)]) == 2

    assert not hasattr(fake, "request")
    assert capsys.readouterr().err == (
        f"dagproof: The report cannot be written to {tmp_path}: Is a directory.\n"
    )


def test_diff_shows_what_fix_would_change_and_changes_nothing(fake, tmp_path, capsys):
    (tmp_path / "a.py").write_text("requests.get()\n", encoding="utf-8")
    fake.report = Report(findings=(offering(),))

    assert cli.main(["lint", "--diff"]) == 1

    assert capsys.readouterr().out == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-requests.get()\n+fetch()\n"
    )
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "requests.get()\n"


def test_diff_asks_for_no_fix_though_both_are_given(fake):
    assert asked(fake, "--fix", "--diff").fix is False


def test_diff_of_nothing_is_empty_and_clean_though_there_are_findings(fake, capsys):
    fake.report = Report(findings=(finding(),))

    assert cli.main(["lint", "--diff"]) == 0
    assert capsys.readouterr().out == ""


def test_diff_can_go_to_a_file(fake, tmp_path, capsys):
    (tmp_path / "a.py").write_text("requests.get()\n", encoding="utf-8")
    fake.report = Report(findings=(offering(),))

    assert cli.main(["lint", "--diff", "--output", "fix.patch"]) == 1
    assert (tmp_path / "fix.patch").read_text(encoding="utf-8").endswith("+fetch()\n")
    assert capsys.readouterr().out == ""
