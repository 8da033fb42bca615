"""DAGs by hand, and what is said of two states of one."""

import pytest

from dagproof.diffing.comparison import diffs
from dagproof.model import DagShape, TaskShape


@pytest.fixture
def task():
    def task(task_id, *upstream, operator="BashOperator", mapped=False, **fields):
        said = {"class": operator, **fields}
        return TaskShape(task_id, operator, tuple(sorted(upstream)), mapped, said)

    return task


@pytest.fixture
def dag():
    def dag(dag_id="x", *tasks, schedule="", path="dags/x.py", params=None, **fields):
        return DagShape(dag_id, path, schedule, tasks, params or {}, fields)

    return dag


@pytest.fixture
def changes():
    """Return the changes between two states of one DAG, by place."""

    def changes(before, after):
        found = diffs([before], [after])
        assert len(found) <= 1
        return {one.where: one for diff in found for one in diff.changes}

    return changes
