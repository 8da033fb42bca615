"""What running again changed becomes findings, at the tasks that changed it."""

from dataclasses import replace

import pytest

from dagproof.config import Settings
from dagproof.judging_runs.composition import with_findings
from dagproof.judging_runs.places import Places
from dagproof.judging_runs.traces import repetition_traces
from dagproof.model import (
    DagOutcome,
    Repetition,
    Report,
    StateDifference,
    TaskOutcome,
    TrackedRun,
    Tracking,
    XComRecord,
)

TEXT = '''"""Loads."""
from airflow.sdk import dag, task

@dag(schedule=None)
def loads():
    @task(
        retries=1,
    )
    def load(): ...
    BashOperator(task_id="say")
    load()
loads()
'''
TABLE = StateDifference("table", "public.t", "table `public.t` has 1 row", tasks=("load",))
TWICE = StateDifference(
    "mlflow-run", "e/fit", "MLflow has 2", more=True, retried=True, tasks=("say", "load")
)


@pytest.fixture
def dag_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "loads.py"
    file.write_text(TEXT)
    return file


def task(task_id="load", tries=1, **more):
    return TaskOutcome(task_id, -1, "success", tries, 0.1, **more)


def run(file, *tasks):
    return DagOutcome("loads", "r", "success", tasks, 1.0, path=str(file))


def repeated(file, *differences):
    runs = (run(file, task()),) * 3
    return Report(runs=runs, repetitions=(Repetition("loads", runs, differences, path=str(file)),))


def judged(file, report, **settings):
    return with_findings(Settings(file.parent, (file.parent,), **settings), report)


def told(report):
    return [(one.code, one.span.line, one.message) for one in report.findings]


def test_each_difference_is_a_finding_at_the_task_that_made_it(dag_file):
    report = judged(dag_file, repeated(dag_file, TABLE, TWICE, replace(TABLE, tasks=())))
    assert told(report) == [
        ("DP404", 4, "DAG `loads`: table `public.t` has 1 row"),
        ("DP404", 6, "Task `load`: table `public.t` has 1 row"),
        ("DP403", 10, "Tasks `say` and `load`: MLflow has 2"),
    ]
    assert {one.path for one in (finding.span for finding in report.findings)} == {"loads.py"}
    assert not report.clean
    assert {rule.code for rule in report.rules} >= {"DP304", "DP403", "DP404"}


def test_without_a_difference_the_report_stays_as_it_is(dag_file):
    report = repeated(dag_file)
    assert judged(dag_file, report) is report
    assert report.clean


def test_comments_settings_and_severity_hold(dag_file):
    report = repeated(dag_file, TABLE, TWICE)
    assert told(judged(dag_file, report, ignore=("not-idempotent",)))[0][0] == "DP403"
    notes = judged(dag_file, report, severity={"DP403": "note", "DP404": "note"})
    assert notes.clean
    assert len(notes.findings) == 2
    ignored = judged(dag_file, report, per_file_ignores={"loads.py": ("DP403", "DP404")})
    assert ignored.findings == ()
    dag_file.write_text(
        TEXT.replace("@task(\n", "@task(  # dagproof: ignore[DP404] the table is a journal\n")
    )
    assert [code for code, *_ in told(judged(dag_file, report))] == ["DP403"]


def test_a_task_stands_where_it_pushed_from_else_at_its_function_its_id_or_the_dag(dag_file):
    record = XComRecord("k", "int", path=str(dag_file), line=9)
    places = Places(str(dag_file), "loads", (run(dag_file, task("pushed", pushed=(record,))),))
    lines = {
        name: places.span(name).line
        for name in ("pushed", "group.load", "load__1", "say", "unknown", "")
    }
    assert lines == {
        "pushed": 9, "group.load": 6, "load__1": 6, "say": 10, "unknown": 4, "": 4,
    }  # fmt: skip


def test_a_dag_without_a_readable_file_stands_at_its_beginning(dag_file):
    assert Places("", "loads", ()).span("load").line == 1
    dag_file.write_text("def load(:")
    assert Places(str(dag_file), "loads", ()).span("load").line == 1


def tracked(*statuses, name="fit"):
    return tuple(
        TrackedRun(f"{name}{number}", name, "trips", status, {}, {})
        for number, status in enumerate(statuses)
    )


def plain(file, tries, runs, **more):
    outcome = task(tries=tries, mlflow_runs=tuple(one.run_id for one in runs), **more)
    return Report(runs=(run(file, outcome),), tracking=Tracking(runs=runs))


@pytest.mark.parametrize("statuses", [("FAILED", "FINISHED"), ("FINISHED", "FINISHED")])
def test_a_plain_run_shows_what_a_retry_of_its_own_has_doubled(dag_file, statuses):
    report = judged(dag_file, plain(dag_file, 2, tracked(*statuses)))
    assert told(report) == [
        ("DP403", 6, "Task `load`: 2 tries left 2 runs `fit` in MLflow experiment `trips`")
    ]


@pytest.mark.parametrize(
    ("tries", "runs", "more"),
    [
        (1, tracked("FINISHED", "FINISHED"), {}),
        (2, tracked("FINISHED"), {}),
        (2, tracked("FINISHED", "FINISHED", "FINISHED"), {}),
        (2, (*tracked("FAILED"), *tracked("FINISHED", name="other")), {}),
        (2, tracked("FAILED", "FINISHED"), {"stubbed": True}),
    ],
)
def test_several_runs_that_need_not_come_of_a_retry_are_none(dag_file, tries, runs, more):
    report = plain(dag_file, tries, runs, **more)
    assert judged(dag_file, report) is report


def test_runs_that_the_server_does_not_tell_of_are_not_judged(dag_file):
    outcome = task(tries=2, mlflow_runs=("gone", "also gone"))
    [trace] = repetition_traces(Report(runs=(run(dag_file, outcome),)))
    assert trace.counterexamples == ()
