"""What each kind of statement does when a module runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dagproof.source import calls, imports, parameters
from dagproof.source.assignments import assign, bind, write
from dagproof.source.attributes import attribute
from dagproof.source.expressions import each
from dagproof.source.truth import truth
from dagproof.source.values import (
    Class,
    Container,
    Function,
    Instance,
    Lazy,
    Scope,
    Value,
)

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

Handler: TypeAlias = Callable[["Interpreter", Any, Scope], bool | None]

_LEAVES: Final = frozenset({calls.NEVER, "os._exit()", "builtins.exit()", "builtins.quit()"})


def _expression(run: Interpreter, node: ast.Expr, scope: Scope) -> bool:
    if isinstance(node.value, ast.Constant):
        return False
    value = run.evaluate(node.value, scope)
    return isinstance(value, str) and value in _LEAVES


def _assign(run: Interpreter, node: ast.Assign, scope: Scope) -> None:
    value = run.evaluate(node.value, scope)
    for target in node.targets:
        assign(run, target, value, scope)


def _annotated(run: Interpreter, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        assign(run, node.target, run.evaluate(node.value, scope), scope)
    if scope.returns is None:  # those of local names do not run
        _annotation(run, node.annotation, scope)


def _augmented(run: Interpreter, node: ast.AugAssign, scope: Scope) -> None:
    value = run.evaluate(node.value, scope)
    if isinstance(node.target, ast.Name):
        old = run.evaluate(
            ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target), scope
        )
        bind(node.target.id, old if isinstance(old, str | Container) else value, scope)
        if isinstance(old, Container) and isinstance(value, Container):
            old.extend(value.items.values())
        return
    if isinstance(node.target, ast.Attribute):
        owner = run.evaluate(node.target, scope)
        if isinstance(owner, str):
            write(run, f"{owner}.__ior__", node.target, value)
    elif isinstance(node.target, ast.Subscript):
        assign(run, node.target, value, scope)


def _delete(run: Interpreter, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            scope.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = run.evaluate(target.value, scope)
            run.evaluate(target.slice, scope)
            if isinstance(owner, str):
                write(run, f"{owner}.__delitem__", target, None)


def _if(run: Interpreter, node: ast.If, scope: Scope) -> bool:
    run.evaluate(node.test, scope)
    known = truth(run, node.test, scope)
    if known is not None:
        return run.block(node.body if known else node.orelse, scope)
    scope.depth += 1
    ends = [run.block(node.body, scope), run.block(node.orelse, scope)]
    scope.depth -= 1
    return all(ends)


def _for(run: Interpreter, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
    items = run.evaluate(node.iter, scope)
    scope.depth += 1
    if not (isinstance(items, Container) and not items.items and items.node is node.iter):
        value = each(run, items, node)
        if isinstance(node.target, ast.Name):
            scope.names[node.target.id] = value  # the one of each round, not an older one
        else:
            assign(run, node.target, value, scope)
        run.block(node.body, scope)
    run.block(node.orelse, scope)
    scope.depth -= 1


def _while(run: Interpreter, node: ast.While, scope: Scope) -> bool:
    run.evaluate(node.test, scope)
    known = truth(run, node.test, scope)
    scope.depth += 1
    if known is not False:
        run.block(node.body, scope)
    run.block(node.orelse, scope)
    scope.depth -= 1
    return known is True and not any(isinstance(inner, ast.Break) for inner in ast.walk(node))


def _with(run: Interpreter, node: ast.With | ast.AsyncWith, scope: Scope) -> bool:
    opened: list[Value] = []
    for context in node.items:
        value = run.evaluate(context.context_expr, scope)
        opened.append(value)
        entered = _entered(run, value, context.context_expr)
        if context.optional_vars is not None:
            assign(run, context.optional_vars, entered, scope)
    ends = run.block(node.body, scope) and not _suppresses(opened)
    for value in opened:
        if isinstance(value, Instance):
            leave = attribute(run, value, "__exit__", node)
            if not isinstance(leave, str):
                run.call(leave, node, [None] * 3)
    return ends


def _suppresses(opened: Sequence[Value]) -> bool:
    """Return whether code behind a `with` may run although its body does not end."""
    return any(value is None or isinstance(value, Instance | Lazy) for value in opened) or (
        "contextlib.suppress()" in opened
    )


def _entered(run: Interpreter, value: Value, node: ast.expr) -> Value:
    value = run.force(value)  # a generator under @contextmanager
    if isinstance(value, Container):
        return value.any()
    if isinstance(value, Instance):
        enter = attribute(run, value, "__enter__", node)
        if enter is not None and not isinstance(enter, str):
            return run.call(enter, node)
    return value


def _try(run: Interpreter, node: ast.Try | ast.TryStar, scope: Scope) -> bool:
    ends = run.block(node.body, scope)
    if not ends:
        ends = run.block(node.orelse, scope)
    scope.depth += 1
    for handler in node.handlers:
        if handler.name:
            bind(handler.name, None, scope)
        ends = run.block(handler.body, scope) and ends
    scope.depth -= 1
    return run.block(node.finalbody, scope) or ends


def _match(run: Interpreter, node: ast.Match, scope: Scope) -> bool:
    run.evaluate(node.subject, scope)
    ends = _takes_all(node.cases[-1])
    scope.depth += 1
    for case in node.cases:
        for name in _captured(case.pattern):
            bind(name, None, scope)
        if case.guard is not None:
            run.evaluate(case.guard, scope)
        ends = run.block(case.body, scope) and ends
    scope.depth -= 1
    return ends


def _takes_all(case: ast.match_case) -> bool:
    """Return whether a case is `case _` or `case name`."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _captured(pattern: ast.pattern) -> Sequence[str]:
    names = [getattr(inner, "name", None) for inner in ast.walk(pattern)]
    return [name for name in names if isinstance(name, str)]


