"""Finds what the tasks of a module do with MLflow."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dagproof.rules.bodies import Body
from dagproof.rules.body_statements import followed
from dagproof.rules.callables import Task, tasks
from dagproof.rules.nodes import below, text_of
from dagproof.rules.reading import Reading
from dagproof.source.file import SourceFile
from dagproof.source.values import Function, Scope

_CALLED: Final = re.compile(rb"\b([A-Za-z_]\w*)\(")
_CLOSED: Final = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef})


@lru_cache(maxsize=2)
def tracked(reading: Reading) -> tuple[tuple[Task, Body], ...]:
    """Return the tasks of a module whose functions use MLflow, followed; each function once."""
    found: dict[int, tuple[Task, Body]] = {}
    for task in tasks(reading):
        function = task.function
        if b"mlflow" not in reading.source.data and b"mlflow" not in function.source.data:
            continue
        if id(function.node) not in found and _may_use(function):
            found[id(function.node)] = (task, followed(function))
    return tuple(found.values())


def _may_use(function: Function) -> bool:
    """Say whether MLflow is named in a function, or in a helper that it may call."""
    if says(function, b"mlflow"):
        return True
    names = {name.decode() for name in _CALLED.findall(text_of(function))}
    scope: Scope | None = function.scope
    while scope is not None and names:
        for name in names & scope.names.keys():
            value = scope.names[name]
            if isinstance(value, Function) and b"mlflow" in value.source.data:
                return True
        scope = scope.parent
    return False


def modules(reading: Reading) -> Iterator[SourceFile]:
    """Yield the file of a module, and those of the modules that it imports."""
    yield reading.source
    for event in reading.unit.events:
        if event.unit is not None and event.unit.source is not None:
            yield event.unit.source


def functions(reading: Reading) -> Iterator[tuple[Task, Body, Function]]:
    """Yield the functions that use MLflow in tasks, those of their helpers too, each once."""
    seen: set[int] = set()
    for task, body in tracked(reading):
        for function in body.entered:
            if id(function.node) not in seen and b"mlflow" in function.source.data:
                seen.add(id(function.node))
                yield task, body, function


def says(function: Function, words: bytes) -> bool:
    """Say whether some words stand in the text of a function: cheaper than to look at its nodes."""
    return words in function.source.data and words in text_of(function)


@lru_cache(maxsize=64)
def nodes(function: Function) -> tuple[ast.AST, ...]:
    """Return the nodes of a function without those of the functions inside it."""
    return tuple(below(function.node, stop=_CLOSED))


def is_call_of(function: Function, node: ast.AST, name: str) -> bool:
    """Return whether a node of a function calls `mlflow.NAME`."""
    if not isinstance(node, ast.Call):
        return False
    callee = node.func
    if isinstance(callee, ast.Attribute):
        return callee.attr == name and _stands_for(function, callee.value) in (
            "mlflow", "mlflow.tracking.fluent",
        )  # fmt: skip
    return isinstance(callee, ast.Name) and _stands_for(function, callee) == f"mlflow.{name}"


def _stands_for(function: Function, node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        owner = _stands_for(function, node.value)
        return owner and f"{owner}.{node.attr}"
    if not isinstance(node, ast.Name):
        return None
    local = _imports(function).get(node.id)
    if local is not None:
        return local
    scope: Scope | None = function.scope
    while scope is not None:
        if node.id in scope.names:
            value = scope.names[node.id]
            return value if isinstance(value, str) else None
        scope = scope.parent
    return None


@lru_cache(maxsize=16)
def _imports(function: Function) -> dict[str, str]:
    found: dict[str, str] = {}
    if not says(function, b"import"):
        return found
    for node in nodes(function):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                found[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found
