"""What the expressions in the body of a function stand for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from dagproof.rules.bodies import (
    NUMBER,
    Body,
    Called,
    Known,
    Made,
    Text,
    bind,
    guard,
    is_number,
    lookup,
    same,
    show,
)
from dagproof.rules.results import result_of
from dagproof.source.values import Container, Function, Unit


def evaluate(body: Body, node: ast.expr) -> Known:
    """Return what an expression stands for, having followed its parts."""
    if type(node) is ast.Constant:
        return node
    handler = _EXPRESSIONS.get(type(node))
    if handler is not None:
        return handler(body, node)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(body, child)
    return None


def assign(body: Body, target: ast.expr, value: Known) -> None:
    """Give a value to what stands on the left of an assignment."""
    if isinstance(target, ast.Name):
        body.names[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        starred = any(isinstance(one, ast.Starred) for one in target.elts)
        items = value.items if isinstance(value, Container) and not starred else {}
        for place, one in enumerate(target.elts):
            part = result_of(f"{value}[{place}]") if isinstance(value, str) else None
            assign(body, one, items.get(place, part))
    elif isinstance(target, ast.Starred):
        assign(body, target.value, None)
    elif isinstance(target, ast.Subscript):
        owner = evaluate(body, target.value)
        key = evaluate(body, target.slice)
        if isinstance(owner, Made) and not isinstance(value, Text):
            owner.items[key.value if isinstance(key, ast.Constant) else target] = value
        elif isinstance(owner, Container) and isinstance(target.value, ast.Name):
            body.names[target.value.id] = None
    elif isinstance(target, ast.Attribute):
        evaluate(body, target.value)


def _name(body: Body, node: ast.Name) -> Known:
    return lookup(body, node.id)


def _attribute(body: Body, node: ast.Attribute) -> Known:
    return _member(evaluate(body, node.value), node.attr)


def _member(owner: Known, name: str) -> Known:
    if isinstance(owner, str):
        return result_of(f"{owner}.{name}") if owner != NUMBER else None
    if isinstance(owner, Unit):
        return owner.scope.names.get(name)
    return None


def _call(body: Body, node: ast.Call) -> Known:
    owner: Known = None
    method = ""
    if isinstance(node.func, ast.Attribute):
        owner = evaluate(body, node.func.value)
        method = node.func.attr
        callee = _member(owner, method)
    else:
        callee = evaluate(body, node.func)
    positional = [evaluate(body, one) for one in node.args]
    named = {one.arg: evaluate(body, one.value) for one in node.keywords if one.arg}
    if isinstance(callee, Function):
        return _helper(body, callee, node, positional, named)
    for one in node.keywords:
        if one.arg is None:
            evaluate(body, one.value)
    if isinstance(owner, Container):
        return _of_container(owner, method, node, positional)
    if isinstance(owner, Text):
        return _of_text(owner, method)
    show(body, node, (owner, callee, *positional, *named.values()))
    if isinstance(callee, str):
        body.calls.append((body.source, Called(callee, node, positional, named)))
        return _given_back(callee, node, positional, named)
    if method:  # of something unknown: still worth telling
        body.calls.append((body.source, Called(f"?.{method}", node, positional, named)))
        if method == "encode" and isinstance(node.func.value, ast.Constant | ast.JoinedStr):  # type: ignore[attr-defined]
            return "builtins.bytes()"
    return None


def _given_back(
    callee: str, node: ast.Call, positional: list[Known], named: dict[str, Known]
) -> Known:
    first = positional[0] if positional else None
    if callee in ("builtins.str", "builtins.repr"):
        return first if isinstance(first, Text) else None
    if callee in ("builtins.list", "builtins.tuple", "builtins.sorted", "builtins.dict"):
        return first if isinstance(first, Container) and not named else None
    if callee == "builtins.float" and _is_nan(first):
        return "#nan"
    if callee == "sklearn.model_selection.train_test_split":
        halves = [part for part in positional for _ in range(2)]
        return Made(dict(enumerate(halves)), node)  # type: ignore[arg-type]
    return result_of(f"{callee}()", node)


def _is_nan(value: Known) -> bool:
    text = value.value if isinstance(value, ast.Constant) else None
    return isinstance(text, str) and text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity")


def _can_follow(body: Body, callee: Function) -> bool:
    """Say whether a helper is followed: a plain one, not twice at once, and not too many."""
    decorated = callee.role == "plain" and getattr(callee.node, "decorator_list", None)
    if decorated or callee.role not in ("plain", "static") or callee.node in body.active:
        return False
    return len(body.active) <= _DEEPEST and body.budget[0] > 0


def _helper(
    body: Body, callee: Function, node: ast.Call, positional: list[Known], named: dict[str, Known]
) -> Known:
    if not _can_follow(body, callee):
        return None
    body.budget[0] -= 1
    for one in node.keywords:
        if one.arg is None:
            value = evaluate(body, one.value)
            if isinstance(value, Container):
                named |= {key: item for key, item in value.items.items() if isinstance(key, str)}
    local: dict[str, Known]
    if any(isinstance(one, ast.Starred) for one in node.args):
        local = bind(callee, [], named)
    elif any(one.arg is None for one in node.keywords):
        local = bind(callee, positional, named)
    else:
        local = {**bind(callee, positional, named), **_defaults(callee, len(positional), named)}
    inner = Body(
        callee, local, body.run, (*body.chain, (body.source, node)),
        watch=body.watch, active=body.active, entered=body.entered,
        budget=body.budget,
    )  # fmt: skip
    body.run(inner)
    body.calls += inner.calls
    if inner.generates:
        return "#generator"
    if not inner.returned or isinstance(callee.node, ast.AsyncFunctionDef):
        return None
    first = inner.returned[0][1]
    alike = all(same(first, value) for _, value in inner.returned)
    return first if alike else None


_DEEPEST: Final = 5


def _defaults(callee: Function, given: int, named: dict[str, Known]) -> dict[str, Known]:
    """Return the default arguments that a call leaves as they are."""
    parameters = callee.node.args
    left = [one.arg for one in (*parameters.posonlyargs, *parameters.args)][given:]
    left += [one.arg for one in parameters.kwonlyargs]
    return {
        name: callee.defaults[name]
        for name in left
        if name in callee.defaults and name not in named
    }


def _of_container(owner: Container, method: str, node: ast.Call, positional: list[Known]) -> Known:
    if method in ("get", "pop") and positional:
        key = positional[0]
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
    elif method in ("append", "add") and positional and isinstance(owner, Made):
        owner.items[node] = None if isinstance(positional[0], Text) else positional[0]
    elif method in ("keys", "values", "items") and isinstance(owner.node, ast.Dict):
        return f"builtins.dict().{method}()"
    return None


def _of_text(owner: Text, method: str) -> Known:
    if method in _STAYS_TEXT:
        return Text(owner.template, changed=True)
    if method == "encode":
        return "builtins.bytes()"
    return None


_STAYS_TEXT: Final = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "replace",
        "zfill",
        "swapcase",
        "removeprefix",
        "removesuffix",
    ]
)


def _binary(body: Body, node: ast.BinOp) -> Known:
    left, right = evaluate(body, node.left), evaluate(body, node.right)
    show(body, node, (left, right))
    if is_number(left) and is_number(right):
        return NUMBER
    if isinstance(node.op, ast.Div) and left == "pathlib.Path()":
        return left
    return None


def _unary(body: Body, node: ast.UnaryOp) -> Known:
    value = evaluate(body, node.operand)
    show(body, node, (value,))
    return NUMBER if is_number(value) and not isinstance(node.op, ast.Not) else None


def _compare(body: Body, node: ast.Compare) -> None:
    show(body, node, [evaluate(body, one) for one in (node.left, *node.comparators)])


def _formatted(body: Body, node: ast.FormattedValue) -> None:
    value = evaluate(body, node.value)
    if node.format_spec is not None:
        evaluate(body, node.format_spec)
    show(body, node, (value,))


def _subscript(body: Body, node: ast.Subscript) -> Known:
    owner = evaluate(body, node.value)
    if isinstance(node.slice, ast.Slice):
        parts = [node.slice.lower, node.slice.upper, node.slice.step]
        show(body, node, [owner, *(evaluate(body, one) if one else None for one in parts)])
        return Text(owner.template, changed=True) if isinstance(owner, Text) else None
    key = evaluate(body, node.slice)
    show(body, node, (owner, key))
    if isinstance(owner, Container):
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
        return None
    if isinstance(owner, str):
        kind = "text" if isinstance(key, ast.Constant) and isinstance(key.value, str) else "?"
        kind = "list" if isinstance(node.slice, ast.List) else kind
        return result_of(f"{owner}[{kind}]")
    if isinstance(owner, Text) and is_number(key):
        return Text(owner.template, changed=True)
    return None


def _if_expression(body: Body, node: ast.IfExp) -> Known:
    evaluate(body, node.test)
    before = dict(body.names)
    guard(body, node.test)
    one, other = evaluate(body, node.body), evaluate(body, node.orelse)
    body.names = before
    return one if same(one, other) else None


def _bool(body: Body, node: ast.BoolOp) -> Known:
    before = dict(body.names)
    values = []
    for one in node.values:
        values.append(evaluate(body, one))
        guard(body, one)
    body.names = before
    return values[0] if all(same(values[0], one) for one in values) else None


def _display(body: Body, node: ast.List | ast.Tuple | ast.Set) -> Known:
    items: dict[object, Known] = {}
    for one in node.elts:
        items[len(items) if not isinstance(one, ast.Starred) else one] = evaluate(body, one)
    return Made(items, node)  # type: ignore[arg-type]


def _dict(body: Body, node: ast.Dict) -> Known:
    items: dict[object, Known] = {}
    for key, one in zip(node.keys, node.values, strict=True):
        value = evaluate(body, one)
        if key is None:
            items |= value.items if isinstance(value, Container) else {}
            continue
        known = evaluate(body, key)
        items[known.value if isinstance(known, ast.Constant) else key] = value
    return Made(items, node)  # type: ignore[arg-type]


def _comprehension(
    body: Body, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Known:
    before = dict(body.names)
    for generator in node.generators:
        assign(body, generator.target, each(evaluate(body, generator.iter)))
        for test in generator.ifs:
            evaluate(body, test)
            guard(body, test)
    if isinstance(node, ast.DictComp):
        evaluate(body, node.key)
        item = evaluate(body, node.value)
    else:
        item = evaluate(body, node.elt)
    body.names = before
    if isinstance(node, ast.GeneratorExp):
        return "#generator"
    return Made({node: item}, node)  # type: ignore[dict-item]


def each(value: Known) -> Known:
    """Return what a loop over a value gives its target."""
    if isinstance(value, Container):
        items = list(value.items.values())
        if items and all(same(items[0], one) for one in items):
            return items[0]
    return None


def _walrus(body: Body, node: ast.NamedExpr) -> Known:
    value = evaluate(body, node.value)
    body.names[node.target.id] = value
    return value


def _lambda(_: Body, __: ast.Lambda) -> Known:
    return "#lambda"


def _await(body: Body, node: ast.Await) -> Known:
    evaluate(body, node.value)
    return None


def _yield(body: Body, node: ast.Yield | ast.YieldFrom) -> None:
    body.generates = True
    if node.value is not None:
        evaluate(body, node.value)


_EXPRESSIONS: Final[dict[type[ast.expr], Callable[[Body, Any], Known]]] = {
    ast.Attribute: _attribute, ast.Await: _await, ast.BinOp: _binary, ast.BoolOp: _bool,
    ast.Call: _call, ast.Compare: _compare, ast.Dict: _dict, ast.DictComp: _comprehension,
    ast.FormattedValue: _formatted, ast.GeneratorExp: _comprehension, ast.IfExp: _if_expression,
    ast.Lambda: _lambda, ast.List: _display, ast.ListComp: _comprehension, ast.Name: _name,
    ast.NamedExpr: _walrus, ast.Set: _display, ast.SetComp: _comprehension,
    ast.Subscript: _subscript, ast.Tuple: _display, ast.UnaryOp: _unary,
    ast.Yield: _yield, ast.YieldFrom: _yield,
}  # fmt: skip
