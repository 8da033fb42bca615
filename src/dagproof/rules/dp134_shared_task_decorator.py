"""DP134: one `task(...)` decorates several functions, whose tasks then share one id."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.reading import Reading

_MADE: Final = re.compile(rb"=[ \t]*(?:\w+\.)?task(?:\.\w+)*\(")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the functions that a decorator which has been used decorates too."""
    data = reading.source.data
    if b"airflow" not in data or not _MADE.search(data):
        return
    made: dict[str, ast.Call] = {}
    used: dict[str, ast.FunctionDef] = {}
    for node in _in_order(reading.source.tree):
        if isinstance(node, ast.Assign):
            call = node.value
            for target in node.targets:
                if not isinstance(target, ast.Name):
                    continue
                made.pop(target.id, None)
                used.pop(target.id, None)
                if isinstance(call, ast.Call) and not call.args and _is_task(reading, call.func):
                    made[target.id] = call
            continue
        for decorator in node.decorator_list:
            name = decorator.id if isinstance(decorator, ast.Name) else ""
            if name not in made or f"{node.name}.override(".encode() in data:
                continue
            first = used.setdefault(name, node)
            if first is not node:
                yield Hit(
                    reading.source.span(decorator),
                    f"`{name}` has decorated `{first.name}` before, so that the task of "
                    f"`{node.name}` is called `{_id(made[name], first)}__1`",
                    (Related(reading.source.span(made[name]), "the decorator is made here"),),
                )


def _in_order(tree: ast.Module) -> list[ast.Assign | ast.FunctionDef]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.FunctionDef)]
    return sorted(found, key=lambda node: node.lineno)


def _is_task(reading: Reading, node: ast.expr) -> bool:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    root = reading.unit.scope.names.get(node.id) if isinstance(node, ast.Name) else None
    if not isinstance(root, str):
        return False
    dotted = [*root.split("."), *reversed(parts)]
    return dotted[0] == "airflow" and "task" in dotted[1:]


def _id(call: ast.Call, first: ast.FunctionDef) -> str:
    for keyword in call.keywords:
        if keyword.arg == "task_id" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return first.name


RULE: Final = Rule(
    code="DP134",
    slug="shared-task-decorator",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "The decorator keeps the id of the first function that it decorates: the tasks of the "
        "others are called `first__1`, `first__2` and so on, in the UI, in logs and in XCom."
    ),
    fix="Make the decorator anew for each function, as in `@task(**options)`.",
    bad="""\
from airflow.sdk import DAG, task

step = task(retries=2)


@step
def prepare():
    pass


@step
def train():
    pass


with DAG("train"):
    prepare() >> train()
""",
    good="""\
from airflow.sdk import DAG, task

options = {"retries": 2}


@task(**options)
def prepare():
    pass


@task(**options)
def train():
    pass


with DAG("train"):
    prepare() >> train()
""",
    check=check,
)
