"""What the page says, in which order, and what it leaves out where it would be too long."""

import re
from dataclasses import replace

import pytest
from fixtures.reports import clean, diff, finding, full, run, shape, span, trace

from dagproof.model import (
    Affected,
    Comparison,
    DagDiff,
    DagOutcome,
    DagShape,
    Ending,
    Fate,
    Impact,
    ImportTrace,
    RegisteredVersion,
    Related,
    Repetition,
    Report,
    Severity,
    ShapeChange,
    Stage,
    StageState,
    StateDifference,
    TaskOutcome,
    TaskShape,
    TrackedRun,
    Tracking,
    TriggeredRun,
    Unread,
)
from dagproof.reporters.markdown import LIMIT, Links, links_of, render

FULL = (
    "2 errors, 1 warning, 1 note in 12 files, 2 of them new; 2 of 3 runs failed; "
    "1 file not tried to the end; 2 DAG files do not import to their ends, and not all of them is "
    "proved: dags/taxi/dag.py, dags/gone.py; 61.5 s."
)


def lines(report, **more):
    return render(report, **more).splitlines()


def section(report, begins):
    """Return the lines of a block, from the one that begins like that to the next empty one."""
    told = lines(report)
    [first] = [number for number, line in enumerate(told) if line.startswith(begins)]
    rest = told[first:]
    return rest[: rest.index("")] if "" in rest else rest


@pytest.mark.parametrize(
    ("report", "first"),
    [
        (clean(), "## ✅ dagproof: clean"),
        (Report(findings=(finding(),)), "## ❌ dagproof found something"),
        (Report(findings=(finding(severity=Severity.NOTE),)), "## ✅ dagproof: clean"),
        (
            Report(stages=(Stage("run", StageState.UNABLE, "no", exit_code=3),)),
            "## ⚠️ dagproof could not look everywhere",
        ),
        (
            Report(stages=(Stage("run", StageState.UNABLE, "no", exit_code=2),)),
            "## ⚠️ dagproof could not look everywhere",
        ),
        (
            Report(imports=(ImportTrace("a.py", Ending.FAILED),)),
            "## ⚠️ dagproof: clean, but not all of it is proved",
        ),
    ],
)
def test_verdict_is_the_first_line(report, first):
    assert lines(report)[0] == first


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (Report(files=1), "No findings in 1 file."),
        (
            Report(files=1, imports=(ImportTrace("a.py", Ending.FAILED),)),
            "No findings in 1 file; 1 DAG file does not import, and nothing of it is proved: a.py.",
        ),
        (clean(), "No findings in 3 files; 1 run succeeded; 9.0 s."),
        (
            full(),
            FULL,
        ),
    ],
)
def test_sentence_follows_the_verdict(report, sentence):
    assert lines(report)[2] == sentence


def test_stages_are_a_table():
    assert section(full(), "| evidence |")[2:] == [
        "| `lint` | ❌ found | 0.5 | 12 files were read |",
        "| `audit` | ❌ found | 8.0 | 3 files were imported |",
        "| `contracts` | ✅ clean | 9.0 | 3 files |",
        "| `run` | ⚠️ could not look | 1.0 | no Postgres was found |",
        "| `diff` | \N{HEAVY MINUS SIGN} left out | 0.0 | there is nothing to compare with |",
    ]


def test_parts_stand_in_order_of_importance():
    page = render(full())
    order = [
        "## ⚠️", "| evidence", "**Could not be read:**", "> The baseline", "**Compared with**",
        "**Affected:**", "### Findings", "### How the DAGs differ", "### Runs", "### MLflow",
        "**Tried**", "Import cost",
    ]  # fmt: skip
    places = [page.index(one) for one in order]

    assert places == sorted(places)


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (Comparison("0123456789abcdef"), "**Compared with** `0123456789ab`: 0 files changed."),
        (
            Comparison("0123456789abcdef", "origin/main", "the PR's base"),
            "**Compared with** `origin/main` at `0123456789ab` (the PR's base): 0 files changed.",
        ),
        (
            Comparison(unknown="there is no `origin/main`"),
            "**Compared with nothing:** there is no `origin/main`.",
        ),
    ],
)
def test_comparison_says_with_what(comparison, said):
    assert said in lines(Report(comparison=comparison))


