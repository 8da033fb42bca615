"""Follows the body of a function, statement by statement, in the order in which it would run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from dagproof.rules.bodies import (
    NUMBER,
    Body,
    Known,
    Watcher,
    bind,
    guard,
    is_number,
    merged,
    show,
)
from dagproof.rules.body_expressions import assign, each, evaluate
from dagproof.source.values import Container, Function


def follow(
    function: Function,
    positional: Sequence[Known] = (),
    named: Mapping[str, Known] | None = None,
    watch: Watcher | None = None,
) -> Body:
    """Follow a call of a function."""
    body = Body(function, bind(function, positional, named or {}), run, watch=watch)
    run(body)
    return body


@lru_cache(maxsize=64)
def followed(function: Function) -> Body:
    """Return a call of a function whose arguments are not known, followed once for all rules."""
    return follow(function)


def run(body: Body) -> None:
    """Follow the body of a function, with the names that it begins with."""
    node = body.function.node
    body.active = (*body.active, node)
    body.entered.append(body.function)
    if isinstance(node, ast.Lambda):
        body.returned.append((node.body, evaluate(body, node.body)))
        return
    _block(body, node.body)


def _block(body: Body, statements: Iterable[ast.stmt]) -> bool:
    """Follow statements; return whether the end of them is never reached."""
    for statement in statements:
        handler = _STATEMENTS.get(type(statement))
        if handler is None:
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr):
                    evaluate(body, child)
        elif handler(body, statement):
            return True
    return False


def _assign(body: Body, node: ast.Assign) -> None:
    value = evaluate(body, node.value)
    for target in node.targets:
        assign(body, target, value)


def _annotated(body: Body, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(body, node.target, evaluate(body, node.value))


def _augmented(body: Body, node: ast.AugAssign) -> None:
    value = evaluate(body, node.value)
    if not isinstance(node.target, ast.Name):
        return
    old = body.names.get(node.target.id)
    show(body, node, (old, value))
    if is_number(old) and is_number(value):
        body.names[node.target.id] = NUMBER
    elif not isinstance(old, Container):
        body.names[node.target.id] = None


def _if(body: Body, node: ast.If) -> bool:
    evaluate(body, node.test)
    outcome = _is_none(body, node.test)
    if outcome is not None:
        return _block(body, node.body if outcome else node.orelse)
    guard(body, node.test)
    before = dict(body.names)
    ends = _block(body, node.body)
    one, body.names = body.names, before
    other_ends = _block(body, node.orelse)
    if ends:
        return other_ends
    body.names = one if other_ends else merged(one, body.names)
    return False


def _is_none(body: Body, test: ast.expr) -> bool | None:
    """Return the outcome of `name is None`, where that is known."""
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name):
        return None
    other, op = test.comparators[0], test.ops[0]
    if len(test.ops) > 1 or not isinstance(other, ast.Constant) or other.value is not None:
        return None
    value = body.names.get(test.left.id)
    if value is None or not isinstance(op, ast.Is | ast.IsNot):
        return None
    absent = isinstance(value, ast.Constant) and value.value is None
    return absent is isinstance(op, ast.Is)


def _for(body: Body, node: ast.For | ast.AsyncFor) -> None:
    items = evaluate(body, node.iter)
    _forget(body, node)
    assign(body, node.target, each(items))
    _loop(body, node)


def _while(body: Body, node: ast.While) -> None:
    _forget(body, node)
    evaluate(body, node.test)
    guard(body, node.test)
    _loop(body, node)


def _loop(body: Body, node: ast.For | ast.AsyncFor | ast.While) -> None:
    before = dict(body.names)
    if not _block(body, node.body):
        body.names = merged(before, body.names)
    else:
        body.names = before
    _block(body, node.orelse)


def _try(body: Body, node: ast.Try | ast.TryStar) -> bool:
    before = dict(body.names)
    watch = body.watch
    if any(_expects(handler) for handler in node.handlers):
        body.watch = None  # what may happen to a text has been thought of
    ends = _block(body, node.body)
    body.watch = watch
    ends = ends or _block(body, node.orelse)
    after = body.names
    between = merged(before, after)
    left = [] if ends else [after]
    for handler in node.handlers:
        body.names = dict(between)
        for name in _assigned(node.body):
            body.names[name] = None
        if handler.name:
            body.names[handler.name] = None
        if not _block(body, handler.body):
            left.append(body.names)
    body.names = between if not left else left[0]
    for names in left[1:]:
        body.names = merged(body.names, names)
    return _block(body, node.finalbody) or not left


def _expects(handler: ast.excepthandler) -> bool:
    """Return whether a handler is there for values of the wrong type."""
    caught = getattr(handler, "type", None)
    names = [one.id for one in ast.walk(caught) if isinstance(one, ast.Name)] if caught else []
    return "TypeError" in names or "ValueError" in names


def _with(body: Body, node: ast.With | ast.AsyncWith) -> bool:
    for item in node.items:
        value = evaluate(body, item.context_expr)
        if item.optional_vars is not None:
            assign(body, item.optional_vars, value if isinstance(value, str) else None)
    before = dict(body.names)
    ends = _block(body, node.body)
    if ends and any("suppress" in ast.dump(item.context_expr) for item in node.items):
        body.names = before
        return False
    return ends


def _return(body: Body, node: ast.Return) -> bool:
    if node.value is not None:
        body.returned.append((node.value, evaluate(body, node.value)))
    return True


def _raise(body: Body, node: ast.Raise) -> bool:
    if node.exc is not None:
        evaluate(body, node.exc)
    return True


def _assert(body: Body, node: ast.Assert) -> None:
    evaluate(body, node.test)
    guard(body, node.test)


def _leave(_: Body, __: ast.stmt) -> bool:
    return True


def _define(body: Body, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
    body.names[node.name] = None
    for inner in ast.walk(node):
        if isinstance(inner, ast.Nonlocal | ast.Global):
            for name in inner.names:
                body.names[name] = None


def _import(body: Body, node: ast.Import) -> None:
    for alias in node.names:
        if alias.asname:
            body.names[alias.asname] = alias.name
        else:
            top = alias.name.partition(".")[0]
            body.names[top] = top


def _import_from(body: Body, node: ast.ImportFrom) -> None:
    for alias in node.names:
        name = alias.asname or alias.name
        body.names[name] = None if node.level else f"{node.module}.{alias.name}"


def _global(body: Body, node: ast.Global | ast.Nonlocal) -> None:
    for name in node.names:
        body.names[name] = None


def _match(body: Body, node: ast.Match) -> None:
    evaluate(body, node.subject)
    guard(body, node.subject)
    if isinstance(node.subject, ast.Name):
        body.names[node.subject.id] = None
    before = dict(body.names)
    after = dict(before)
    for case in node.cases:
        body.names = dict(before)
        for inner in ast.walk(case.pattern):
            name = getattr(inner, "name", None)
            if isinstance(name, str):
                body.names[name] = None
        if not _block(body, case.body):
            after = merged(after, body.names)
    body.names = after


_STATEMENTS: Final[dict[type[ast.stmt], Callable[[Body, Any], bool | None]]] = {
    ast.AnnAssign: _annotated, ast.Assert: _assert, ast.Assign: _assign, ast.AsyncFor: _for,
    ast.AsyncFunctionDef: _define, ast.AsyncWith: _with, ast.AugAssign: _augmented,
    ast.Break: _leave, ast.ClassDef: _define, ast.Continue: _leave, ast.For: _for,
    ast.FunctionDef: _define, ast.Global: _global, ast.If: _if, ast.Import: _import,
    ast.ImportFrom: _import_from, ast.Match: _match, ast.Nonlocal: _global, ast.Raise: _raise,
    ast.Return: _return, ast.Try: _try, ast.TryStar: _try, ast.While: _while, ast.With: _with,
}  # fmt: skip


def _forget(body: Body, node: ast.stmt) -> None:
    """Let go of what a loop may have changed when its second round begins."""
    for name in _assigned([node]):
        if name in body.names and not isinstance(body.names[name], Container):
            body.names[name] = None


def _assigned(statements: Iterable[ast.stmt]) -> frozenset[str]:
    found: set[str] = set()
    queue: list[ast.AST] = list(statements)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(one.asname or one.name.partition(".")[0]) for one in node.names}
        elif isinstance(node, ast.expr) and not isinstance(
            node, ast.Tuple | ast.List | ast.Starred | ast.NamedExpr
        ):
            continue
        else:
            if isinstance(node, ast.ExceptHandler) and node.name:
                found.add(node.name)
            queue.extend(ast.iter_child_nodes(node))
    return frozenset(found)
