"""Runs what a module runs when it is imported, without importing it.

Statements and expressions are followed in the order in which Python would, with values that are
names and definitions instead of objects. Every call is entered if its function is the
repository's, and is an event if it is not.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from dagproof.source import assignments, calls, expressions, imports, parameters, statements
from dagproof.source.file import Node, SourceFile
from dagproof.source.modules import Finder, Place
from dagproof.source.values import Event, Frame, Function, Instance, Lazy, Scope, Unit, Value

_EXPRESSIONS: Final = expressions.HANDLERS
_STATEMENTS: Final = statements.HANDLERS

_DEEPEST: Final = 50
"""Calls within calls that are followed; recursion ends much earlier."""

_MOST_CALLS: Final = 20_000
"""Calls that are entered for one module."""


_MOST_EVENTS: Final = 1_000
"""Events of one call that are all kept; of more, a few of those that are alike."""

_MOST_ALIKE: Final = 20

_MOST_COPIES: Final = 500_000
"""Events of calls that are kept for one module."""

_MOST_VARIANTS: Final = 6
"""Calls of one function whose constants are told apart; a hundred DAGs of a factory need not be."""


class Interpreter:
    """Runs modules of a repository, each of them once.

    Args:
        finder: finds the modules that are imported.
        read: gives a file of the repository, parsed.
        watched: whether an event of this name is wanted.
    """

    def __init__(
        self, finder: Finder, read: Callable[[Path], SourceFile], watched: Callable[[str], bool]
    ) -> None:
        self.finder = finder
        self.watched = watched
        self._read = read
        self._units: dict[Path, Unit] = {}
        self.unit: Unit
        self.source: SourceFile
        self.events: list[Event] = []
        self.dags: list[tuple[Function, tuple[Frame, ...]]] = []
        self.logging = 0
        self._steps = 0
        self._copies = 0
        self._active: list[ast.AST] = []
        self._known: dict[SourceFile, dict[ast.AST, dict[tuple[object, ...], _Summary]]] = {}
        self._imported: set[Path] = set()
        self._scopes: dict[SourceFile, list[Scope]] = {}

    def module(self, path: Path) -> Unit:
        """Run a file as Airflow would import it; a file that is running already is returned."""
        unit = self._units.get(path)
        if unit is None:
            directory = path.parent if path.name == "__init__.py" else None
            unit = self._units[path] = Unit(directory, self._read(path))
            self._run(unit)
        return unit

    def forget(self, path: Path) -> None:
        """Let go of a module that has been looked at, unless another one imports it."""
        unit = self._units.get(path)
        if unit is None or unit.source is None or path in self._imported:
            return
        del self._units[path]
        self._known.pop(unit.source, None)
        # Scopes and what is defined in them refer to each other. Taken apart, they are freed at
        # once, and the garbage collector has nothing to look for in thousands of trees.
        for scope in (unit.scope, *self._scopes.pop(unit.source, ())):
            scope.names.clear()
            scope.returns = None
        unit.events.clear()
        unit.dags.clear()
        unit.entered.clear()
        unit.source = None

    def place(self, place: Place) -> Unit:
        """Return the module or package at a place, run."""
        if place.file is not None:
            self._imported.add(place.file)
            return self.module(place.file)
        folder = place.folder or Path()
        if folder not in self._units:
            self._units[folder] = Unit(folder, done=True)
        return self._units[folder]

    def find(self, dotted: str) -> tuple[Place, ...]:
        """Return where the parts of a dotted name are that the running code imports."""
        folder = self.source.folder
        places = self.finder.find(folder, dotted)
        self.unit.found[folder, dotted] = places
        if not places and self.unit.wanders:
            places = self.finder.anywhere(folder, dotted)
            self.unit.found[folder, f"~{dotted}"] = places
        return places

    def child(self, folder: Path, name: str) -> Place | None:
        """Return where a submodule is that the running code asks for."""
        place = self.finder.child(folder, name)
        self.unit.found[folder, f".{name}"] = (place,) if place else ()
        return place

    def package(self, folder: Path) -> Unit:
        """Return the package that a folder is."""
        file = folder / "__init__.py"
        has_file = "__init__" in self.finder.listing(folder)
        return self.place(Place(file if has_file else None, folder))

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """Return what an expression stands for, having followed the calls in it."""
        kind = type(node)
        if kind is ast.Constant:
            return node  # type: ignore[return-value]
        return _EXPRESSIONS.get(kind, expressions.parts)(self, node, scope)

    def block(self, body: Sequence[ast.stmt], scope: Scope) -> bool:
        """Run statements; return whether the end of them is never reached."""
        for statement in body:
            handler = _STATEMENTS.get(type(statement))
            if handler is not None and handler(self, statement, scope):
                return True
        return False

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give a value to what stands on the left of an assignment."""
        assignments.assign(self, target, value, scope)

    def bind(self, name: str, value: Value, scope: Scope) -> None:
        """Give a value to a name."""
        assignments.bind(name, value, scope)

    def import_(self, dotted: str, node: Node) -> Value:
        """Run `import a.b.c`; return what `a.b.c` stands for."""
        return imports.import_module(self, dotted, node)

    def call(
        self,
        callee: Value,
        node: Node,
        arguments: Sequence[Value] = (),
        named: Mapping[str, Value] | None = None,
    ) -> Value:
        """Follow a call; return what it gives back."""
        return calls.call(self, callee, node, list(arguments), dict(named or {}))

    def record(
        self, name: str, node: Node, arguments: dict[int | str, Value], callee: Value = None,
        unit: Unit | None = None,
    ) -> None:  # fmt: skip
        """Write down that something happens here."""
        self.events.append(
            Event(name, node, self.source, (), arguments, callee, self.logging > 0, unit)
        )

    def enter(
        self, function: Function, node: Node, arguments: list[Value], named: dict[str, Value]
    ) -> Value:
        """Run the body of a function that is called at `node`; return what it returns."""
        body = function.node
        summaries = self._known.setdefault(function.source, {}).setdefault(body, {})
        same = _key if len(summaries) < _MOST_VARIANTS else _rough_key
        key = (
            function.scope, *map(same, arguments), None,
            *((name, same(value)) for name, value in named.items()),
        )  # fmt: skip
        summary = summaries.get(key)
        if summary is None:
            if (
                len(self._active) > _DEEPEST
                or self._active.count(body) > 1
                or self._steps > _MOST_CALLS
            ):
                return None
            summary = self._enter(function, arguments, named)
            summaries[key] = summary
        frame = (self.source, node)
        self._copies += len(summary.events)
        if self._copies > _MOST_COPIES:
            return summary.value
        events = [
            Event(
                event.name, event.node, event.source, (frame, *event.chain), event.arguments,
                event.callee, event.logged or self.logging > 0, event.unit,
            )
            for event in summary.events
        ]  # fmt: skip
        for dag, chain in summary.dags:
            self.dags.append((dag, (frame, *chain)))
        if summary.lazy:
            return Lazy(summary.value, events)
        self.events += events
        return summary.value

    def later(self, work: Callable[[], Value]) -> Lazy:
        """Follow code that does not run before somebody takes from what it gives."""
        outside, self.events = self.events, []
        try:
            return Lazy(work(), self.events)
        finally:
            self.events = outside

    def scope(self, parent: Scope) -> Scope:
        """Return a new scope of the code that runs."""
        made = Scope(parent.unit, parent)
        self._scopes.setdefault(self.source, []).append(made)
        return made

    def force(self, value: Value) -> Value:
        """Take what a generator or coroutine gives: now it runs."""
        if isinstance(value, Lazy):
            self.events += value.events
            value.events = []
            return value.value
        return value

    def _enter(
        self, function: Function, arguments: list[Value], named: dict[str, Value]
    ) -> _Summary:
        outside = (self.source, self.events, self.dags, self.logging)
        self.source, self.events, self.dags, self.logging = function.source, [], [], 0
        self._active.append(function.node)
        self.unit.entered.add(function.node)
        self._steps += 1
        try:
            scope = self.scope(function.scope)
            scope.names = parameters.bind(function, arguments, named)
            value = self._body(function, scope)
            lazy = scope.yields or isinstance(function.node, ast.AsyncFunctionDef)
            events = _thinned(self.events, lambda event: event.node)
            dags = _thinned(self.dags, lambda dag: dag[0].node)
            return _Summary(value, events, dags, lazy=lazy)
        finally:
            self._active.pop()
            self.source, self.events, self.dags, self.logging = outside

    def _body(self, function: Function, scope: Scope) -> Value:
        if isinstance(function.node, ast.Lambda):
            return self.evaluate(function.node.body, scope)
        scope.returns = []
        ends = self.block(function.node.body, scope)
        if ends and not scope.returns:
            return calls.NEVER
        return calls.joined(scope.returns)

    def _run(self, unit: Unit) -> None:
        if unit.source is None:
            return
        outside = (
            getattr(self, "unit", unit), getattr(self, "source", unit.source), self.events,
            self.dags, self.logging, self._steps, self._copies, self._active,
        )  # fmt: skip
        self.unit, self.source, self.events = unit, unit.source, unit.events
        self.dags, self.logging, self._steps, self._active = unit.dags, 0, 0, []
        self._copies = 0
        try:
            self.block(unit.source.tree.body, unit.scope)
        except RecursionError:
            if unit.source.problem is None:
                unit.source.problem = "the code is nested too deeply to be followed"
        finally:
            unit.done = True
            (
                self.unit, self.source, self.events, self.dags, self.logging, self._steps,
                self._copies, self._active,
            ) = outside  # fmt: skip


class _Summary:
    """What one call did and gave back: the same call again does the same."""

    __slots__ = ("dags", "events", "lazy", "value")

    def __init__(
        self,
        value: Value,
        events: list[Event],
        dags: list[tuple[Function, tuple[Frame, ...]]],
        *,
        lazy: bool,
    ) -> None:
        self.value = value
        self.lazy = lazy
        self.events = events
        self.dags = dags


_T = TypeVar("_T")


def _thinned(found: list[_T], node: Callable[[_T], ast.AST]) -> list[_T]:
    """Return a list without most of what is alike, if it is long: calls of calls double it."""
    if len(found) <= _MOST_EVENTS:
        return found
    counts: Counter[ast.AST] = Counter()
    kept: list[_T] = []
    for one in found:
        counts[node(one)] += 1
        if counts[node(one)] <= _MOST_ALIKE:
            kept.append(one)
    return kept


def _key(value: Value) -> object:
    """Return what makes two arguments the same to a function that is called twice."""
    if isinstance(value, ast.Constant):
        return (type(value.value), value.value)
    return value


def _rough_key(value: Value) -> object:
    """Return what makes two arguments alike to a function that is called very often."""
    if isinstance(value, ast.Constant):
        return None
    return value.of if isinstance(value, Instance) else value
