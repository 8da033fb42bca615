"""Compares two states of a module: is it the inside of functions alone that has changed?"""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

Function = ast.FunctionDef | ast.AsyncFunctionDef

_TASKS: Final = frozenset({"task", "setup", "teardown"})


def changed_functions(before: ast.Module, after: ast.Module) -> frozenset[str] | None:
    """Return the names of the functions whose inside differs; None where anything else does.

    What a function is called with, its decorators and its docstring belong to the outside, and so
    does the inside of what Python or a decorator calls by itself.

    Args:
        before: a module.
        after: the same module, later.
    """
    then, now = list(_functions(before)), list(_functions(after))
    if [one.name for one in then] != [one.name for one in now]:
        return None
    differing = {
        one.name
        for one, other in zip(then, now, strict=True)
        if _dump(_inside(one)) != _dump(_inside(other))
    }
    by_themselves = {one.name for one in (*then, *now) if runs_by_itself(one)}
    if differing & by_themselves or _outside(before) != _outside(after):
        return None
    return frozenset(differing)


def runs_by_itself(function: Function) -> bool:
    """Say whether something may call a function that does not mention it."""
    special = function.name.startswith("__") and function.name.endswith("__")
    return special or not all(map(is_task, function.decorator_list))


def is_task(decorator: ast.expr) -> bool:
    """Say whether a decorator makes a task: `@task`, `@task.branch(…)`, `@setup`."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    while isinstance(decorator, ast.Attribute):
        if decorator.attr in _TASKS:
            return True
        decorator = decorator.value
    return isinstance(decorator, ast.Name) and decorator.id in _TASKS


def _functions(tree: ast.Module) -> Iterator[Function]:
    """Yield the outermost functions, methods among them, in order."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            yield node
        else:
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _inside(function: Function) -> Sequence[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function, clean=False) else function.body


def _outside(tree: ast.Module) -> str:
    """Return all but the inside of functions, as text."""
    kept = [(one, one.body) for one in _functions(tree)]
    try:
        for one, body in kept:
            one.body = [*body[: len(body) - len(_inside(one))], ast.Pass()]
        return ast.dump(tree)
    finally:
        for one, body in kept:
            one.body = body


def _dump(statements: Sequence[ast.stmt]) -> str:
    return "\n".join(map(ast.dump, statements))
