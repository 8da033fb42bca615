"""Tasks that fail become findings, on the line of the repository where they fail."""

import pytest

from dagproof.config import Settings
from dagproof.judging_runs import with_findings
from dagproof.model import DagOutcome, Report, TaskError, TaskOutcome

TEXT = '''"""Fares."""
from airflow.sdk import dag, task
from helpers.rates import rate

@dag(schedule=None)
def fares():
    @task
    def load():
        return rate(0)  # an own line of the helper
    load()
fares()
'''
TRACEBACK = """Traceback (most recent call last):
  File "{root}/dags/fares.py", line 9, in load
    return rate(0)
  File "{root}/dags/helpers/rates.py", line 2, in rate
    return 1 / rows
  File "{root}/.venv/lib/python3.11/site-packages/pandas/core.py", line 7, in divide
  File "/usr/lib/python3.11/json.py", line 7, in divide
ZeroDivisionError: division by zero
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "dags/fares.py": TEXT,
        "dags/helpers/rates.py": "def rate(rows):\n    return 1 / rows\n",
        ".venv/lib/python3.11/site-packages/pandas/core.py": "\n" * 9,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def failed(error, task_id="load", map_index=-1, tries=1):
    return TaskOutcome(task_id, map_index, "failed", tries, 0.1, error=error)


def judged(root, *tasks, state="failed", error=None):
    run = DagOutcome("fares", "r", state, tasks, 1.0, error, str(root / "dags/fares.py"))
    return with_findings(Settings(root, (root / "dags",)), Report(runs=(run,))).findings


def error(root, message="division by zero", traceback=TRACEBACK):
    return TaskError("builtins.ZeroDivisionError", message, traceback.format(root=root))


def test_task_is_found_on_the_innermost_line_of_the_repository(root):
    [found] = judged(root, failed(error(root)))

    assert (found.code, found.span.path, found.span.line) == ("DP401", "dags/helpers/rates.py", 2)
    assert (found.span.column, found.span.end_column) == (5, 20)
    assert found.message == "Task `load` failed: ZeroDivisionError: division by zero"
    assert found.excerpt == "    return 1 / rows"


def test_task_without_a_line_of_the_repository_is_found_where_it_is_defined(root):
    [found] = judged(root, failed(error(root, traceback="ZeroDivisionError: division by zero")))
    assert (found.span.path, found.span.line) == ("dags/fares.py", 7)


def test_number_of_tries_is_told_and_a_long_message_is_not(root):
    [found] = judged(root, failed(error(root, "x" * 500 + "\nmore"), tries=3))
    told = f"ZeroDivisionError: {'x' * 500}"[:200]
    assert found.message == f"Task `load` failed after 3 tries: {told}…"


def test_task_that_says_nothing_has_failed_all_the_same(root):
    [found] = judged(root, failed(None))
    assert found.message == "Task `load` failed"


def test_error_without_words_is_told_by_its_type(root):
    [found] = judged(root, failed(error(root, "")))
    assert found.message == "Task `load` failed: ZeroDivisionError"


def test_mapped_instances_that_fail_alike_are_one_finding(root):
    tasks = [failed(error(root), map_index=index) for index in range(3)]
    assert len(judged(root, *tasks)) == 1


def test_run_that_ends_without_a_failed_task_is_found_at_its_dag(root):
    left = TaskOutcome("load", -1, "success", 1, 0.1)
    late = TaskError("dagproof.Interruption", "the run was still going after 5 s", "")

    [found] = judged(root, left, state="timeout", error=late)

    assert found.message == (
        "DAG `fares` ended in state `timeout`: Interruption: the run was still going after 5 s"
    )
    assert (found.span.path, found.span.line) == ("dags/fares.py", 5)


def test_run_that_succeeds_has_no_finding(root):
    behind = TaskOutcome("say", -1, "upstream_failed", 0, 0.0)
    assert judged(root, TaskOutcome("load", -1, "success", 1, 0.1), state="success") == ()
    [found] = judged(root, failed(error(root)), behind)
    assert "load" in found.message


def test_comment_with_a_reason_is_heeded(root):
    file = root / "dags/helpers/rates.py"
    file.write_text("def rate(rows):\n    return 1 / rows  # dagproof: ignore[DP401] it is known\n")
    assert judged(root, failed(error(root))) == ()
