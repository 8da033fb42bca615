"""What each kind of expression stands for, and in which order its parts run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dagproof.source import calls, parameters
from dagproof.source.attributes import attribute, from_star, item
from dagproof.source.containers import container_method
from dagproof.source.truth import truth
from dagproof.source.values import Container, Function, Scope, Value, join, room

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

Handler: TypeAlias = Callable[["Interpreter", Any, Scope], Value]

_LONGEST: Final = 10_000
"""Characters of a text that code puts together; names, paths and queries are shorter."""

_BUILTINS: Final = {name: f"builtins.{name}" for name in dir(builtins)}


def parts(run: Interpreter, node: ast.expr, scope: Scope) -> Value:
    """Follow the parts of an expression whose value does not matter."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            run.evaluate(child, scope)
    return None


def _name(_: Interpreter, node: ast.Name, scope: Scope) -> Value:
    name = node.id
    inner: Scope | None = scope
    while inner is not None:
        if name in inner.names:
            return inner.names[name]
        inner = inner.parent
    known = _BUILTINS.get(name)
    if known is not None:
        return known
    return from_star(scope.unit, name)


def _attribute(run: Interpreter, node: ast.Attribute, scope: Scope) -> Value:
    return attribute(run, run.evaluate(node.value, scope), node.attr, node)


def _call(run: Interpreter, node: ast.Call, scope: Scope) -> Value:
    owner: Value = None
    function = node.func
    if isinstance(function, ast.Attribute):
        owner = run.evaluate(function.value, scope)
        held = isinstance(owner, Container)
        callee = None if held else attribute(run, owner, function.attr, function)
    else:
        callee = run.evaluate(function, scope)
    logged = calls.only_shows(callee, function)
    run.logging += logged
    arguments: list[Value] = []
    for argument in node.args:
        if type(argument) is ast.Starred:
            value = run.force(run.evaluate(argument.value, scope))
            known = value.items.values() if isinstance(value, Container) else ()
            arguments.extend(room(known, len(arguments)) or [None])
        else:
            arguments.append(run.evaluate(argument, scope))
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        value = run.evaluate(keyword.value, scope)
        if keyword.arg is not None:
            named[keyword.arg] = value
        else:
            named |= parameters.unpacked(value)
    run.logging -= logged
    if isinstance(owner, Container) and isinstance(function, ast.Attribute):
        return container_method(owner, function.attr, arguments)
    if callee == "builtins.super":
        return calls.super_of(scope, arguments)
    if callee in calls.NAMESPACES:
        return Container(scope.unit.scope.names)  # type: ignore[arg-type]
    return calls.call(run, callee, node, arguments, named)


