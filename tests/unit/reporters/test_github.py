"""The workflow commands, as GitHub's runner reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import (
    DagOutcome,
    Finding,
    Kind,
    Related,
    Report,
    Severity,
    Span,
    TaskError,
    TaskOutcome,
    Unread,
)
from dagproof.reporters.github import render

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def finding(severity=Severity.ERROR, **changed):
    parts = {
        "message": "`mlflow.start_run()` runs each time this file is parsed",
        "fix": "Move it into the task that logs.",
        "span": Span("dags/x.py", 12, 5, 12, 23),
        "related": (),
    } | changed
    return Finding("DP101", "mlflow-call-at-import", severity, Kind.MLFLOW, **parts)


def read(line):
    """Read one line as the runner does: the command, its properties, its message."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    command, _, rest = head.partition(" ")
    given_ = [pair.split("=", 1) for pair in rest.strip().split(",") if pair]
    return command, {name: unescaped(value, ":,") for name, value in given_}, unescaped(data)


def unescaped(text, more=""):
    for one in f"\r\n{more}%":
        text = text.replace(f"%{ord(one):02X}", one)
    return text


def commands(report):
    text = render(report)
    return [read(line) for line in text.removesuffix("\n").split("\n")] if text else []


def test_finding_is_one_command():
    assert render(Report(findings=(finding(),))) == (
        "::error file=dags/x.py,line=12,endLine=12,col=5,endColumn=23,"
        "title=DP101 mlflow-call-at-import::"
        "dags/x.py:12:5: DP101 `mlflow.start_run()` runs each time this file is parsed.%0A"
        "Move it into the task that logs.\n"
    )


@pytest.mark.parametrize(("severity", "level"), LEVELS.items())
def test_severity_is_a_level_of_github(severity, level):
    assert commands(Report(findings=(finding(severity),)))[0][0] == level


def test_span_of_several_lines_has_no_columns():
    [(_, properties, _)] = commands(Report(findings=(finding(span=Span("x.py", 3, 5, 4, 2)),)))

    assert properties == {
        "file": "x.py",
        "line": "3",
        "endLine": "4",
        "title": "DP101 mlflow-call-at-import",
    }


def test_way_to_the_finding_is_in_its_message():
    related = (Related(Span("dags/y.py", 9, 1, 9, 5), "`prepare()` is called here"),)
    [(_, _, message)] = commands(Report(findings=(finding(related=related),)))

    assert message.splitlines()[2:] == ["dags/y.py:9:1: `prepare()` is called here"]


def test_finding_known_twice_has_both_codes_in_its_title_and_message():
    [(_, properties, message)] = commands(Report(findings=(finding(also=("DP201",)),)))

    assert properties["title"] == "DP101+DP201 mlflow-call-at-import"
    assert message.startswith("dags/x.py:12:5: DP101+DP201 `mlflow")


def test_detail_follows_the_fix_and_the_way_there():
    related = (Related(Span("dags/y.py", 9, 1, 9, 5), "called here"),)
    detail = "\nTraceback:\n  \x1b[1mKeyError\n"
    [(_, _, message)] = commands(Report(findings=(finding(related=related, detail=detail),)))

    assert message.splitlines()[1:] == [
        "Move it into the task that logs.",
        "dags/y.py:9:1: called here",
        "Traceback:",
        "  \\x1b[1mKeyError",
    ]


@pytest.mark.parametrize(
    ("number", "more"), [(20, []), (21, ["… 1 more line"]), (35, ["… 15 more lines"])]
)
def test_twenty_lines_of_a_detail_are_shown(number, more):
    lines = [f"line {one}" for one in range(number)]
    [(_, _, message)] = commands(Report(findings=(finding(detail="\n".join(lines)),)))

    assert message.splitlines()[2:] == [*lines[:20], *more]


def test_nothing_found_is_nothing_said():
    assert render(Report(files=12)) == ""


def test_everything_that_the_runner_takes_apart_is_escaped():
    path = "a,b:c%d%2C=e\r\nf.py"
    [(_, properties, message)] = commands(
        Report(findings=(finding(span=Span(path, 1, 2, 1, 3), message="50% : , %0A\n::error::x"),))
    )

    assert properties["file"] == path
    assert list(properties) == ["file", "line", "endLine", "col", "endColumn", "title"]
    assert "50% : , %0A\\n::error::x" in message


