"""What import statements bring in: the repository's modules are run, others are names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dagproof.source.attributes import of_unit
from dagproof.source.file import Node
from dagproof.source.values import Scope, Unit, Value

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter


def import_module(run: Interpreter, dotted: str, node: Node) -> Value:
    """Run `import a.b.c`; return the innermost module, or its name if it is a library's."""
    places = run.find(dotted)
    if not places:
        name = f"import {dotted}"
        if run.watched(name):
            run.record(name, node, {})
        return dotted
    unit: Unit | None = None
    for place in places:
        unit = run.place(place)
        _note(run, unit, node)
    return unit if len(places) == dotted.count(".") + 1 else None


def top_of(run: Interpreter, dotted: str) -> Value:
    """Return what `import a.b.c` binds: the outermost package."""
    top = dotted.partition(".")[0]
    places = run.find(dotted)
    return run.place(places[0]) if places else top


def import_from(run: Interpreter, node: ast.ImportFrom, scope: Scope) -> None:
    """Run `from a import b`."""
    module = _relative(run, node) if node.level else import_module(run, node.module or "", node)
    for alias in node.names:
        if alias.name == "*":
            _star(module, scope)
            continue
        value: Value = None
        if isinstance(module, Unit):
            value = of_unit(run, module, alias.name)
            if isinstance(value, Unit):
                _note(run, value, node)
        elif isinstance(module, str):
            value = f"{module}.{alias.name}"
            name = f"import {value}"
            if run.watched(name) and not run.watched(f"import {module}"):
                run.record(name, node, {})
        run.bind(alias.asname or alias.name, value, scope)


def _relative(run: Interpreter, node: ast.ImportFrom) -> Value:
    folder = run.source.path.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    if not node.module:
        package = run.package(folder)
        _note(run, package, node)
        return package
    unit: Unit | None = None
    for part in node.module.split("."):
        place = run.child(folder, part)
        if place is None:
            return None
        unit = run.place(place)
        _note(run, unit, node)
        folder = place.folder or folder
    return unit


def _star(module: Value, scope: Scope) -> None:
    if isinstance(module, str):
        scope.unit.stars.append(module)
    elif isinstance(module, Unit):
        scope.unit.stars += module.stars
        for name, value in module.scope.names.items():
            if not str(name).startswith("_"):  # a node where `globals()[...]` is given a value
                scope.names[name] = value


def _note(run: Interpreter, unit: Unit, node: Node) -> None:
    if unit.source is not None:
        run.record("import .", node, {}, None, unit)
