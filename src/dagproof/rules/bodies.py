"""What is known of the values in the body of a function, while it is followed.

Import is the interpreter's work; this is for what runs later, in a task. Where a value is not
known, or the code decides between two of them, there is none.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from dagproof.source.file import SourceFile
from dagproof.source.values import Container, Frame, Function, Scope, Value


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """What a template has been rendered to."""

    template: str
    changed: bool = False  # by a method of it


class Made(Container):
    """A list, tuple, set or dict that the body itself makes, and may change."""

    __slots__ = ()


NUMBER: Final = "#number"
"""Stands for any number; names of things never begin so."""

Known: TypeAlias = "Value | Text"


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A call of something that is not the repository's."""

    name: str
    node: ast.Call
    positional: list[Known]
    named: dict[str, Known]


Watcher: TypeAlias = Callable[["Body", ast.AST, "Sequence[Known]"], None]
"""Is shown a node whose parts are known, and the values of the parts."""


MOST_CALLS: Final = 100
"""Calls of helpers that are followed for one task."""


@dataclass(slots=True, eq=False)
class Body:
    """A function that is being followed.

    Attributes:
        function: whose body it is.
        names: what its local names stand for.
        run: follows the body of a helper.
        chain: the calls that lead here from the task's own function.
        returned: the values that it gives back, and where.
        calls: the calls of things outside the repository, in order, also those of its helpers.
        watch: is shown the nodes that take a `Text`.
        generates: whether it yields.
        entered: the functions that were followed, itself among them.
        budget: how many more calls of helpers are followed.
    """

    function: Function
    names: dict[str, Known]
    run: Callable[[Body], None]
    chain: tuple[Frame, ...] = ()
    returned: list[tuple[ast.expr, Known]] = field(default_factory=list)
    calls: list[tuple[SourceFile, Called]] = field(default_factory=list)
    watch: Watcher | None = None
    active: tuple[ast.AST, ...] = ()
    generates: bool = False
    entered: list[Function] = field(default_factory=list)
    budget: list[int] = field(default_factory=lambda: [MOST_CALLS])

    @property
    def source(self) -> SourceFile:
        """The file in which the function stands."""
        return self.function.source


def bind(
    function: Function, positional: Sequence[Known], named: Mapping[str, Known]
) -> dict[str, Known]:
    """Return the local names that a call begins with."""
    parameters = function.node.args
    names = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
    local: dict[str, Known] = dict.fromkeys([*names, *(one.arg for one in parameters.kwonlyargs)])
    for name in local:
        local[name] = named.get(name)
    local.update(zip(names, positional, strict=False))
    if parameters.vararg:
        local[parameters.vararg.arg] = None
    if parameters.kwarg:
        rest = {name: value for name, value in named.items() if name not in local}
        local[parameters.kwarg.arg] = Container(dict(rest)) if rest else None  # type: ignore[arg-type]
    return local


def merged(one: dict[str, Known], other: dict[str, Known]) -> dict[str, Known]:
    """Return the names after one way through the code or another."""
    return {
        name: value if same(value, other.get(name)) else None for name, value in one.items()
    } | {name: None for name in other if name not in one}


def same(one: Known, other: Known) -> bool:
    """Return whether two values are certainly alike."""
    if isinstance(one, str):
        return one == other
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        return type(one.value) is type(other.value) and one.value == other.value
    return one is other


def is_number(value: Known) -> bool:
    """Return whether a value is certainly a number."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    return value == NUMBER


def lookup(body: Body, name: str) -> Known:
    """Return what a name stands for in a body."""
    if name in body.names:
        return body.names[name]
    scope: Scope | None = body.function.scope
    while scope is not None:
        if name in scope.names:
            return scope.names[name]
        scope = scope.parent
    return _BUILTINS.get(name)


def guard(body: Body, test: ast.expr) -> None:
    """Let go of names whose type the code itself asks for."""
    for inner in ast.walk(test):
        if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)):
            continue
        if inner.func.id in ("isinstance", "type", "hasattr", "callable") and inner.args:
            asked = inner.args[0]
            if isinstance(asked, ast.Name):
                body.names[asked.id] = None


def show(body: Body, node: ast.AST, values: Sequence[Known]) -> None:
    """Show a node to who watches, if a text is among its parts."""
    if body.watch is None:
        return
    kinds = (Text, Container) if isinstance(node, ast.BinOp) else Text
    if any(isinstance(value, kinds) for value in values):
        body.watch(body, node, values)


_BUILTINS: Final = {name: f"builtins.{name}" for name in dir(builtins)}
