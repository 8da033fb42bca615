"""What a call does: enters the repository's functions, notes the others."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dagproof.source.attributes import ancestry, attribute
from dagproof.source.file import Node
from dagproof.source.known import KNOWN
from dagproof.source.values import (
    Bound,
    Class,
    Container,
    Either,
    Factory,
    Function,
    FunctionNode,
    Instance,
    Role,
    Scope,
    Super,
    TaskMethod,
    Value,
    join,
)

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

Callable_: Final = (Function, Bound, Class, TaskMethod)

LOGGED: Final = ("builtins.print", "logging.", "structlog.", "loguru.", "warnings.warn")
"""What is given to these does nothing else."""

NAMESPACES: Final = ("builtins.globals", "builtins.locals", "builtins.vars")

_TASKS: Final = frozenset({"task", "setup", "teardown", "asset", "sensor"})
_XCOM: Final = "airflow.XComArg()"
_HERE: Final = "*"
"""The key of what a container may hold beside what is known."""


def call(
    run: Interpreter, callee: Value, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    """Follow a call and return what it gives back."""
    if isinstance(callee, str):
        return _external(run, callee, node, arguments, named)
    if isinstance(callee, Function):
        return _function(run, callee, node, arguments, named)
    if isinstance(callee, Bound):
        return call(run, callee.function, node, [*callee.first, *arguments], callee.named | named)
    if isinstance(callee, Class):
        return _instance(run, callee, node, arguments, named)
    if isinstance(callee, TaskMethod):
        return _task_method(run, callee, node, arguments, named)
    if isinstance(callee, Either):
        value: Value = None
        for one in callee.values:
            value = join(value, call(run, one, node, arguments, named))
        return value
    if isinstance(callee, Instance):
        method = attribute(run, callee, "__call__", node)
        return call(run, method, node, arguments, named) if method is not None else None
    _let_go(run, node, (*arguments, *named.values()))
    return None


@lru_cache(maxsize=None)
def role_of(decorator: str) -> Role | None:
    """Return what a function becomes by a decorator of Airflow's; None if it stays what it is."""
    names = decorator.replace("()", "").split(".")
    if names[0] == "builtins":
        return {"property": "property", "staticmethod": "static", "classmethod": "class"}.get(
            names[-1]
        )  # type: ignore[return-value]
    if decorator.startswith("functools.cached_property"):
        return "property"
    if names[0] == "astro":
        return "task"
    if names[0] != "airflow" or names[-1] == "task_group":
        return None
    if names[-1] == "dag":
        return "dag"
    return "task" if not _TASKS.isdisjoint(names) or names[-1].endswith("_task") else None


def decorated(run: Interpreter, decorator: Value, inner: Value, node: Node) -> Value:
    """Return what a definition becomes by one of its decorators."""
    if isinstance(decorator, str):
        role = role_of(decorator) if isinstance(inner, Function) else None
        if role is not None and isinstance(inner, Function):
            return with_role(run, inner, role)
        return inner
    value = call(run, decorator, node, [inner], {})
    return inner if value is None or isinstance(value, ast.Constant) else value


def with_role(run: Interpreter, function: Function, role: Role) -> Function:
    """Return a function that a decorator has made a task, a DAG, a property ..."""
    made = Function(
        function.node, function.scope, function.source, function.defaults, function.owner, role
    )
    if role == "dag":
        run.dags.append((made, ()))
    return made


def bind(
    function: Function, arguments: list[Value], named: dict[str, Value]
) -> dict[str, Value]:
    """Return the local names that a call of a function begins with."""
    parameters = function.node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    names = [parameter.arg for parameter in positional]
    local: dict[str, Value] = dict(zip(names, arguments, strict=False))
    for parameter in (*positional[len(arguments) :], *parameters.kwonlyargs):
        name = parameter.arg
        local[name] = named[name] if name in named else function.defaults.get(name)
    if parameters.vararg:
        rest = arguments[len(positional) :]
        local[parameters.vararg.arg] = Container(dict(enumerate(rest)))
    if parameters.kwarg:
        known = {name: value for name, value in named.items() if name not in local}
        local[parameters.kwarg.arg] = Container(dict(known))
    if function.owner is not None:
        local["__class__"] = function.owner
        local["__self__"] = arguments[0] if arguments else None
    return local


def defaults(run: Interpreter, node: FunctionNode, scope: Scope) -> dict[str, Value]:
    """Run the default arguments of a definition."""
    parameters = node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    found: dict[str, Value] = {}
    for parameter, default in zip(reversed(positional), reversed(parameters.defaults), strict=False):
        found[parameter.arg] = run.evaluate(default, scope)
    for parameter, keyword_default in zip(
        parameters.kwonlyargs, parameters.kw_defaults, strict=True
    ):
        if keyword_default is not None:
            found[parameter.arg] = run.evaluate(keyword_default, scope)
    return found


