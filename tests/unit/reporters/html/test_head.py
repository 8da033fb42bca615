"""The verdict, and what it rests on."""

from dataclasses import replace

import pytest
from fixtures.markup import read
from fixtures.reports import clean, finding, full, run

from dagproof.model import (
    ChangedFile,
    Comparison,
    ContractTrace,
    Ending,
    FileFate,
    Impact,
    ImportTrace,
    Report,
    Severity,
    Stage,
    StageState,
)
from dagproof.reporters.html.head import head, verdict


def said(report):
    return read(head(report)).classed("verdict-said")[0].text


NOTE = finding(severity=Severity.NOTE)
UNABLE = Stage("run", StageState.UNABLE, "no Postgres was found.", 1.0, 3)


@pytest.mark.parametrize(
    ("report", "word", "sentence"),
    [
        (Report(files=3), "PASS", "Nothing found in 3 files."),
        (clean(), "PASS", "1 run succeeded."),
        (Report(findings=(NOTE,)), "PASS", "1 note in 1 file."),
        (Report(findings=(finding(),)), "FAIL", "1 error in 1 file."),
        (
            Report(findings=(finding(new=True), finding(new=False))),
            "FAIL",
            "2 errors in 1 file, 1 new.",
        ),
        (Report(runs=(run(), run(state="success"))), "FAIL", "1 of 2 runs failed."),
        (
            Report(contracts=(ContractTrace("x.py", failure="it hangs"),)),
            "FAIL",
            "1 file not tried to the end.",
        ),
        (Report(stages=(UNABLE,)), "COULD NOT LOOK", "Run: no Postgres was found."),
        (
            Report(stages=(replace(UNABLE, note=""),), findings=(finding(),)),
            "COULD NOT LOOK",
            "Run could not look; 1 error in 1 file.",
        ),
        (
            Report(stages=(replace(UNABLE, exit_code=2, note="no rule `X`"),)),
            "COULD NOT LOOK",
            "Run: no rule X.",
        ),
        (
            Report(files=1, imports=(ImportTrace("a.py", Ending.FAILED),)),
            "PASS, but not of all",
            "1 DAG file does not import, and nothing of it is proved: a.py.",
        ),
        (
            Report(findings=(finding(),), imports=(ImportTrace("a.py", Ending.FAILED),)),
            "FAIL",
            "1 error in 1 file; 1 DAG file does not import, and nothing of it is proved: a.py.",
        ),
    ],
)
def test_verdict_is_that_of_the_exit_code(report, word, sentence):
    assert verdict(report)[2] == word
    assert said(report) == sentence
    assert read(head(report)).one("h1").text == word


def test_failing_stage_that_found_nothing_else_is_the_reason():
    report = Report(stages=(Stage("audit", StageState.FOUND, "2 files failed", 1.0, 1),))
    assert (verdict(report)[2], said(report)) == ("FAIL", "Audit: 2 files failed.")


def test_stage_has_a_mark_a_word_a_time_and_a_note():
    stages = read(head(full())).one("ol", class_="stages").all("li")
    assert [one.classed("m")[0].attributes["data-m"] for one in stages] == list(
        "✗✗✓?\N{MINUS SIGN}"
    )
    assert stages[0].text == "lint failed0.50 s12 files were read"
    assert stages[4].text == "diff left outthere is nothing to compare with"


def test_comparison_names_commit_and_files():
    text = read(head(full())).one("dl").text
    assert "origin/main 0123456789ab (the base)" in text
    assert "1 file differs" in text
    assert "→ renamed dags/taxi/dag.py ← old.py" in text


def test_many_files_are_counted():
    files = tuple(ChangedFile(f"/x/{at}.py", FileFate.ADDED) for at in range(402))
    page = read(head(Report(comparison=Comparison("c" * 40, files=files))))
    assert "402 files differ" in page.text
    assert len(page.classed("plain")[0].all("li")) == 400
    assert "2 more files in report.json." in page.text


def test_comparison_says_why_there_is_none():
    page = read(head(Report(comparison=Comparison(unknown="This is no repository."))))
    assert "nothing: This is no repository." in page.text
    assert "nothing differs" in read(head(Report(comparison=Comparison("c" * 40)))).text


def test_impact_tells_how_files_hang_together():
    text = read(head(full())).one("dl").text
    assert "1 of 3 DAG files" in text
    assert "it imports once" in text
    assert "No DAG depends on README.md." in text


def test_impact_says_why_everything_is_looked_at():
    page = read(head(Report(impact=Impact("`pyproject.toml` has changed.", (), 7))))
    assert "0 of 7 DAG files: pyproject.toml has changed." in page.text
    assert not page.all("details")


def test_times_are_longest_first():
    page = read(head(replace(full(), timings={"lint": 1.0, "audit": 70.0})))
    (rows,) = [one.all("tr") for one in page.all("tbody") if "lint" in one.text][-1:]
    assert [row.text for row in rows] == ["audit1 min 10 s", "lint1.00 s"]


def test_notes_of_the_whole_are_told():
    assert "The baseline held back 3 findings." in read(head(full())).text


def test_paths_of_which_nobody_knows_how_they_are_shown_are_whole():
    files = (ChangedFile("/x/one.py"), ChangedFile("/x/two.py"))
    page = read(head(Report(comparison=Comparison("c" * 40, files=files))))
    assert [one.text for one in page.classed("plain")[0].all("code")] == ["/x/one.py", "/x/two.py"]
    known = Report(
        comparison=Comparison("c" * 40, files=files), impact=Impact(idle=("two.py",), total=1)
    )
    (shown,) = read(head(known)).classed("plain")
    assert [one.text for one in shown.all("code")] == ["one.py", "two.py"]


def test_report_of_runs_alone_counts_their_dags():
    page = read(head(Report(runs=(run(), run()), seconds=4.0)))
    assert page.one("dd").text == "1 file, 2 runs in 4.00 s"
    both = Report(files=3, runs=(run(),), imports=full().imports)
    assert read(head(both)).one("dd").text == "3 files, 1 DAG, 1 run in 0.00 s"
