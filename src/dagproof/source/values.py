"""What a name can stand for while a file is read: the values of the abstract interpreter.

An external thing is a string, its dotted name: `requests.get`; the result of calling it is
`requests.get()`, a subscript of it `requests.get()[]`. A constant is its own `ast.Constant`. None
is a value about which nothing is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from dagproof.source.file import Node, SourceFile
from dagproof.source.modules import Place

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Role: TypeAlias = Literal["plain", "task", "dag", "property", "static", "class"]
Frame: TypeAlias = tuple[SourceFile, Node]
"""One call on the way to an event: the file it stands in, and its node."""


class Scope:
    """Names and what they stand for, as far as the code has run."""

    __slots__ = ("declared", "depth", "names", "of_class", "parent", "returns", "unit", "yields")

    def __init__(self, unit: Unit, parent: Scope | None) -> None:
        self.unit = unit
        self.parent = parent
        self.of_class: Class | None = None
        self.names: dict[str, Value] = {}
        self.declared: frozenset[str] = frozenset()  # by `global`
        self.depth = 0  # of code that may or may not run
        self.returns: list[Value] | None = None  # a list where the scope is a function's
        self.yields = False

    @property
    def enclosing(self) -> Scope:
        """The scope that functions defined here look names up in."""
        return self if self.of_class is None or self.parent is None else self.parent


@dataclass(slots=True, eq=False)
class Unit:
    """A module of the repository, and what happened when its body ran.

    Attributes:
        directory: where its submodules are, for a package; else None.
        source: its file; None for a namespace package.
        scope: its globals.
        events: what its body did, through whatever it called.
        dags: `@dag` functions that were defined while it ran, whoever defined them.
        entered: the functions that ran.
        found: what was asked for while it ran, by who asked and for what, and where it was.
        stars: the libraries that it imports all names from.
        wanders: whether it imports from folders of its own choice, by `sys.path`.
        done: whether its body has run to its end.
    """

    directory: Path | None = None
    source: SourceFile | None = None
    scope: Scope = field(init=False)
    events: list[Event] = field(default_factory=list)
    dags: list[tuple[Function, tuple[Frame, ...]]] = field(default_factory=list)
    entered: set[ast.AST] = field(default_factory=set)
    found: dict[tuple[Path, str], tuple[Place, ...]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    wanders: bool = False
    done: bool = False

    def __post_init__(self) -> None:
        self.scope = Scope(self, None)


@dataclass(slots=True, eq=False)
class Event:
    """Something that happens while a module is imported: a call, a write to a place, an import.

    Attributes:
        name: the dotted name of what is called; `import NAME`, and `import .` for a module of the
            repository; or, for decorated functions of the
            repository, `@task`, `@dag`, and `@dag?` where it cannot be known who calls it.
        node: where.
        source: in which file.
        chain: the calls that led here, outermost first.
        arguments: by position and by name, as far as they are known.
        callee: the value that is called.
        logged: whether its value is only printed or logged.
        unit: the module of the repository that is imported here.
    """

    name: str
    node: Node
    source: SourceFile
    chain: tuple[Frame, ...] = ()
    arguments: dict[int | str, Value] = field(default_factory=dict)
    callee: Value = None
    logged: bool = False
    unit: Unit | None = None


@dataclass(slots=True, eq=False)
class Function:
    """A function or lambda of the repository, with what it closes over."""

    node: FunctionNode
    scope: Scope
    source: SourceFile
    defaults: dict[str, Value]
    owner: Class | None = None
    role: Role = "plain"


@dataclass(slots=True, eq=False)
class Class:
    """A class of the repository."""

    node: ast.ClassDef
    bases: list[Value]
    members: dict[str, Value]


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a class of the repository."""

    of: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Super:
    """`super()` in a method of `owner`, called on `instance`."""

    owner: Class
    instance: Value


@dataclass(slots=True, eq=False)
class Bound:
    """A function with its first arguments given: a method of an object, or a partial."""

    function: Value
    first: list[Value]
    named: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class TaskMethod:
    """`override`, `partial`, `expand` or `expand_kwargs` of a task function."""

    function: Function
    name: str


@dataclass(slots=True, eq=False)
class Container:
    """A list, tuple, set or dict, as far as its items are known; also what a generator yields."""

    items: dict[object, Value]
    node: Node | None = None

    def any(self) -> Value:
        """Return what any of the items may be."""
        value: Value = None
        for item in self.items.values():
            value = join(value, item)
        return value

    def extend(self, values: Iterable[Value]) -> None:
        """Add values whose places are not known."""
        for value in room(values, len(self.items)):
            self.items[len(self.items), "*"] = value


@dataclass(slots=True, eq=False)
class Lazy:
    """A generator, coroutine or `map`: what it does happens when somebody takes from it.

    A thread, which has a name, does it when it is started.
    """

    value: Value
    events: list[Event]
    name: str | None = None


@dataclass(slots=True, eq=False)
class Factory:
    """`dataclasses.field(default_factory=...)`."""

    function: Value


@dataclass(slots=True, eq=False)
class Either:
    """One of several values: the code decides when it runs."""

    values: tuple[Value, ...]


Value: TypeAlias = (
    str | ast.Constant | Unit | Function | Class | Instance | Super | Bound | TaskMethod
    | Container | Lazy | Factory | Either | None
)  # fmt: skip

_MOST = 12

_LONGEST = 240
"""Characters of a name; code that builds longer ones goes round in a circle."""


def extended(name: str, more: str) -> str | None:
    """Return the name of a part or a result of something external."""
    return f"{name}{more}" if len(name) < _LONGEST else None


_MOST_ITEMS = 1_000
"""Items that a list has from other lists: one that is added to itself would double each time."""


def room(values: Iterable[Value], held: int) -> list[Value]:
    """Return as many of the values as there is room for in a list that holds some already."""
    return list(islice(values, max(0, _MOST_ITEMS - held)))


def join(one: Value, other: Value) -> Value:
    """Return what a name stands for that has been given one value or another."""
    if one is other or other is None:
        return None if isinstance(one, ast.Constant) and other is None else one
    if one is None:
        return None if isinstance(other, ast.Constant) else other
    if isinstance(one, ast.Constant) or isinstance(other, ast.Constant):
        if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
            same = type(one.value) is type(other.value) and one.value == other.value
            return one if same else None
        return other if isinstance(one, ast.Constant) else one
    known = one.values if isinstance(one, Either) else (one,)
    more = other.values if isinstance(other, Either) else (other,)
    new = tuple(value for value in more if value not in known)
    return Either((known + new)[:_MOST]) if new else one