def _sequence(run: Interpreter, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
    items: dict[object, Value] = {}
    for element in node.elts:
        if isinstance(element, ast.Starred):
            inner = run.force(run.evaluate(element.value, scope))
            if isinstance(inner, Container):
                for value in room(inner.items.values(), len(items)):
                    items[len(items)] = value
        else:
            items[len(items)] = run.evaluate(element, scope)
    return Container(items, node)


def _dict(run: Interpreter, node: ast.Dict, scope: Scope) -> Value:
    items: dict[object, Value] = {}
    for key, element in zip(node.keys, node.values, strict=True):
        value = run.evaluate(element, scope)
        if key is None:
            if isinstance(value, Container):
                items |= value.items
            continue
        named = run.evaluate(key, scope)
        items[named.value if isinstance(named, ast.Constant) else key] = value
    return Container(items, node)


def _generator(run: Interpreter, node: ast.GeneratorExp, scope: Scope) -> Value:
    return run.later(lambda: _comprehension(run, node, scope))


def _comprehension(
    run: Interpreter, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    scope: Scope,
) -> Value:  # fmt: skip
    inner = run.scope(scope)
    for generator in node.generators:
        items = run.evaluate(generator.iter, inner)
        if isinstance(items, Container) and not items.items and items.node is generator.iter:
            return Container({}, node)
        run.assign(generator.target, each(run, items, node), inner)
        for test in generator.ifs:
            run.evaluate(test, inner)
            if truth(run, test, inner) is False:
                return Container({}, node)
    if isinstance(node, ast.DictComp):
        run.evaluate(node.key, inner)
        return Container({node: run.evaluate(node.value, inner)}, node)
    return Container({node: run.evaluate(node.elt, inner)}, node)


def each(run: Interpreter, value: Value, node: ast.expr | ast.stmt) -> Value:
    """Return what a loop over a value gives its target."""
    value = run.force(value)
    if isinstance(value, Container):
        return value.any()
    if isinstance(value, str):
        return item(run, value, None, node)
    method = attribute(run, value, "__iter__", node)
    if not isinstance(method, calls.Callable_):
        return None
    items = run.force(run.call(method, node))
    if isinstance(items, Container | str):
        return each(run, items, node)
    method = attribute(run, items, "__next__", node)
    return run.call(method, node) if isinstance(method, calls.Callable_) else None


def _lambda(run: Interpreter, node: ast.Lambda, scope: Scope) -> Value:
    return Function(node, scope.enclosing, run.source, parameters.defaults(run, node, scope))


def _if(run: Interpreter, node: ast.IfExp, scope: Scope) -> Value:
    run.evaluate(node.test, scope)
    known = truth(run, node.test, scope)
    one = None if known is False else run.evaluate(node.body, scope)
    other = None if known is True else run.evaluate(node.orelse, scope)
    return join(one, other) if known is None else one if known else other


def _bool(run: Interpreter, node: ast.BoolOp, scope: Scope) -> Value:
    value: Value = None
    stops = isinstance(node.op, ast.Or)
    for operand in node.values:
        found = run.evaluate(operand, scope)
        value = join(value, found)
        known = truth(run, operand, scope)
        if isinstance(found, Container) and found.node is operand:
            known = bool(found.items)
        if known is stops:
            break
    return value


def _binary(run: Interpreter, node: ast.BinOp, scope: Scope) -> Value:
    left = run.evaluate(node.left, scope)
    right = run.evaluate(node.right, scope)
    if isinstance(left, str):
        return left
    if isinstance(right, str):
        return right
    if isinstance(left, Container) and isinstance(right, Container):
        values = [*left.items.values()]
        values += room(right.items.values(), len(values))
        return Container(dict(enumerate(values)), node)
    one, other = _written(left), _written(right)
    if isinstance(node.op, ast.Add) and one is not None and other is not None:
        return _text(node, one + other)
    return None


def _joined(run: Interpreter, node: ast.JoinedStr, scope: Scope) -> Value:
    pieces: list[str] | None = []
    outside: Value = None
    for piece in node.values:
        plain = not isinstance(piece, ast.FormattedValue) or (
            piece.format_spec is None and piece.conversion == -1
        )
        inner = piece.value if isinstance(piece, ast.FormattedValue) else piece
        value = run.evaluate(inner, scope)
        if isinstance(piece, ast.FormattedValue) and piece.format_spec is not None:
            run.evaluate(piece.format_spec, scope)
        text = _shown(value) if plain else None
        if text is not None and pieces is not None:
            pieces.append(text)
        else:
            pieces = None
            outside = value if isinstance(value, str) else outside
    return outside if pieces is None else _text(node, "".join(pieces))


def _subscript(run: Interpreter, node: ast.Subscript, scope: Scope) -> Value:
    value = run.evaluate(node.value, scope)
    return item(run, value, run.evaluate(node.slice, scope), node)


def _walrus(run: Interpreter, node: ast.NamedExpr, scope: Scope) -> Value:
    value = run.evaluate(node.value, scope)
    run.assign(node.target, value, scope)
    return value


def _await(run: Interpreter, node: ast.Await | ast.Starred, scope: Scope) -> Value:
    return run.force(run.evaluate(node.value, scope))


def _yield(run: Interpreter, node: ast.Yield | ast.YieldFrom, scope: Scope) -> Value:
    value = run.evaluate(node.value, scope) if node.value is not None else None
    if isinstance(node, ast.YieldFrom):
        value = each(run, value, node)
    inner: Scope | None = scope
    while inner is not None and inner.returns is None:
        inner = inner.parent
    if inner is not None and inner.returns is not None:
        inner.returns.append(Container({node: value}, node))
        inner.yields = True
    return None


def _written(value: Value) -> str | None:
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return value.value if is_text else None  # type: ignore[union-attr,return-value]


def _shown(value: Value) -> str | None:
    """Return the text that a constant becomes in an f-string."""
    try:
        return str(value.value) if isinstance(value, ast.Constant) else None
    except ValueError:  # an integer of too many digits
        return None


def _text(node: ast.expr, text: str) -> ast.Constant | None:
    """Return a text that code puts together; none of a text that may be doubled forever."""
    return ast.copy_location(ast.Constant(text), node) if len(text) < _LONGEST else None


HANDLERS: Final[dict[type[ast.expr], Handler]] = {
    ast.Attribute: _attribute,
    ast.Await: _await,
    ast.BinOp: _binary,
    ast.BoolOp: _bool,
    ast.Call: _call,
    ast.Dict: _dict,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _generator,
    ast.IfExp: _if,
    ast.JoinedStr: _joined,
    ast.Lambda: _lambda,
    ast.List: _sequence,
    ast.ListComp: _comprehension,
    ast.Name: _name,
    ast.NamedExpr: _walrus,
    ast.Set: _sequence,
    ast.SetComp: _comprehension,
    ast.Starred: _await,
    ast.Subscript: _subscript,
    ast.Tuple: _sequence,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
