"""Shapes cross processes as plain data, from the imports that count alone."""

import json
from types import SimpleNamespace

import pytest

from dagproof.import_audit.conditions import other, usual
from dagproof.import_audit.orders import Mode
from dagproof.import_audit.shape_records import Shapes, shapes_of
from dagproof.model import DagShape, TaskShape

TASK = {"task_id": "t", "task_type": "Op", "bash_command": "/repo/x", "downstream_task_ids": []}


def serialized(dag_id):
    return {"dag_id": dag_id, "tasks": [{"__type": "operator", "__var": TASK}], "catchup": True,
            "params": [("p", {"default": 1})]}  # fmt: skip


def made(*dags, mode=Mode.PLAIN, conditions=None):
    surroundings = SimpleNamespace(hidden=(("/repo", "."),), conditions=conditions or usual())
    shapes = Shapes(surroundings, mode)
    for dag in dags:
        shapes.add(dag)
    return shapes.records


def test_shapes_are_the_same_on_the_other_side_in_order_of_id():
    records = json.loads(json.dumps(made(serialized("b"), serialized("a"))))

    task = TaskShape("t", "Op", (), mapped=False, fields={"class": "Op", "bash_command": "./x"})
    assert shapes_of(records, "dags/x.py") == tuple(
        DagShape(name, "dags/x.py", "", (task,), {"p": '{"default": 1}'}, {"catchup": "True"})
        for name in "ab"
    )


@pytest.mark.parametrize("mode", [Mode.ONWARD, Mode.STEPWISE])
def test_imports_that_tell_something_else_tell_no_shapes(mode):
    assert made(serialized("a"), mode=mode) == []
    assert len(made(serialized("a"), mode=Mode.ALONE)) == 1


def test_second_import_tells_no_shapes(tmp_path):
    assert made(serialized("a"), conditions=other(str(tmp_path))) == []


def test_dag_in_an_unknown_form_is_left_out():
    assert [
        one[0] for one in made({"tasks": []}, serialized("a"), {"dag_id": "x", "tasks": 3})
    ] == ["a"]
