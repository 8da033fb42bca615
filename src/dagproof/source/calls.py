"""What a call does: enters the repository's functions, notes the others."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

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
    Instance,
    Role,
    Scope,
    Super,
    TaskMethod,
    Value,
    extended,
    join,
)

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

Callable_: Final = (Function, Bound, Class, TaskMethod)

LOGGED: Final = ("builtins.print", "logging.", "structlog.", "loguru.", "warnings.warn")
"""What is given to these does nothing else."""

_SHOWS: Final = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical"})

NAMESPACES: Final = ("builtins.globals", "builtins.locals", "builtins.vars")

_TASKS: Final = frozenset({"task", "setup", "teardown", "asset", "sensor"})
NEVER: Final = "sys.exit()"
"""What a call gives that does not return."""

_LAZILY: Final = frozenset({"builtins.map", "builtins.filter", "itertools.starmap"})
_XCOM: Final = "airflow.XComArg()"


def call(
    run: Interpreter, callee: Value, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    """Follow a call and return what it gives back."""
    return _CALLS.get(type(callee), _unknown)(run, callee, node, arguments, named)


@cache
def role_of(decorator: str) -> Role | None:
    """Return what a function becomes by a decorator of Airflow's; None if it stays what it is."""
    names = decorator.replace("()", "").split(".")
    if names[0] == "builtins":
        return {"property": "property", "staticmethod": "static", "classmethod": "class"}.get(
            names[-1]
        )  # type: ignore[return-value]
    if decorator.startswith("functools.cached_property"):
        return "property"
    if names[0] == "astro" or ("decorators" in names and names[-1].endswith("task")):
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
            return inner if inner.role in ("task", "dag") else with_role(run, inner, role)
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


def only_shows(callee: Value, function: ast.expr) -> bool:
    """Say whether a call prints or logs what it is given, and does nothing else with it."""
    if isinstance(callee, str) and callee.startswith(LOGGED):
        return True
    if not isinstance(function, ast.Attribute) or function.attr not in _SHOWS:
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return "log" in name.lower()


def joined(values: Iterable[Value]) -> Value:
    """Return what a function gives back that returns one of several values."""
    found: Value = None
    first = True
    for value in values:
        found = value if first else join(found, value)
        first = False
    return found


def super_of(scope: Scope, arguments: list[Value]) -> Value:
    """Return `super()` of the method that a scope belongs to, or `super(Class, self)`."""
    if arguments and isinstance(arguments[0], Class):
        return Super(arguments[0], arguments[-1])
    inner: Scope | None = scope
    while inner is not None:
        owner = inner.names.get("__class__")
        if isinstance(owner, Class):
            return Super(owner, inner.names.get("__self__"))
        inner = inner.parent
    return None


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
    run: Interpreter, callee: TaskMethod, node: Node, _: list[Value], __: dict[str, Value]
) -> Value:
    if callee.name in ("expand", "expand_kwargs"):
        run.record("@task", node, {}, callee.function)
        return _XCOM
    return callee.function


def _instance(
    run: Interpreter, callee: Class, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    instance = Instance(callee)
    started: set[str] = set()
    for ancestor in ancestry(callee):
        if isinstance(ancestor, str):
            if "__init__" not in started and run.watched(ancestor):
                run.record(ancestor, node, _together(arguments, named), ancestor)
            break
        if isinstance(ancestor, Class):
            _start(run, ancestor, instance, node, arguments, named, started)
    return instance


def _start(
    run: Interpreter, of: Class, instance: Instance, node: Node, arguments: list[Value],
    named: dict[str, Value], started: set[str],
) -> None:  # fmt: skip
    """Run what one class of an object's ancestry does when the object is made."""
    for member in of.members.values():
        if isinstance(member, Factory):
            call(run, member.function, node, [], {})
    if "__init__" not in of.members and "__init__" not in started:
        for place, field in enumerate(_fields(of)):
            given = arguments[place] if place < len(arguments) else named.get(field)
            if given is not None:
                instance.attributes[field] = given
    for name in ("__new__", "__init__", "__post_init__"):
        method = of.members.get(name)
        if not isinstance(method, Function) or name in started:
            continue
        started.add(name)
        first: Value = instance.of if name == "__new__" else instance
        if name == "__post_init__":
            run.enter(method, node, [first], {})
        else:
            run.enter(method, node, [first, *arguments], named)


def _fields(of: Class) -> list[str]:
    """Return the names that a dataclass or a NamedTuple has fields of."""
    return [
        one.target.id
        for one in of.node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]


def _external(
    run: Interpreter, name: str, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    if name not in _LAZILY:
        arguments = [_taken(run, value) for value in arguments]
    special = KNOWN.get(name)
    if special is not None:
        return special(run, node, arguments, named)
    if arguments and isinstance(arguments[0], Function):
        role = role_of(name)
        if role is not None:
            return with_role(run, arguments[0], role)
    place = _RUNNERS.get(name.rpartition(".")[2], -1) if name.startswith(_POOLS) else -1
    if 0 <= place < len(arguments):
        call(run, arguments[place], node, [None] * (len(arguments) - 1 - place), {})
    _let_go(run, node, (*arguments, *named.values()))
    if run.watched(name):
        run.record(name, node, _together(arguments, named), name)
    return extended(name, "()")


_POOLS: Final = ("concurrent.futures.", "multiprocessing.", "asyncio.", "joblib.")
_RUNNERS: Final = {
    "submit": 0, "map": 0, "apply": 0, "apply_async": 0, "starmap": 0, "imap": 0,
    "imap_unordered": 0, "map_async": 0, "to_thread": 0, "run_in_executor": 1,
}  # fmt: skip
"""Where among the arguments the function is that these methods of pools and loops call."""


def _taken(run: Interpreter, value: Value) -> Value:
    """Return an argument as code that we do not see takes it: generators run."""
    if isinstance(value, Container):
        for item in value.items.values():
            run.force(item)
    return run.force(value)


def _together(arguments: list[Value], named: dict[str, Value]) -> dict[int | str, Value]:
    together: dict[int | str, Value] = dict(enumerate(arguments))
    together.update(named)
    return together


def _let_go(run: Interpreter, node: Node, values: Iterable[Value]) -> None:
    """Note DAG functions that are handed to code which we do not see: it may call them."""
    for value in values:
        if isinstance(value, Function) and value.role == "dag":
            run.record("@dag?", node, {}, value)


def _unknown(
    run: Interpreter, _: Value, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    for argument in arguments:
        _taken(run, argument)
    _let_go(run, node, (*arguments, *named.values()))
    return None


def _bound(
    run: Interpreter, callee: Bound, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    return call(run, callee.function, node, [*callee.first, *arguments], callee.named | named)


def _either(
    run: Interpreter, callee: Either, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    value: Value = None
    for one in callee.values:
        value = join(value, call(run, one, node, arguments, named))
    return value


def _object(
    run: Interpreter, callee: Instance, node: Node, arguments: list[Value], named: dict[str, Value]
) -> Value:
    method = attribute(run, callee, "__call__", node)
    return call(run, method, node, arguments, named) if method is not None else None


_CALLS: Final[dict[type[Any], Callable[..., Value]]] = {
    Bound: _bound,
    Class: _instance,
    Either: _either,
    Function: _function,
    Instance: _object,
    TaskMethod: _task_method,
    str: _external,
}
