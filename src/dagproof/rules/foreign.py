"""Names that a module imports from code that nobody here can see: it may do anything."""

import ast
import sys
from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from dagproof.rules.entry_points import LIBRARIES
from dagproof.rules.reading import Reading
from dagproof.source.values import Class, Function, Scope, Unit, Value

_HARMLESS: Final = LIBRARIES | sys.stdlib_module_names | frozenset({
    "airflow", "bs4", "builtins", "croniter", "dateutil", "docker", "dotenv", "git", "google",
    "jinja2", "kubernetes", "lxml", "numpy", "pandas", "pendulum", "pydantic", "pytz", "sklearn",
    "slack_sdk", "sqlalchemy", "telegram", "tenacity", "toml", "tqdm", "typing_extensions",
    "tzlocal", "yaml",
})  # fmt: skip
"""Libraries that make no DAGs and no tasks."""

_DEEPEST: Final = 9


def foreign_names(reading: Reading) -> tuple[str, ...]:
    """Return the names that may stand for something that makes DAGs or tasks."""
    scope = reading.unit.scope
    imported = [
        name for name, module in _imported(reading.source.tree.body) if _unseen(name, module, scope)
    ]
    # A name may be a node: of `globals()[...] = ...`, where the name is not known.
    return (*imported, *(str(name) for name, value in scope.names.items() if _inherits(value)))


def _imported(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                module = "." if statement.level else statement.module or "."
                yield alias.asname or alias.name, module
        elif isinstance(statement, ast.Try | ast.If):
            yield from _imported([*statement.body, *statement.orelse])
            for handler in getattr(statement, "handlers", ()):
                yield from _imported(handler.body)


def _unseen(name: str, module: str, scope: Scope) -> bool:
    if module.partition(".")[0] in _HARMLESS:
        return False
    return _unknown(scope.names.get(name))


def _unknown(value: Value) -> bool:
    if isinstance(value, str):
        return value.partition(".")[0] not in _HARMLESS
    return value is None


def _inherits(value: Value, depth: int = 0) -> bool:
    """Return whether something is a class of the repository that builds on unseen code."""
    if isinstance(value, Unit) and depth == 0:
        return any(_inherits(inner, 1) for inner in list(value.scope.names.values()))
    if not isinstance(value, Class) or depth > _DEEPEST:
        return False
    return _starts_oddly(value) or any(
        _unknown(base) or _inherits(base, depth + 2) for base in value.bases
    )


def _starts_oddly(of: Class) -> bool:
    """Return whether a class calls the `__init__` of its base in a way that is not followed."""
    method = of.members.get("__init__")
    if not isinstance(method, Function) or not of.bases:
        return False
    found = _ODD.get(method.node)
    if found is None:
        found = _ODD[method.node] = _is_odd(method)
    return found


_ODD: Final[WeakKeyDictionary[ast.AST, bool]] = WeakKeyDictionary()


def _is_odd(method: Function) -> bool:
    starts = [
        node.func.value
        for node in ast.walk(method.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
    ]
    return not starts or any(not isinstance(one, ast.Call) or one.args for one in starts)
