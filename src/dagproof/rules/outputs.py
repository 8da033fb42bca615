"""Finds what the tasks of a module give to XCom."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dagproof.rules.bodies import Body, Known
from dagproof.rules.body_statements import followed
from dagproof.rules.callables import Task, is_false, option, tasks
from dagproof.rules.reading import Reading
from dagproof.rules.returned import may_be_odd
from dagproof.source.file import SourceFile
from dagproof.source.values import Function

_NO_VALUE: Final = ("branch", "sensor", "short_circuit", "skip_if", "run_if")
"""Decorators whose functions return a decision."""

_NO_VALUE_OPERATORS: Final = ("Sensor", "BranchPythonOperator", "ShortCircuitOperator")


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A value that a task gives to XCom.

    Attributes:
        task: which one.
        source: the file in which it is given.
        node: the expression.
        value: what is known of it.
        how: the verb, "returns" or "pushes".
    """

    task: Task
    source: SourceFile
    node: ast.expr
    value: Known
    how: str


@lru_cache(maxsize=2)
def outputs(reading: Reading) -> tuple[Output, ...]:
    """Return what the tasks of a module give to XCom, each place once."""
    found: dict[int, Output] = {}
    done: set[int] = set()
    for task in tasks(reading):
        function = task.function
        if id(function.node) in done or task.wrapped or not _speaks(function):
            continue
        done.add(id(function.node))
        for output in _of(reading, task, followed(function)):
            found.setdefault(id(output.node), output)
    return tuple(found.values())


def _of(reading: Reading, task: Task, body: Body) -> Iterator[Output]:
    if not (_decides(task) or is_false(option(reading, task, "do_xcom_push"))):
        for node, value in body.returned:
            yield Output(task, body.source, node, value, "returns")
    for source, called in body.calls:
        if called.name.endswith(".xcom_push"):
            value_node = _argument(called.node, "value", 1)
            value = called.named.get("value")
            if value is None and len(called.positional) > 1:
                value = called.positional[1]
            if value_node is not None:
                yield Output(task, source, value_node, value, "pushes")


def _argument(node: ast.Call, name: str, place: int) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    return node.args[place] if len(node.args) > place else None


def _decides(task: Task) -> bool:
    if not task.taskflow:
        return task.event.name.removesuffix(".partial").endswith(_NO_VALUE_OPERATORS)
    for decorator in getattr(task.function.node, "decorator_list", []):
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(inner, ast.Attribute) and inner.attr.startswith(_NO_VALUE):
            return True
    return False


def _speaks(function: Function) -> bool:
    """Return whether a function returns or pushes anything that is worth following."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return True
    return isinstance(node, ast.FunctionDef) and may_be_odd(node)