def _function(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    decorators = [(one, run.evaluate(one, scope)) for one in node.decorator_list]
    found = parameters.defaults(run, node, scope)
    _annotations(run, node, scope)
    value: Value = Function(node, scope.enclosing, run.source, found, scope.of_class)
    for place, decorator in reversed(decorators):
        if isinstance(place, ast.Attribute) and place.attr in ("setter", "deleter"):
            bind(f"{node.name}.{place.attr}", value, scope)
            return
        value = calls.decorated(run, decorator, value, place)
    bind(node.name, value, scope)


def _annotations(
    run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope
) -> None:
    """Run annotations; only calls in them can do anything."""
    parameters = node.args
    every = [*parameters.args, *parameters.posonlyargs, *parameters.kwonlyargs]
    for annotation in (node.returns, *(parameter.annotation for parameter in every)):
        _annotation(run, annotation, scope)


def _annotation(run: Interpreter, annotation: ast.expr | None, scope: Scope) -> None:
    if type(annotation) is ast.Call and "annotations" not in scope.unit.scope.names:
        run.evaluate(annotation, scope)


def _class(run: Interpreter, node: ast.ClassDef, scope: Scope) -> None:
    decorators = [(one, run.evaluate(one, scope)) for one in node.decorator_list]
    bases = [run.evaluate(base, scope) for base in node.bases]
    inner = run.scope(scope.enclosing)
    made = inner.of_class = Class(node, bases, inner.names)
    keywords = {word.arg: run.evaluate(word.value, scope) for word in node.keywords if word.arg}
    run.block(node.body, inner)
    for base in bases:
        if isinstance(base, Class):
            hook = attribute(run, base, "__init_subclass__", node)
            if isinstance(hook, Function):
                run.call(hook, node, [made], keywords)
    value: Value = made
    for place, decorator in reversed(decorators):
        value = calls.decorated(run, decorator, value, place)
    bind(node.name, value, scope)


def _return(run: Interpreter, node: ast.Return, scope: Scope) -> bool:
    value = run.evaluate(node.value, scope) if node.value is not None else None
    if scope.returns is not None:
        scope.returns.append(value)
    return True


def _raise(run: Interpreter, node: ast.Raise, scope: Scope) -> bool:
    raised = run.evaluate(node.exc, scope) if node.exc is not None else None
    if scope.returns is not None and isinstance(raised, str) and "NotImplemented" in raised:
        scope.returns.append(None)  # a subclass that we do not see returns here
    return True


def _leave(_: Interpreter, __: ast.Break | ast.Continue, ___: Scope) -> bool:
    return True


def _global(_: Interpreter, node: ast.Global, scope: Scope) -> None:
    scope.declared |= frozenset(node.names)


def _assert(run: Interpreter, node: ast.Assert, scope: Scope) -> None:
    run.evaluate(node.test, scope)


def _import(run: Interpreter, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        value = run.import_(alias.name, node)
        top = alias.name.partition(".")[0]
        if alias.asname:
            bind(alias.asname, value, scope)
        else:
            bind(top, imports.top_of(run, alias.name), scope)


HANDLERS: Final[dict[type[ast.stmt], Handler]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AsyncFor: _for,
    ast.AsyncFunctionDef: _function,
    ast.AsyncWith: _with,
    ast.AugAssign: _augmented,
    ast.Break: _leave,
    ast.ClassDef: _class,
    ast.Continue: _leave,
    ast.Delete: _delete,
    ast.Expr: _expression,
    ast.For: _for,
    ast.FunctionDef: _function,
    ast.Global: _global,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: imports.import_from,
    ast.Match: _match,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.While: _while,
    ast.With: _with,
}
