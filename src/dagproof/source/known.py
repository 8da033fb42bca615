"""Functions of Python's own library that call, wrap or find what they are given."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from dagproof.source.attributes import attribute
from dagproof.source.file import Node
from dagproof.source.values import Bound, Container, Factory, Function, Instance, Value, join

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

Known: TypeAlias = Callable[["Interpreter", Node, list[Value], dict[str, Value]], Value]


def _getattr(run: Interpreter, node: Node, arguments: list[Value], __: dict[str, Value]) -> Value:
    owner, key, default, *_ = (*arguments, None, None, None)
    name = _text(key)
    return join(attribute(run, owner, name, node), default) if name else None


def _map(run: Interpreter, node: Node, arguments: list[Value], _: dict[str, Value]) -> Value:
    if not arguments:
        return None
    items = [run.force(item) for item in arguments[1:]]
    given = [item.any() if isinstance(item, Container) else None for item in items]
    return run.later(lambda: Container({0: run.call(arguments[0], node, given)}))


def _filter(run: Interpreter, node: Node, arguments: list[Value], _: dict[str, Value]) -> Value:
    items = run.force(arguments[1]) if len(arguments) > 1 else None
    given = [items.any() if isinstance(items, Container) else None]

    def work() -> Value:
        run.call(arguments[0], node, given)
        return items

    return run.later(work)


def _reduce(run: Interpreter, node: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    return run.force(_map(run, node, arguments, named))


def _marked(_: Interpreter, __: Node, arguments: list[Value], ___: dict[str, Value]) -> Value:
    return arguments[0] if arguments else None


def _special_method(name: str) -> Known:
    def special(run: Interpreter, node: Node, arguments: list[Value], _: dict[str, Value]) -> Value:
        if arguments and isinstance(arguments[0], Instance):
            method = attribute(run, arguments[0], name, node)
            if isinstance(method, Bound | Function):
                run.call(method, node)
        return None

    return special


def _sorted(run: Interpreter, node: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    first = arguments[0] if arguments else None
    given = [first.any() if isinstance(first, Container) else None]
    if "key" in named and not isinstance(named["key"], ast.Constant):
        run.call(named["key"], node, given)
    return first


def _one_of(run: Interpreter, node: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    items = _sorted(run, node, arguments, named)
    return items.any() if isinstance(items, Container) else None


def _same(_: Interpreter, __: Node, arguments: list[Value], ___: dict[str, Value]) -> Value:
    first = arguments[0] if arguments else None
    return first if isinstance(first, Container) else None


def _new(_: Interpreter, node: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    first = arguments[0] if arguments else None
    items = dict(first.items) if isinstance(first, Container) else {}
    items.update(named)
    return Container(items, node)


def _enumerate(_: Interpreter, __: Node, arguments: list[Value], ___: dict[str, Value]) -> Value:
    first = arguments[0] if arguments else None
    item = first.any() if isinstance(first, Container) else None
    return Container({0: Container({0: None, 1: item})})


def _zip(_: Interpreter, __: Node, arguments: list[Value], ___: dict[str, Value]) -> Value:
    items = [item.any() if isinstance(item, Container) else None for item in arguments]
    return Container({0: Container(dict(enumerate(items)))})


def _partial(_: Interpreter, __: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    return Bound(arguments[0], arguments[1:], named) if arguments else None


def _import(run: Interpreter, node: Node, arguments: list[Value], _: dict[str, Value]) -> Value:
    name = _text(arguments[0]) if arguments else None
    return run.import_(name, node) if name else None


def _field(_: Interpreter, __: Node, ___: list[Value], named: dict[str, Value]) -> Value:
    return Factory(named["default_factory"]) if "default_factory" in named else None


def _thread(run: Interpreter, node: Node, arguments: list[Value], named: dict[str, Value]) -> Value:
    target = named.get("target", arguments[1] if len(arguments) > 1 else None)
    work = run.later(lambda: run.call(target, node) if callable_(target) else None)
    work.name = "threading.Thread()"
    return work


def callable_(value: Value) -> bool:
    """Say whether a value is a function of the repository."""
    return isinstance(value, Function | Bound)


def _wander(run: Interpreter, _: Node, __: list[Value], ___: dict[str, Value]) -> Value:
    run.unit.wanders = True
    return None


def _text(value: Value) -> str | None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return None


KNOWN: Final[dict[str, Known]] = {
    "builtins.__import__": _import,
    "builtins.bool": _special_method("__bool__"),
    "builtins.classmethod": _marked,
    "builtins.dict": _new,
    "builtins.enumerate": _enumerate,
    "builtins.filter": _filter,
    "builtins.getattr": _getattr,
    "builtins.iter": _same,
    "builtins.len": _special_method("__len__"),
    "builtins.list": _same,
    "builtins.map": _map,
    "builtins.max": _one_of,
    "builtins.min": _one_of,
    "builtins.next": _one_of,
    "builtins.reversed": _same,
    "builtins.set": _same,
    "builtins.sorted": _sorted,
    "builtins.staticmethod": _marked,
    "builtins.str": _special_method("__str__"),
    "builtins.tuple": _same,
    "builtins.zip": _zip,
    "contextlib.ExitStack().enter_context": _marked,
    "dataclasses.field": _field,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "importlib.import_module": _import,
    "itertools.starmap": _map,
    "multiprocessing.Process": _thread,
    "site.addsitedir": _wander,
    "sys.path.append": _wander,
    "sys.path.extend": _wander,
    "sys.path.insert": _wander,
    "threading.Thread": _thread,
    "threading.Timer": _thread,
}
