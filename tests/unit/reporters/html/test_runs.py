"""Runs on the page: pictures, times, XComs, MLflow, errors."""

from dataclasses import replace

import pytest
from fixtures.markup import read
from fixtures.reports import full, run, shape

from dagproof.model import (
    DagOutcome,
    DagShape,
    RegisteredVersion,
    Repetition,
    Report,
    StateDifference,
    TaskError,
    TaskOutcome,
    TaskShape,
    TrackedRun,
    Tracking,
    TriggeredRun,
    XComRecord,
    XComTrouble,
)
from dagproof.reporters.html.run_picture import run_picture, state_of
from dagproof.reporters.html.runs import runs
from dagproof.reporters.html.tasks import task_table, xcom_table
from dagproof.reporters.html.tracked import others, tracked


def outcome(*tasks, state="success", **more):
    return DagOutcome("taxi", "r", state, tasks, 10.0, **more)


def task(name="fit", state="success", tries=1, seconds=2.0, **more):
    return TaskOutcome(name, more.pop("map_index", -1), state, tries, seconds, **more)


def rows(markup):
    (body,) = read(markup).all("tbody")
    return [[cell.text for cell in line.all("td")] for line in body.all("tr")]


def test_picture_shows_structure_and_states():
    page = read(run_picture(run(), shape()))
    assert [box.all("text")[0].text for box in page.classed("box")] == [
        "✓ download", "✗ fit", "⊘ register", "\N{MINUS SIGN} notify",
    ]  # fmt: skip
    assert [box.attributes["class"] for box in page.classed("box")] == [
        "box ok", "box bad", "box off", "box off",
    ]  # fmt: skip
    assert [box.all("text")[1].text for box in page.classed("box")] == [
        "mapped: 2 ✓", "2.25 s, 3 tries", "upstream failed", "stubbed",
    ]  # fmt: skip
    assert page.one("path").attributes["d"].count("M") == 2
    assert page.one("svg").attributes["aria-label"] == (
        "Tasks of taxi: 1 failed, 1 skipped, 2 success, 1 upstream_failed"
    )
    assert page.classed("legend")[0].text == "1 failed 1 skipped 2 success 1 upstream failed"


def test_task_that_the_run_did_not_reach_is_drawn():
    (box,) = read(run_picture(outcome(), DagShape("taxi", tasks=(TaskShape("fit"),)))).classed(
        "box"
    )
    assert [text.text for text in box.all("text")] == ["○ fit", "did not run"]


def test_without_structure_tasks_stand_in_order_and_the_picture_says_so():
    page = read(run_picture(run(), None))
    assert not page.all("path")
    assert len(page.classed("box")) == 4
    assert "No import was seen" in page.classed("legend")[0].text


def test_without_tasks_there_is_no_picture():
    assert run_picture(outcome(), None) == ""


def test_group_is_one_box_where_tasks_are_many():
    tasks = tuple(TaskShape(f"g.t{at}") for at in range(50))
    ran = outcome(*(task(f"g.t{at}", "failed" if at == 7 else "success") for at in range(50)))
    (box,) = read(run_picture(ran, DagShape("taxi", tasks=tasks))).classed("box")
    assert [text.text for text in box.all("text")] == ["✗ g ▸", "50 tasks: 49 ✓ 1 ✗"]
    assert box.one("title").text == "g ▸: 1 failed, 49 success"


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["success", "failed"], "failed"),
        (["skipped", "upstream_failed"], "upstream_failed"),
        (["success", "deferred"], "deferred"),
        (["skipped", "success"], "success"),
        ([], ""),
    ],
)
def test_task_of_many_instances_has_the_state_that_tells_most(states, worst):
    assert state_of([task(state=state) for state in states]) == worst


def test_bars_stand_where_tasks_ran():
    page = read(task_table(outcome(task(started=2.5), task("more", "failed", started=4.5))))
    assert [bar.attributes for bar in page.all("rect")] == [
        {"x": "25.0%", "width": "20.0%", "class": "ok"},
        {"x": "45.0%", "width": "20.0%", "class": "bad"},
    ]
    assert page.all("th")[2].text == "0 to 10.0 s"


def test_bar_never_leaves_its_cell():
    page = read(task_table(replace(outcome(task(started=30.0, seconds=0.0)), seconds=0.0)))
    assert page.one("rect").attributes["x"] == "99.0%"
    assert page.one("rect").attributes["width"] == "1.0%"


def test_row_tells_tries_open_runs_and_errors():
    failed = task("fit", "failed", 3, open_mlflow_runs=("a",), error=TaskError("x.Bad", "m", "t"))
    assert rows(task_table(outcome(failed, task("late", "upstream_failed", 0, 0.0)))) == [
        ["failed", "fit", "", "2.00 s", "3 tries, left 1 MLflow run open, Bad"],
        ["upstream failed", "late", "", "\N{MINUS SIGN}", ""],
    ]


def test_faults_have_bars_too():
    page = read(task_table(run()))
    assert rows(task_table(run()))[:2] == [
        ["fault", "mlflow:down@fit", "", "3.50 s", "hit 3 connections"],
        ["fault", "s3:slow", "", "\N{MINUS SIGN}", "never began"],
    ]
    assert page.all("rect")[0].attributes == {"x": "36.4%", "width": "63.6%", "class": "warn"}


def test_of_many_instances_the_failed_ones_are_shown():
    many = [task(map_index=at, state="failed" if at == 499 else "success") for at in range(500)]
    table = task_table(outcome(*many))
    assert len(rows(table)) == 120
    assert rows(table)[-1][1] == "fit[499]"
    assert "380 more task instances in report.json." in table
    assert task_table(outcome()) == ""


