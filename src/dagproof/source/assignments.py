"""Gives values to names, attributes and items."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dagproof.source.attributes import attribute
from dagproof.source.values import Bound, Class, Container, Instance, Scope, Value, extended, join

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter


def assign(run: Interpreter, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a value to what stands on the left of an assignment."""
    if isinstance(target, ast.Name):
        bind(target.id, value, scope)
    elif isinstance(target, ast.Tuple | ast.List):
        value = run.force(value)
        for place, element in enumerate(target.elts):
            known = isinstance(value, Container) and place in value.items
            inner = element.value if isinstance(element, ast.Starred) else element
            part = value.items[place] if known else _part(value)  # type: ignore[union-attr]
            assign(run, inner, part, scope)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(run, run.evaluate(target.value, scope), target, value)
    elif isinstance(target, ast.Subscript):
        owner = run.evaluate(target.value, scope)
        _assign_item(run, owner, run.evaluate(target.slice, scope), target, value)


def _assign_attribute(run: Interpreter, owner: Value, target: ast.Attribute, value: Value) -> None:
    if isinstance(owner, Class):
        owner.members[target.attr] = value
    elif isinstance(owner, Instance):
        setter = attribute(run, owner, f"{target.attr}.setter", target)
        if isinstance(setter, Bound):
            run.call(setter, target, [value])
        else:
            owner.attributes[target.attr] = join(owner.attributes.get(target.attr), value)


def _assign_item(
    run: Interpreter, owner: Value, key: Value, target: ast.Subscript, value: Value
) -> None:
    if isinstance(owner, str):
        write(run, f"{owner}.__setitem__", target, value)
    elif isinstance(owner, Container):
        owner.items[key.value if isinstance(key, ast.Constant) else target] = value
    elif isinstance(owner, Instance):
        run.call(attribute(run, owner, "__setitem__", target), target, [key, value])


def bind(name: str, value: Value, scope: Scope) -> None:
    """Give a value to a name; where the code may not run, the name keeps its old one too."""
    place = scope.unit.scope if name in scope.declared else scope
    if scope.depth == 0:
        place.names[name] = value
    elif name in place.names:
        place.names[name] = join(place.names[name], value)
    else:
        place.names[name] = None if isinstance(value, ast.Constant) else value


def _part(value: Value) -> Value:
    return extended(value, "[]") if isinstance(value, str) else None


def write(run: Interpreter, name: str, target: ast.expr, value: Value) -> None:
    """Note that something outside is written to."""
    if run.watched(name):
        run.record(name, target, {0: value})
