"""What a task or DAG function is called, and what its decorator is given."""

import ast
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from dagproof.rules.arguments import Arguments, hides, text
from dagproof.source.values import Event, Function, Value

Decorators = Mapping[int, Event | None]

_METHODS: Final = ("override", "partial", "expand", "expand_kwargs")
_DEEPEST: Final = 6


class Decorated(NamedTuple):
    """A call of a decorated function."""

    id: str | None
    arguments: Arguments
    hidden: bool
    function: Function | None


def decorators(events: Iterable[Event]) -> Decorators:
    """Return the calls that make decorators; None for one that is made more than once."""
    found: dict[int, Event | None] = {}
    for event in events:
        if event.name.startswith("airflow."):
            key = id(event.node)
            found[key] = event if found.get(key, event) is event else None
    return found


def dag(event: Event, known: Decorators) -> Decorated:
    """Return what a call of a `@dag` function makes."""
    function = event.callee
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return Decorated(None, {}, hidden=True, function=None)
    arguments, hidden = _given(function.node, known)
    given = arguments.get("dag_id", arguments.get(0, ast.Constant(function.node.name)))
    return Decorated(None if hidden else text(given), arguments, hidden, function)


def task(event: Event, known: Decorators) -> Decorated:
    """Return what a call of a task function makes."""
    function = event.callee
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return Decorated(None, {}, hidden=True, function=None)
    written, overrides = _unfolded(event)
    node = function.node
    if node.name != written and _is_wrapper(node):
        node = _wrapped(event, written) or node
        function = dataclasses.replace(function, node=node, source=event.source)
    arguments, hidden = _given(node, known)
    for override in overrides:
        arguments |= {one.arg: _constant(one.value) for one in override.keywords if one.arg}
        hidden = hidden or hides(override)
    hidden = hidden or node.name != written
    given = arguments.get("task_id", ast.Constant(node.name))
    return Decorated(None if hidden else text(given), arguments, hidden, function)


def _given(
    node: ast.FunctionDef | ast.AsyncFunctionDef, known: Decorators
) -> tuple[dict[int | str, Value], bool]:
    """Return the arguments of a function's decorators, and whether there may be others."""
    arguments: dict[int | str, Value] = {}
    hidden = False
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            call = known.get(id(decorator))
            hidden = hidden or call is None or hides(decorator)
            arguments |= call.arguments if call is not None else {}
    return arguments, hidden


def _unfolded(event: Event) -> tuple[str | None, list[ast.Call]]:
    """Return the name that is called in `name.override(...).expand(...)`, and the overrides."""
    node: ast.AST = event.node
    node = node.func if isinstance(node, ast.Call) else node
    overrides = []
    for _ in range(_DEEPEST):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "override":
                overrides.append(node)
            node = node.func
        elif isinstance(node, ast.Attribute) and node.attr in _METHODS:
            node = node.value
        else:
            break
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", None), overrides


def _constant(node: ast.expr) -> Value:
    return node if isinstance(node, ast.Constant) else None


def _is_wrapper(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is what a decorator makes by `functools.wraps`."""
    return any("wraps" in ast.dump(decorator) for decorator in node.decorator_list)


def _wrapped(event: Event, name: str | None) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the only function of this name in the file that calls it."""
    found = [
        node
        for node in ast.walk(event.source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    return found[0] if len(found) == 1 else None