def test_impact_says_how_many_and_why():
    affected = tuple(Affected(f"dags/{n}.py", reason="it changed") for n in range(101))
    page = render(Report(impact=Impact(affected=affected, total=300, idle=("README.md",))))

    assert "**Affected:** 101 of 300 DAG files; no DAG depends on 1 changed file.\n" in page
    assert "| `dags/99.py` |" in page
    assert "| `dags/100.py` |" not in page
    assert "… and 1 more DAG file." in page


def test_everything_is_not_listed():
    impact = Impact("`uv.lock` has changed", (Affected("dags/x.py"),), 1)
    page = render(Report(impact=impact))

    assert "**Affected:** 1 of 1 DAG file. `uv.lock` has changed." in page
    assert "dags/x.py" not in page


def test_new_findings_come_first_then_severe_ones():
    made = [
        finding("DP101", Severity.NOTE, new=True),
        finding("DP102", Severity.ERROR, new=False),
        finding("DP103", Severity.WARNING, new=True),
        finding("DP104", Severity.ERROR, new=None),
    ]
    rows = section(Report(findings=tuple(made)), "| severity")[2:]

    assert [row.split("|")[3].strip()[:5] for row in rows] == ["DP104", "DP103", "DP101", "DP102"]
    assert [row.split("|")[2].strip() for row in rows] == ["", "🆕", "🆕", "known"]


def test_nobody_hears_of_new_ones_where_nobody_compared():
    assert section(Report(findings=(finding(),)), "| severity")[0] == (
        "| severity | rule | where | what |"
    )


def test_finding_is_told_in_full_on_a_click():
    page = render(Report(findings=(finding(new=True),)))

    assert (
        "\n\n`mlflow.start_run()` runs each time `dags/taxi/dag.py` is imported\n\n"
        "```python\n    mlflow.start_run()\n    ^^^^^^^^^^^^^^^^^^\n```\n\n"
        "- reached from `dags/taxi/dag.py:3`: called here\n"
        "- reached from `dags/helpers.py:7`: `prepare()` is called here\n\n"
        "```\nTraceback (most recent call last):\n  one\nKeyError: 'x'\n```\n\n"
        "**Fix:** Move it into the task that logs.\n\n</details>"
    ) in page


def test_long_way_to_a_finding_is_cut():
    related = tuple(Related(span(line=n), "see") for n in range(1, 34))
    page = render(Report(findings=(finding(related=related),)))

    assert "dags/taxi/dag.py:30`" in page
    assert "dags/taxi/dag.py:31`" not in page
    assert "- … 3 more places" in page


def test_two_hundred_rows_and_a_hundred_in_full():
    made = tuple(finding(span=span(line=number)) for number in range(1, 252))
    page = render(Report(findings=made))

    assert len(section(Report(findings=made), "| severity")) == 202
    assert "… and 51 more findings." in page
    assert page.count("**Fix:**") == 100


def test_rules_that_found_something_are_explained():
    report = full()

    assert render(report).count("What DP101 mlflow-call-at-import is about") == 1
    assert "is about" not in render(replace(report, findings=()))


def test_places_and_rules_are_links_where_addresses_are_known():
    links = Links("https://host/o/r/blob/abc", "https://docs")
    row = section_of(Report(findings=(finding(),)), links)

    assert "[DP101](<https://docs/mlflow-call-at-import.md>)" in row
    assert "[`dags/taxi/dag.py:12`](<https://host/o/r/blob/abc/dags/taxi/dag.py#L12>)" in row


def section_of(report, links):
    return next(line for line in lines(report, links=links) if line.startswith("| ❌"))


def test_absolute_path_is_no_link():
    links = Links("https://host/o/r/blob/abc")

    row = section_of(Report(findings=(finding(span=span("/opt/x.py")),)), links)

    assert "| `/opt/x.py:12` |" in row


GITHUB = {
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_SHA": "abc",
}


@pytest.mark.parametrize(
    ("environ", "folder", "files"),
    [
        ({}, "", ""),
        (GITHUB, "", "https://github.example/o/r/blob/abc"),
        (GITHUB, "team/a b", "https://github.example/o/r/blob/abc/team/a%20b"),
        (GITHUB | {"GITHUB_SHA": ""}, "", ""),
        (GITHUB | {"GITHUB_SERVER_URL": "javascript:x>"}, "", ""),
        (GITHUB | {"GITHUB_REPOSITORY": "o/r> <b>"}, "", "https://github.example/o/r%3E%20%3Cb%3E/blob/abc"),
    ],
)  # fmt: skip
def test_links_are_those_of_the_runner(environ, folder, files):
    assert links_of(environ, folder, "https://docs") == Links(files, "https://docs")


