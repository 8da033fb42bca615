"""Which DAGs the tasks of a DAG trigger, and which runs have begun since somebody looked."""

from types import SimpleNamespace

import pytest

from dagproof.airflow_compat import triggers
from dagproof.airflow_compat.triggers import trigger_targets, triggering


def dag(*tasks):
    return SimpleNamespace(tasks=tasks)


def task(**arguments):
    return SimpleNamespace(**arguments)


def test_dags_that_are_triggered_are_told_once_and_in_order():
    tasks = [task(trigger_dag_id="b"), task(), task(trigger_dag_id="a"), task(trigger_dag_id="b")]

    assert trigger_targets(dag(*tasks)) == ("a", "b")


def test_mapped_trigger_names_its_dag_among_what_is_not_mapped():
    mapped = task(partial_kwargs={"trigger_dag_id": "a"}, trigger_dag_id="of the class")

    assert trigger_targets(dag(mapped, task(partial_kwargs={}))) == ("a",)


@pytest.mark.parametrize("named", ["{{ params.dag }}", None, object()])
def test_dag_that_only_a_template_names_is_unknown(named):
    assert trigger_targets(dag(task(trigger_dag_id=named))) == ()


def test_without_targets_the_database_is_not_asked(monkeypatch):
    monkeypatch.setattr(triggers, "_dag_runs", lambda: pytest.fail("it was asked"))

    assert triggering(())(("monitor", "r")) == ()