def joined(values: Iterable[Value]) -> Value:
    """Return what a function gives back that returns one of several values."""
    found: Value = None
    first = True
    for value in values:
        found = value if first else join(found, value)
        first = False
    return found


def unpacked(value: Value) -> dict[str, Value]:
    """Return the arguments that `**value` gives."""
    if not isinstance(value, Container):
        return {}
    return {name: inner for name, inner in value.items.items() if isinstance(name, str)}


def super_of(scope: Scope) -> Value:
    """Return `super()` of the method that a scope belongs to."""
    inner: Scope | None = scope
    while inner is not None:
        owner = inner.names.get("__class__")
        if isinstance(owner, Class):
            return Super(owner, inner.names.get("__self__"))
        inner = inner.parent
    return None


def container_method(
    run: Interpreter, owner: Container, name: str, node: Node, arguments: list[Value]
) -> Value:
    """Follow a method of a list, set or dict."""
    _let_go(run, node, [value for value in arguments if name not in _STORES])
    if name in ("get", "pop", "setdefault", "popleft", "popitem"):
        key = arguments[0] if arguments else None
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
        default = arguments[1] if len(arguments) > 1 else None
        return join(owner.any(), default)
    if name in ("values", "copy"):
        return owner
    if name == "items":
        pair = Container({0: None, 1: owner.any()})
        return Container({0: pair})
    if name in ("append", "add", "insert", "appendleft") and arguments:
        owner.items[len(owner.items), _HERE] = arguments[-1]
    elif name in ("extend", "update") and arguments and isinstance(arguments[0], Container):
        for key_, value in arguments[0].items.items():
            owner.items[key_ if name == "update" else (len(owner.items), _HERE)] = value
    return None


_STORES: Final = ("append", "add", "insert", "appendleft", "extend", "update", "setdefault")


def _function(
    run: Interpreter, callee: Function, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    if callee.role == "task":
        run.record("@task", node, _together(arguments, named), callee)
        return _XCOM
    if callee.role == "dag":
        run.record("@dag", node, _together(arguments, named), callee)
        run.enter(callee, node, arguments, named)
        return "airflow.DAG()"
    return run.enter(callee, node, arguments, named)


def _task_method(
    run: Interpreter,
    callee: TaskMethod,
    node: Node,
    arguments: list[Value],
    named: dict[str, Value],
) -> Value:
    if callee.name in ("expand", "expand_kwargs"):
        run.record("@task", node, {}, callee.function)
        return _XCOM
    return callee.function


def _instance(
    run: Interpreter, callee: Class, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    instance = Instance(callee)
    for ancestor in ancestry(callee):
        if isinstance(ancestor, Class):
            for member in ancestor.members.values():
                if isinstance(member, Factory):
                    call(run, member.function, node, [], {})
    initialised = False
    for ancestor in ancestry(callee):
        if isinstance(ancestor, str) and not initialised:
            if run.watched(ancestor):
                run.record(ancestor, node, _together(arguments, named), ancestor)
            break
        if not isinstance(ancestor, Class):
            continue
        for name in ("__new__", "__init__", "__post_init__"):
            method = ancestor.members.get(name)
            if isinstance(method, Function) and not (initialised and name == "__init__"):
                first: Value = callee if name == "__new__" else instance
                given = [] if name == "__post_init__" else arguments
                run.enter(method, node, [first, *given], {} if name == "__post_init__" else named)
                initialised = initialised or name == "__init__"
    return instance


def _external(
    run: Interpreter, name: str, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    special = KNOWN.get(name)
    if special is not None:
        return special(run, node, arguments, named)
    if arguments and isinstance(arguments[0], Function):
        role = role_of(name)
        if role is not None:
            return with_role(run, arguments[0], role)
        if name.endswith(_RUNNERS):
            call(run, arguments[0], node, [None] * (len(arguments) - 1), {})
    _let_go(run, node, (*arguments, *named.values()))
    if run.watched(name):
        run.record(name, node, _together(arguments, named), name)
    return f"{name}()"


_RUNNERS: Final = (
    "Executor().submit", "Executor().map", "Pool().map", "Pool().apply", "Pool().apply_async",
    "Pool().starmap", "Pool().imap", "Pool().imap_unordered", "Pool().map_async",
)  # fmt: skip


def _together(arguments: list[Value], named: dict[str, Value]) -> dict[int | str, Value]:
    together: dict[int | str, Value] = dict(enumerate(arguments))
    together.update(named)
    return together


def _let_go(run: Interpreter, node: Node, values: Iterable[Value]) -> None:
    """Note DAG functions that are handed to code which we do not see: it may call them."""
    for value in values:
        if isinstance(value, Function) and value.role == "dag":
            run.record("@dag?", node, {}, value)
