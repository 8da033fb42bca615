"""`test_dag` greets, and needs nothing."""

import pytest

from dagproof.testing import render_task


@pytest.fixture(scope="module")
def task():
    return render_task("test_dag", "print_hello").task


def test_one_task_greets(task, capsys):
    assert [one.task_id for one in task.dag.tasks] == ["print_hello"]
    assert task.python_callable() == "¡Hola desde Airflow!"
    assert capsys.readouterr().out == "¡Hola desde Airflow!\n"


def test_runs_by_hand_with_one_retry_and_a_notifier(task):
    assert task.dag.schedule is None
    assert task.dag.catchup is False
    assert (task.owner, task.retries) == ("ml-platform", 1)
    assert task.on_failure_callback
