"""`hello_world` has the three tasks of the tutorial, one after the other, every day."""

from datetime import UTC, datetime, timedelta

import pytest

from dagproof.testing import render_task

DAG = "hello_world"


@pytest.fixture(scope="module")
def dag():
    return render_task(DAG, "say_hello").task.dag


def test_three_tasks_run_one_after_the_other(dag):
    downstream = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert downstream == {
        "say_hello": {"print_current_date"},
        "print_current_date": {"bash_task"},
        "bash_task": set(),
    }


def test_runs_every_day_without_past_ones(dag):
    assert dag.schedule == timedelta(days=1)
    assert dag.catchup is False
    assert dag.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert dag.tags == {"tutorial", "beginner"}
    for task in dag.tasks:
        assert (task.owner, task.retries) == ("data-science-team", 1)
        assert task.retry_delay == timedelta(minutes=5)


def test_tasks_print_greeting_and_date(dag, capsys):
    assert dag.task_dict["say_hello"].python_callable() == "Hello task completed"
    before = datetime.now(UTC)
    assert dag.task_dict["print_current_date"].python_callable() == "Date task completed"
    greeting, date = capsys.readouterr().out.splitlines()
    assert greeting == "Hello from Airflow!"
    told = datetime.fromisoformat(date.removeprefix("Current date: "))
    assert before <= told <= datetime.now(UTC)


def test_bash_says_hello():
    assert render_task(DAG, "bash_task")["bash_command"] == 'echo "Hello from Bash!"'