@given(st.text(), st.text(min_size=1))
def test_no_text_breaks_out_of_its_command(message, path):
    related = (Related(Span(path, 1, 1, 1, 1), message),)
    report = Report(
        findings=(
            finding(
                message=message,
                fix=message,
                span=Span(path, 1, 2, 1, 3),
                related=related,
                detail=message,
            ),
        ),
        errors=(Unread(f"{path}x", message),),
        notes=(message,),
    )

    text = render(report)

    assert "\r" not in text
    assert [read(line)[0] for line in text.removesuffix("\n").split("\n")] == [
        "error",
        "error",
        "notice",
    ]
    assert [properties.get("file") for _, properties, _ in commands(report)] == [
        f"{path}x",
        path,
        None,
    ]


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\n"])
def test_path_with_a_line_break_stays_on_its_line(sign):
    text = render(Report(findings=(finding(span=Span(f"a{sign}b.py", 1, 2, 1, 3)),)))

    assert text.splitlines() == [text.removesuffix("\n")]


def test_message_commands_no_terminal():
    evil = "\x1b[31m"
    error = TaskError(evil, evil, evil)
    task = TaskOutcome(evil, -1, "failed", 1, 0.1, error=error)
    place = Span("x.py", 1, 1, 1, 2)
    report = Report(
        findings=(finding(message=evil, fix=evil, related=(Related(place, evil),), detail=evil),),
        errors=(Unread("x.py", evil),),
        notes=(evil,),
        runs=(DagOutcome(evil, "r", evil, (task,), 1.0, error),),
    )

    assert "\x1b" not in render(report)


def test_path_is_visible_in_a_message_and_exact_in_its_property():
    [(_, properties, message)] = commands(Report(errors=(Unread("\x1b.py", "no"),)))

    assert properties["file"] == "\x1b.py"
    assert message == "\\x1b.py: no"


def test_errors_come_first_and_keep_their_order():
    severities = [Severity.NOTE, Severity.ERROR, Severity.WARNING, Severity.ERROR]
    found = [
        finding(severity, span=Span("x.py", line, 1, line, 2))
        for line, severity in enumerate(severities, 1)
    ]

    shown = [
        (level, given_["line"]) for level, given_, _ in commands(Report(findings=tuple(found)))
    ]

    assert shown == [("error", "2"), ("error", "4"), ("warning", "3"), ("notice", "1")]


def test_file_that_could_not_be_read_is_an_error():
    assert render(Report(errors=(Unread("dags/a:b.py", "it is not UTF-8"),))) == (
        "::error file=dags/a%3Ab.py,title=Could not be read::dags/a:b.py: it is not UTF-8\n"
    )


def test_file_that_a_finding_is_about_is_no_error_of_its_own():
    assert len(commands(Report(findings=(finding(),), errors=(Unread("dags/x.py", "no"),)))) == 1


def test_note_is_a_notice_without_a_place():
    assert render(Report(notes=("2 findings: 10% are old.",))) == (
        "::notice::2 findings: 10%25 are old.\n"
    )


def test_failed_run_says_which_tasks_failed():
    tasks = (
        TaskOutcome("fit", 1, "failed", 1, 0.1, error=TaskError("ValueError", " no\nrows", "")),
        TaskOutcome("retried", -1, "success", 2, 0.1, error=TaskError("KeyError", "k", "")),
        TaskOutcome("killed", -1, "failed", 1, 0.1),
    )
    error = TaskError("TimeoutError", "after 5 s", "")
    runs = (
        DagOutcome("taxi", "r", "failed", tasks, 1.0, error),
        DagOutcome("iris", "r", "success", (), 1.0),
    )

    assert commands(Report(runs=runs)) == [
        (
            "error",
            {"title": "taxi: failed"},
            "taxi ended in state failed.\nfit[1]: ValueError: no\nthe run: TimeoutError: after 5 s",
        )
    ]


@pytest.mark.parametrize(
    ("numbers", "last"),
    [
        ((11, 0, 0), "1 more error"),
        ((0, 12, 0), "2 more warnings"),
        ((13, 14, 15), "3 more errors, 4 more warnings, 5 more notes"),
    ],
)
def test_last_line_says_how_many_are_not_shown(numbers, last):
    found = [
        finding(one) for one, number in zip(Severity, numbers, strict=True) for _ in range(number)
    ]

    assert commands(Report(findings=tuple(found)))[-1] == (
        "notice",
        {},
        f"GitHub shows 10 annotations of each level; the log of this step has {last}.",
    )
    assert len(commands(Report(findings=tuple(found)))) == sum(numbers) + 1


def test_ten_of_each_level_are_all_shown():
    found = tuple(finding(severity) for severity in Severity for _ in range(10))

    assert len(commands(Report(findings=found))) == 30
