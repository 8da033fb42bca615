"""Where a value that is computed at import ends up."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dagproof.rules.reading import Reading
from dagproof.source.values import Event

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

_PURE: Final = frozenset(
    {
        "str", "int", "float", "round", "timedelta", "datetime", "date", "strftime", "strptime",
        "isoformat", "replace", "format", "timestamp", "subtract", "add", "start_of", "end_of",
        "weekday", "isoweekday", "total_seconds", "to_date_string", "in_timezone", "astimezone",
        "split", "join", "lower", "upper",
    }
)  # fmt: skip
"""Functions and methods that give back what they are given in another form."""

_TALK: Final = frozenset({"print", "debug", "info", "warning", "error", "exception", "log"})
"""Names of functions whose arguments are only shown."""


def only_for_tasks(reading: Reading, event: Event) -> bool:
    """Say whether a value defines no DAG, because nothing that runs at import uses it.

    It is then logged, left alone, or used while a task runs. It may be given to names first, be
    counted with, and be given on.
    """
    if event.source is not reading.source:
        return False
    use = _use(reading)
    if event.node in use.idle:
        return True
    name = use.given.get(event.node)
    return name is not None and name not in use.names


class _Use:
    """How the code of a module that runs at import uses names.

    Attributes:
        given: the name that a call's value is given to, by the call.
        names: the names whose values are used.
        idle: calls in default arguments of functions that do not run.
    """

    def __init__(self, reading: Reading) -> None:
        self.given: dict[ast.AST, str] = {}
        self.names: set[str] = set()
        self.idle: set[ast.AST] = set()
        self._entered = reading.unit.entered
        self._varying = {event.node for event in reading.effects("DP111")}
        self._flows: dict[str, set[str]] = {}
        for statement in reading.source.tree.body:
            self._look(statement)
        waiting = list(self.names)
        while waiting:
            more = self._flows.pop(waiting.pop(), set()) - self.names
            self.names |= more
            waiting += more

    def _look(self, node: ast.AST) -> None:
        if isinstance(node, _FUNCTIONS) and node not in self._entered:
            self._look_at_definition(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            self._look_at_assignment(node, node.value)
        elif isinstance(node, ast.Call) and _name(node.func) in _TALK:
            return
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.names.add(node.id)
        else:
            for child in ast.iter_child_nodes(node):
                self._look(child)

    def _look_at_assignment(self, node: ast.Assign | ast.AnnAssign, value: ast.expr) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        target = targets[0]
        carried = list(self._carried(value))
        if len(targets) > 1 or not isinstance(target, ast.Name) or not carried:
            for child in ast.iter_child_nodes(node):
                self._look(child)
            return
        for inner in carried:
            if isinstance(inner, ast.Call):
                self.given[inner] = target.id
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                self._flows.setdefault(target.id, set()).add(inner.id)

    def _carried(self, value: ast.expr) -> Iterator[ast.expr]:
        """Yield the parts of a value, if it is only written, counted or shifted in other ways."""
        parts = list(ast.walk(value))
        calls = [part for part in parts if isinstance(part, ast.Call)]
        if all(call in self._varying or _name(call.func) in _PURE for call in calls):
            yield from (part for part in parts if isinstance(part, ast.Call | ast.Name))

    def _look_at_definition(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    ) -> None:
        for default in (*function.args.defaults, *function.args.kw_defaults):
            if default is not None:
                self.idle.update(ast.walk(default))
        if not isinstance(function, ast.Lambda):
            for decorator in function.decorator_list:
                self._look(decorator)


@lru_cache(maxsize=2)
def _use(reading: Reading) -> _Use:
    return _Use(reading)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
