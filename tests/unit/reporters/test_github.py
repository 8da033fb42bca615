"""The workflow commands, as GitHub's runner reads them."""

import re

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
    Stage,
    StageState,
    TaskError,
    TaskOutcome,
    Unread,
)
from dagproof.reporters.github import below, render, stop_commands
from dagproof.reporters.placing import below as placed_below

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


def test_new_findings_come_before_known_ones_of_their_level():
    found = [
        finding(severity, span=Span("x.py", line, 1, line, 2), new=new)
        for line, (severity, new) in enumerate(
            [
                (Severity.ERROR, False),
                (Severity.WARNING, True),
                (Severity.ERROR, True),
                (Severity.ERROR, None),
            ],
            1,
        )
    ]

    assert [given_["line"] for _, given_, _ in commands(Report(findings=tuple(found)))] == [
        "3",
        "4",
        "1",
        "2",
    ]


def test_stage_that_could_not_look_is_the_first_error():
    stages = (
        Stage("lint", StageState.FOUND, "12 files"),
        Stage("run", StageState.UNABLE, "no Postgres\nwas found"),
        Stage("audit", StageState.UNABLE),
    )

    assert commands(Report(stages=stages, findings=(finding(),)))[:2] == [
        ("error", {"title": "dagproof run could not look"}, "run: no Postgres\\nwas found"),
        ("error", {"title": "dagproof audit could not look"}, "audit: it could not be looked at"),
    ]


@pytest.mark.parametrize(("sign", "most"), [("x", 64_000), ("%", 64_000), ("é", 32_000)])
def test_message_is_no_longer_than_github_takes(sign, most):
    [(_, _, message)] = commands(Report(findings=(finding(message=sign * 70_000),)))

    assert message.endswith("…")
    assert most - 100 < message.count(sign) <= most
    assert len(message.encode()) <= 64_000


def test_title_is_no_longer_than_github_takes():
    run = DagOutcome("d" * 300, "r", "failed", (), 1.0)
    [(_, properties, _)] = commands(Report(runs=(run,)))

    assert properties["title"] == "d" * 255


TOKEN = "0123456789abcdef"


def obeyed(log):
    """Return the commands that the runner obeys: also those that stand amid a line."""
    found, token = [], None
    for line in log.splitlines():
        command = re.match(r"\s*::([^ :]+)[^:]*::", line) or re.search(r"##\[([^ \]]+)", line)
        name = command[1] if command else ""
        data = line.rpartition("::")[2]
        if token is not None:
            token = None if name.lower() == token else token
        elif name == "stop-commands":
            token = data.lower()
        elif name:
            found.append(name)
    return found


@pytest.mark.parametrize("end", ["", "\n"])
def test_text_between_the_marks_is_not_obeyed(end):
    text = f"  ::error::x\nsome ##[add-mask]y\n::stop-commands::z\n::z::\r::warning::w{end}"
    log = stop_commands(text, TOKEN)

    assert log == f"::stop-commands::{TOKEN}\n{text.removesuffix(end)}\n::{TOKEN}::\n"
    assert obeyed(text) == ["error", "add-mask", "warning"]
    assert obeyed(f"{log}::notice::after\n") == ["notice"]


def test_nothing_to_say_is_framed_all_the_same():
    assert stop_commands("", TOKEN) == f"::stop-commands::{TOKEN}\n::{TOKEN}::\n"


@pytest.mark.parametrize(
    ("text", "token"),
    [("a", "short"), (f"x {TOKEN} y", TOKEN), (f"::{TOKEN.upper()}::", TOKEN), ("a", "")],
)
def test_token_that_can_be_guessed_is_refused(text, token):
    with pytest.raises(ValueError, match="must be long, and not in the text"):
        stop_commands(text, token)


def test_paths_are_placed_by_what_all_formats_use():
    assert below is placed_below
