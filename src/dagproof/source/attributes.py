"""What an attribute or an item of a value stands for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from dagproof.source.file import Node
from dagproof.source.values import (
    Bound,
    Class,
    Container,
    Either,
    Function,
    Instance,
    Lazy,
    Super,
    TaskMethod,
    Unit,
    Value,
    extended,
    join,
)

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

_TASK_METHODS: Final = ("override", "partial", "expand", "expand_kwargs")


def attribute(run: Interpreter, value: Value, name: str, node: Node) -> Value:
    """Return what `value.name` stands for; a property is run."""
    if type(value) is str:
        return extended(value, f".{name}")
    find = _ATTRIBUTES.get(type(value))
    return find(run, value, name, node) if find is not None else None


def of_unit(run: Interpreter, unit: Unit, name: str, _: Node | None = None) -> Value:
    """Return what a name of a module stands for, or its submodule of that name."""
    if name in unit.scope.names:
        return unit.scope.names[name]
    if unit.directory is not None:
        place = run.child(unit.directory, name)
        if place is not None:
            return run.place(place)
    return from_star(unit, name)


def from_star(unit: Unit, name: str) -> Value:
    """Return what a name stands for that `from library import *` may have brought."""
    found: Value = None
    for star in unit.stars:
        found = join(found, f"{star}.{name}")
    return found


def item(run: Interpreter, value: Value, key: Value, node: Node) -> Value:
    """Return what `value[key]` stands for."""
    if isinstance(value, str):
        return extended(value, "[]")
    if isinstance(value, Container):
        if isinstance(key, ast.Constant) and key.value in value.items:
            return value.items[key.value]
        return value.any()
    if isinstance(value, Instance):
        method = attribute(run, value, "__getitem__", node)
        return None if isinstance(method, str) else run.call(method, node, [key])
    return None


def ancestry(of: Class) -> Iterator[Value]:
    """Yield a class and what it inherits from, each once, nearest first."""
    waiting: list[Value] = [of]
    seen: set[Value] = {None}
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            if isinstance(found, Either):
                waiting.extend(reversed(found.values))
                continue
            yield found
            if isinstance(found, Class):
                waiting.extend(reversed(found.bases))


def _found(run: Interpreter, of: Class, name: str, node: Node, instance: Instance | None) -> Value:
    for ancestor in ancestry(of):
        if isinstance(ancestor, Class):
            if name in ancestor.members:
                return _bound(run, ancestor.members[name], of, node, instance)
        elif isinstance(ancestor, str) and ancestor != "builtins.object":
            owner = ancestor if instance is None else f"{ancestor}()"
            return f"{owner}.{name}"
    if instance is None or name.startswith("__") or not name.isidentifier():
        return None
    return _made_up(run, instance, node)


def _made_up(run: Interpreter, instance: Instance, node: Node) -> Value:
    """Return what `__getattr__` gives for a name that an object does not have."""
    for ancestor in ancestry(instance.of):
        method = ancestor.members.get("__getattr__") if isinstance(ancestor, Class) else None
        if isinstance(method, Function):
            return run.call(Bound(method, [instance]), node, [None])
    return None


def _of_super(run: Interpreter, value: Super, name: str, node: Node) -> Value:
    instance = value.instance if isinstance(value.instance, Instance) else None
    for base in value.owner.bases:
        if isinstance(base, Class):
            found = _found(run, base, name, node, instance)
            if found is not None:
                return found
        elif isinstance(base, str):
            return base if name == "__init__" else f"{base}().{name}"
    return None


def _bound(
    run: Interpreter, member: Value, of: Class, node: Node, instance: Instance | None
) -> Value:
    if not isinstance(member, Function):
        return member
    if member.role == "class":
        return Bound(member, [of])
    if member.role in ("static", "task") or instance is None:
        return member
    bound = Bound(member, [instance])
    return run.call(bound, node) if member.role == "property" else bound


def _of_instance(run: Interpreter, value: Instance, name: str, node: Node) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    return _found(run, value.of, name, node, value)


def _of_class(run: Interpreter, value: Class, name: str, node: Node) -> Value:
    return _found(run, value, name, node, None)


def _of_function(_: Interpreter, value: Function, name: str, __: Node) -> Value:
    if name == "function":
        return Function(value.node, value.scope, value.source, value.defaults)
    if name in _TASK_METHODS:  # of a task, or of a task group: its body runs
        return TaskMethod(value, name) if value.role == "task" else Bound(value, [])
    return None


def _of_lazy(run: Interpreter, value: Lazy, name: str, _: Node) -> Value:
    if value.name is not None:  # a thread
        if name in ("start", "run"):
            run.force(value)
        return f"{value.name}.{name}"
    if name not in ("close", "throw"):
        run.force(value)
    return None


def _of_either(run: Interpreter, value: Either, name: str, node: Node) -> Value:
    found: Value = None
    for one in value.values:
        found = join(found, attribute(run, one, name, node))
    return found


_ATTRIBUTES: Final[dict[type[Any], Callable[[Interpreter, Any, str, Node], Value]]] = {
    Class: _of_class,
    Either: _of_either,
    Function: _of_function,
    Instance: _of_instance,
    Lazy: _of_lazy,
    Super: _of_super,
    Unit: of_unit,
}