def test_changes_of_dags_are_told_with_their_harm():
    page = render(Report(diffs=(diff(),)))

    assert (
        "| 🔀 changed | `taxi` | `dags/taxi/dag.py` | 2 | ⚠️ `fit` is not retried any more |" in page
    )
    assert (
        "| ⚠️ | `tasks.fit.retries` | `fit` is not retried any more | `3` | `0` | "
        "A lost connection fails the run. |"
    ) in page
    assert page.count("```mermaid") == 2


def test_many_changes_and_dags_are_counted():
    changes = tuple(ShapeChange(f"tasks.t{n}", "", "x", "m") for n in range(61))
    diffs = [
        DagDiff(f"d{n}", Fate.CHANGED, None, None, changes if n == 0 else ()) for n in range(102)
    ]
    page = render(Report(diffs=tuple(diffs)))

    assert "… and 1 more change." in page
    assert "… and 2 more DAGs." in page


def test_run_is_told_with_its_tasks_and_drawn():
    page = render(Report(runs=(run(),), imports=(trace(),)))

    assert (
        "| `taxi` first run | ❌ failed | 5.5 | 1 failed, 1 skipped, 2 success, 1 upstream_failed |"
    ) in page
    assert (
        "| `fit` | ❌ failed | 3 | 2.25 | `rows`: lossy-xcom; left environment `TOKEN` changed; "
        "left 1 MLflow run open; `ValueError`: no rows |"
    ) in page
    assert "<code>taxi</code> / <code>fit</code>: ValueError: no rows</summary>" in page
    assert '  t1["✗ fit"]:::failed' in page
    assert "```\nTraceback (most recent call last):\n  File 'dag.py', line 3\nValueError" in page
    assert "more task instance" not in page
    assert "- `s3:slow` never began: its task did not run" in page
    assert "- `mlflow:down@fit` from 2.0 s to the end, hit 3 connections" in page


def test_shape_of_a_run_is_also_known_from_a_comparison():
    page = render(Report(runs=(run(),), diffs=(DagDiff("taxi", Fate.ADDED, None, shape()),)))

    assert "Picture of" in page


def test_run_whose_shape_nobody_knows_has_no_picture():
    assert "mermaid" not in render(Report(runs=(run(),)))


def test_too_large_a_dag_is_counted_and_not_drawn():
    names = [f"t{number}" for number in range(60)]
    tasks = tuple(
        TaskShape(name, upstream=tuple(names[:number])) for number, name in enumerate(names)
    )
    imports = (ImportTrace("x.py", dags=(DagShape("taxi", tasks=tasks),)),)
    page = render(Report(runs=(run(),), imports=imports))

    assert "It is too large for a picture: 60 tasks and 1,770 edges." in page
    assert "mermaid" not in page


def test_failed_ones_of_many_tasks_are_told():
    tasks = tuple(
        TaskOutcome("load", n, "failed" if n == 149 else "success", 1, 0.0) for n in range(150)
    )
    page = render(Report(runs=(DagOutcome("d", "r", "failed", tasks, 1.0),)))

    assert "| `load[149]` | ❌ failed |" in page
    assert "… and 50 more task instances." in page


@pytest.mark.parametrize(
    ("repetition", "said"),
    [
        (Repetition("taxi", (run(state="success"),)), "`taxi` can be run again: nothing differs."),
        (
            Repetition("taxi", (), (StateDifference("file", "x", "it differs", tasks=("a",)),)),
            "**`taxi` is not the same when it is run again:** 1 difference.",
        ),
    ],
)
def test_repetition_says_whether_it_differs(repetition, said):
    assert said in lines(Report(repetitions=(repetition,)))


def test_many_differences_are_counted():
    differences = (StateDifference("file", "x", "m"),) * 23
    page = render(Report(repetitions=(Repetition("taxi", (), differences),)))

    assert page.count("\n- m") == 20
    assert "- … 3 more differences" in page


def test_metrics_are_told_and_many_are_counted():
    metrics = {f"m{n:02}": n + 0.123456789 for n in range(14)}
    tracking = Tracking(
        tuple(TrackedRun("1", "r", "e", "FINISHED", metrics, {}) for _ in range(52))
    )
    page = render(Report(tracking=tracking))

    assert "`m11` 11.1235<br>2 more |" in page
    assert "… and 2 more runs." in page


