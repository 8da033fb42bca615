"""`dagproof contracts`: arguments become a question, a report becomes text and an exit code."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import dagproof.proving
from dagproof import cli
from dagproof.model import (
    ContractTrace,
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
    """Stands for `prove`: keeps what it was asked, answers what it is told."""

    def __init__(self):
        self.report = Report(files=1)
        self.error = None

    def __call__(self, settings, request, progress, on_file):
        self.settings, self.request = settings, request
        progress("Airflow is imported")
        on_file(1, 1, "dags/a.py")
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def fake(tmp_path, monkeypatch):
    fake = _Fake()
    monkeypatch.setattr(dagproof.proving, "prove", fake)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    return fake


def finding(severity=Severity.ERROR):
    return Finding(
        code="DP308",
        slug="broken-template",
        severity=severity,
        kind=Kind.TEMPLATE,
        message="`bash_command` of task `load` does not end",
        fix="Correct the template.",
        span=Span("a.py", 1, 1, 1, 13),
    )


def asked(fake, *arguments):
    cli.main(["contracts", *arguments])
    return fake.request


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(["contracts", *arguments])
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_question_without_arguments_is_about_everything(fake):
    request = asked(fake)

    assert (request.paths, request.select, request.ignore, request.extend_select) == (
        [], [], [], [],
    )  # fmt: skip
    assert (request.baseline, request.write_baseline, request.allow) == (None, False, [])
    assert (request.dag_id, request.task_id, request.conf) == ("", "", None)
    assert (request.examples, request.seed, request.timeout) == (25, 0, None)


def test_every_option_is_handed_on(fake):
    request = asked(
        fake, "dags", "a b.py", "--select", "DP3,DP101", "--ignore", "DP304", "--extend-select",
        "DP305", "--allow", "network:a", "--allow", "subprocess", "--timeout", "2.5", "--baseline",
        "known.json", "--write-baseline", "--dag", "etl", "--task", "load", "--conf",
        '{"n": null}', "--examples", "7", "--seed", "-3",
    )  # fmt: skip

    assert request.paths == [Path("dags"), Path("a b.py")]
    assert (request.select, request.ignore) == (["DP3", "DP101"], ["DP304"])
    assert request.extend_select == ["DP305"]
    assert (request.allow, request.timeout) == (["network:a", "subprocess"], 2.5)
    assert (request.baseline, request.write_baseline) == (Path("known.json"), True)
    assert (request.dag_id, request.task_id, request.conf) == ("etl", "load", {"n": None})
    assert (request.examples, request.seed) == (7, -3)


def test_empty_conf_is_a_conf(fake):
    assert asked(fake, "--conf", "{}").conf == {}


@pytest.mark.parametrize("number", ["0", "1", "10000"])
def test_number_of_examples_may_be_none_or_many(fake, number):
    assert asked(fake, "--examples", number).examples == int(number)


@pytest.mark.parametrize("number", ["-1", "10001", "2.5", "many", ""])
def test_number_of_examples_that_is_none_is_refused(fake, capsys, number):
    assert refused(capsys, f"--examples={number}").endswith(
        f"argument --examples: expected a number from 0 to 10000, not {number!r}"
    )


@pytest.mark.parametrize(
    ("conf", "why"),
    [
        ("[1]", "expected a JSON object, not [1]"),
        ("null", "expected a JSON object, not null"),
        ("{", "expected a JSON object, and it is no JSON: Expecting property name"),
        ("", "expected a JSON object, and it is no JSON: Expecting value"),
        ("[" * 100_000, "expected a JSON object, and it is no JSON: "),
    ],
)
def test_conf_that_is_none_is_refused(fake, capsys, conf, why):
    assert f"argument --conf: {why}" in refused(capsys, "--conf", conf)


def test_settings_are_those_of_the_folder_in_which_the_user_stands(fake, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\npure = ["a.*"]\n')
    asked(fake)

    assert (fake.settings.root, fake.settings.pure) == (tmp_path, ("a.*",))


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(files=1), 0),
        (Report(findings=(finding(Severity.NOTE),)), 0),
        (Report(findings=(finding(Severity.WARNING),)), 1),
        (Report(findings=(finding(),)), 1),
        (Report(contracts=(ContractTrace("a.py"),)), 0),
        (
            Report(
                errors=(Unread("a.py", "its time ran out"),),
                contracts=(ContractTrace("a.py", failure="its time ran out"),),
            ),
            1,
        ),
    ],
    ids=["nothing", "note", "warning", "error", "tried", "untried"],
)
@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_exit_code_says_whether_it_is_clean_in_every_format(fake, report, code, format_):
    fake.report = report

    assert cli.main(["contracts", "--format", format_]) == code


@pytest.mark.parametrize(("error", "code"), [(UsageError, 2), (UnavailableError, 3)])
def test_refusal_is_one_sentence_and_a_code(fake, capsys, error, code):
    fake.error = error("What, where, what to do.")

    assert cli.main(["contracts"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("dagproof: What, where, what to do.\n")


def test_output_that_cannot_be_written_is_refused_before_anything_is_tried(fake, capsys):
    Path("file").touch()

    assert cli.main(["contracts", "--output", "file/report.txt"]) != 0
    assert not hasattr(fake, "request")


def test_json_stands_alone_on_standard_output(fake, capsys):
    fake.report = Report(files=1, contracts=(ContractTrace("a.py", confs=3),))
    cli.main(["contracts", "--format", "json"])

    assert json.loads(capsys.readouterr().out)["contracts"][0]["confs"] == 3


def test_user_sees_what_happens(fake, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    cli.main(["contracts"])

    assert "Airflow is imported" in terminal.getvalue()


def test_question_is_read_without_hypothesis_and_airflow():
    code = (
        "import sys; from dagproof.cli import main\n"
        "try: main(['contracts', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'airflow', 'hypothesis', 'pydantic', 'jinja2'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert said.splitlines()[-1] == "[]"