def test_xcoms_have_type_size_and_what_is_wrong():
    bad = XComRecord(
        "k", "x.Frame", 10, 2048, readable=False, troubles=(XComTrouble("lossy-xcom", "`k` loses"),)
    )
    good = XComRecord("return_value", "builtins.str", 140)
    assert rows(xcom_table(outcome(task(pushed=(good,)), task("more", pushed=(bad,))))) == [
        [
            "more",
            "k",
            "x.Frame",
            "10 B + 2.0 KB beside it",
            "k loses lossy-xcomnobody can pull it",
        ],
        ["fit", "return_value", "str", "140 B", ""],
    ]
    assert xcom_table(outcome(task())) == ""


TRACKING = Tracking(
    (
        TrackedRun("a", "linear", "trips", "FINISHED", {"rmse": 7.123456789}, {}),
        TrackedRun("b", "nested", "trips", "RUNNING", {}, {}),
    ),
    (
        RegisteredVersion("model", "3", ("champion",), "a"),
        RegisteredVersion("old", "1", (), "gone"),
    ),
)


def test_mlflow_runs_stand_with_their_tasks():
    ran = outcome(task(mlflow_runs=("a", "unknown")))
    assert rows(tracked(ran, TRACKING)) == [
        ["fit", "linear", "finished", "rmse 7.12346", "model version 3 @champion"]
    ]
    assert tracked(outcome(task()), TRACKING) == ""


def test_open_mlflow_run_is_told():
    ran = outcome(task(mlflow_runs=("b",), open_mlflow_runs=("b",)))
    assert rows(tracked(ran, TRACKING))[0][2] == "left open"


def test_other_mlflow_runs_and_versions_are_told():
    ran = outcome(task(mlflow_runs=("a",)))
    page = read(others(Report(runs=(ran,), tracking=TRACKING)))
    cells = [[cell.text for cell in line.all("td")] for line in page.all("tr") if line.all("td")]
    assert cells == [["trips", "nested", "running", "", ""], ["old", "1", ""]]
    assert others(Report()) == ""


def test_failed_runs_are_first_and_open():
    page = read(runs(Report(runs=(run(state="success"), run()))))
    first, second = page.classed("card")
    assert "failed" in first.all("summary")[0].text
    assert "open" in first.attributes
    assert "open" not in second.attributes
    assert page.one("h2").text == "Runs2 runs, 1 failed"


def test_single_run_is_open():
    (card,) = read(runs(Report(runs=(run(state="success"),)))).classed("card")
    assert "open" in card.attributes


def test_error_has_message_and_folded_traceback():
    (card,) = read(runs(Report(runs=(run(state="timeout"),)))).classed("card")
    whole, failed = card.classed("error")
    assert whole.all("p")[0].text == "the run itself TimeoutError"
    assert failed.all("p")[0].text == "fit ValueError"
    assert failed.classed("said")[0].text == "no rows\nof that month"
    assert "open" not in failed.one("details").attributes
    assert failed.one("pre").text.startswith("Traceback (most recent call last):")


def test_error_without_words_is_its_type():
    ran = outcome(task(state="failed", error=TaskError("x.Bad", "", " ")), state="failed")
    (shown,) = read(runs(Report(runs=(ran,)))).classed("error")
    assert shown.text == "fit Bad"


def test_many_errors_are_counted():
    bad = TaskError("x.Bad", "m", "t")
    ran = outcome(
        *(task(map_index=at, state="failed", error=bad) for at in range(25)), state="failed"
    )
    page = runs(Report(runs=(ran,)))
    assert len(read(page).classed("error")) == 20
    assert "5 more errors in report.json." in page


def test_state_left_behind_is_told():
    assert "environment" in read(runs(Report(runs=(run(),)))).text
    assert "State left behind" not in runs(Report(runs=(outcome(task()),)))


@pytest.mark.parametrize(
    ("ran", "differences", "said"),
    [
        (outcome(), (), "can be run again: nothing differs"),
        (outcome(state="failed"), (), "was not run again, since its first run failed"),
        (
            outcome(),
            (StateDifference("file", "x", "it differs", retried=True),),
            "run again: 1 difference",
        ),
    ],
)
def test_repetition_says_what_differs(ran, differences, said):
    once = Repetition("taxi", (ran,), differences, ("MLflow was not looked at.",))
    (card,) = read(runs(Report(repetitions=(once,)))).classed("card")
    assert card.one("summary").text == f"taxi {said}"
    assert card.one("p").text == "MLflow was not looked at."
    cells = [cell.text for cell in card.all("td")]
    assert cells == (["file", "x", "it differs", "", "after retries"] if differences else [])


def test_everything_that_a_report_has_is_told():
    text = read(runs(full())).text
    for word in ("rmse 7.1", "@champion", "builtins.tuple".removeprefix("builtins."), "TOKEN"):
        assert word in text


def test_runs_that_were_triggered_have_a_row_each_and_what_they_say_is_no_markup():
    began = (TriggeredRun("training", "drift__v1"), TriggeredRun("<b>other", "r"))
    page = str(runs(Report(runs=(outcome(task(), triggered=began),))))
    assert "Runs that taxi triggered, and that were not carried out" in page
    assert "drift__v1" in page
    assert "&lt;b&gt;other" in page
    assert "riggered" not in str(runs(Report(runs=(outcome(task()),))))