def test_ten_most_expensive_imports_are_told():
    traces = [ImportTrace(f"dags/{n}.py", seconds=n / 10) for n in range(12)]
    traces += [ImportTrace("dags/skipped.py", seconds=9.0, skipped="safe-mode")]
    traces += [ImportTrace("dags/slow.py", Ending.TIMED_OUT, seconds=5.0)]
    page = render(Report(imports=tuple(traces)))
    rows = [line for line in page.splitlines() if line.startswith("| `dags/")]

    assert "Import cost: 13 DAG files, 11.60 CPU seconds" in page
    assert len(rows) == 10
    assert rows[0].startswith("| `dags/slow.py` | ❌ timed out | 5.00 |")


def test_unread_files_and_notes_are_counted_where_they_are_many():
    report = Report(
        errors=tuple(Unread(f"{n}.py", "no") for n in range(22)),
        notes=tuple(f"Note {n}." for n in range(23)),
    )
    page = render(report)

    assert "- … 2 more files" in page
    assert "> … 3 more notes" in page


def large(number=400):
    big = "x" * 390
    detail = "\n".join([big] * 80)
    findings = tuple(finding(detail=detail, span=span(line=n)) for n in range(1, number))
    runs = tuple(
        replace(run(), dag_id=f"d{n}", tasks=(TaskOutcome(f"t{n}", n, "failed", 1, 0.0),) * 100)
        for n in range(50)
    )
    return replace(full(), findings=findings, runs=runs)


@pytest.mark.parametrize("limit", [3_000, 20_000, 100_000, LIMIT])
def test_page_is_no_longer_than_its_limit(limit):
    page = render(large(), limit=limit)

    assert len(page.encode()) <= limit
    assert page.startswith("## ⚠️ dagproof could not look everywhere\n\n399 errors in 12 files")
    assert "`report.html` of the report folder has everything._" in page
    assert page.count("<details>") == page.count("</details>")


def test_page_says_how_much_it_left_out():
    page = render(large(), limit=100_000)

    [said] = [line for line in page.splitlines() if line.startswith("_Left out")]
    assert "findings table" not in said
    assert "100 full findings" in said
    assert re.search(r"\b\d+ task tables", said)


def test_most_important_parts_stay():
    page = render(large(), limit=150_000)

    assert "### Findings" in page
    assert "### Runs" in page
    assert "| evidence |" in page
    assert "**Fix:**" not in page
    assert "### MLflow" in page  # small, and there was room left


def test_page_that_fits_leaves_nothing_out():
    assert "_Left out" not in render(full())


def test_wide_characters_count_as_the_bytes_that_they_take():
    made = tuple(
        finding(detail="🙂" * 20_000, message="🙂" * 300, span=span(line=n)) for n in range(1, 400)
    )

    assert len(render(Report(findings=made)).encode()) <= LIMIT


def test_worst_of_texts_stays_below_githubs_limit():
    report = full(lambda _: "|\U000e0041" * 5_000)
    many = replace(
        report, findings=report.findings * 500, runs=report.runs * 20, diffs=report.diffs * 20
    )

    assert len(render(many).encode()) <= LIMIT < 1024 * 1024


def test_rows_that_take_many_bytes_are_fewer():
    made = tuple(finding(message="|" * 300, span=span(line=n)) for n in range(1, 201))
    report = Report(findings=made)
    rows = len(section(report, "| severity")) - 2

    assert 100 < rows < 200
    assert f"… and {200 - rows} more findings." in render(report)


def test_verdict_stays_whatever_the_limit():
    page = render(full(), limit=1)

    assert page.startswith("## ⚠️ dagproof could not look everywhere")
    assert "| `run` | ⚠️ could not look" in page
    assert "### Findings" not in page


def test_run_whose_tasks_never_started_says_so():
    page = render(Report(runs=(DagOutcome("d", "r", "timeout", (), 1.0),)))

    assert "| `d` | ⚠️ timeout | 1.0 | no task started |" in page
    assert "Tasks of" not in page


def test_many_registered_versions_are_counted():
    versions = tuple(RegisteredVersion("m", str(n), (), "r") for n in range(53))
    page = render(Report(tracking=Tracking(versions=versions)))

    assert "| `m` | `0` | none |" in page
    assert "… and 3 more versions." in page


def test_runs_that_were_triggered_are_listed():
    began = (TriggeredRun("training", "drift__v1"),)
    told = render(Report(runs=(DagOutcome("taxi", "r", "success", (), 1.0, triggered=began),)))
    assert "**Triggered** by `taxi`, and not carried out\n\n- `training`, run `drift__v1`" in told
