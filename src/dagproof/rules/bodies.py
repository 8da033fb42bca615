"""Follows the values in the body of a function, in the order in which it would run.

Import is the interpreter's work; this is for what runs later, in a task. Where a value is not
known, or the code decides between two of them, there is none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dagproof.rules.results import result_of
from dagproof.source.file import SourceFile
from dagproof.source.values import Container, Frame, Function, Scope, Unit, Value


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """What a template has been rendered to."""

    template: str
    whole: bool = True  # False for what a method of the text gives


NUMBER: Final = "#number"
"""Stands for any number; names of things never begin so."""

Known: TypeAlias = "Value | Text"


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A call of something that is not the repository's."""

    name: str
    node: ast.Call
    positional: list[Known]
    named: dict[str, Known]


Watcher: TypeAlias = Callable[["Body", ast.AST, "Sequence[Known]"], None]
"""Is shown a node whose parts are known, and the values of the parts."""


@dataclass(slots=True, eq=False)
class Body:
    """A function that is being followed.

    Attributes:
        function: whose body it is.
        names: what its local names stand for.
        chain: the calls that lead here from the task's own function.
        returned: the values that it gives back, and where.
        calls: the calls of things outside the repository, in order, also those of its helpers.
        watch: is shown the nodes that take a `Text`.
        generates: whether it yields.
        entered: the functions that were followed, itself among them.
        budget: how many more calls of helpers are followed.
    """

    function: Function
    names: dict[str, Known]
    chain: tuple[Frame, ...] = ()
    returned: list[tuple[ast.expr, Known]] = field(default_factory=list)
    calls: list[tuple[SourceFile, Called]] = field(default_factory=list)
    watch: Watcher | None = None
    active: tuple[ast.AST, ...] = ()
    locals: frozenset[str] = frozenset()
    generates: bool = False
    entered: list[Function] = field(default_factory=list)
    budget: list[int] = field(default_factory=lambda: [_MOST_CALLS])

    @property
    def source(self) -> SourceFile:
        """The file in which the function stands."""
        return self.function.source


def follow(
    function: Function,
    positional: Sequence[Known] = (),
    named: Mapping[str, Known] | None = None,
    watch: Watcher | None = None,
) -> Body:
    """Follow a call of a function."""
    body = Body(function, bind(function, positional, named or {}), watch=watch)
    _run(body)
    return body


def bind(
    function: Function, positional: Sequence[Known], named: Mapping[str, Known]
) -> dict[str, Known]:
    """Return the local names that a call begins with."""
    parameters = function.node.args
    names = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
    local: dict[str, Known] = dict.fromkeys(
        [*names, *(one.arg for one in parameters.kwonlyargs)]
    )
    for name in local:
        local[name] = named.get(name)
    local.update(zip(names, positional, strict=False))
    if parameters.vararg:
        local[parameters.vararg.arg] = None
    if parameters.kwarg:
        rest = {name: value for name, value in named.items() if name not in local}
        local[parameters.kwarg.arg] = Container(dict(rest)) if rest else None  # type: ignore[arg-type]
    return local


def _run(body: Body) -> None:
    node = body.function.node
    body.active = (*body.active, node)
    body.entered.append(body.function)
    if isinstance(node, ast.Lambda):
        body.returned.append((node.body, evaluate(body, node.body)))
        return
    body.locals = _assigned(node.body) | frozenset(body.names)
    _block(body, node.body)


# Statements


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
        if isinstance(owner, Container) and isinstance(target.value, ast.Name):
            known = key.value if isinstance(key, ast.Constant) else target
            if target.value.id in body.locals and not isinstance(value, Text):
                owner.items[known] = value
            else:
                body.names[target.value.id] = None
    elif isinstance(target, ast.Attribute):
        evaluate(body, target.value)


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
    _show(body, node, (old, value))
    if is_number(old) and is_number(value):
        body.names[node.target.id] = NUMBER
    elif not isinstance(old, Container):
        body.names[node.target.id] = None


def _if(body: Body, node: ast.If) -> bool:
    evaluate(body, node.test)
    _guard(body, node.test)
    before = dict(body.names)
    ends = _block(body, node.body)
    one, body.names = body.names, before
    other_ends = _block(body, node.orelse)
    if ends:
        return other_ends
    body.names = one if other_ends else _merged(one, body.names)
    return False


def _for(body: Body, node: ast.For | ast.AsyncFor) -> None:
    items = evaluate(body, node.iter)
    _forget(body, node)
    assign(body, node.target, _each(items))
    _loop(body, node)


def _while(body: Body, node: ast.While) -> None:
    _forget(body, node)
    evaluate(body, node.test)
    _guard(body, node.test)
    _loop(body, node)


def _loop(body: Body, node: ast.For | ast.AsyncFor | ast.While) -> None:
    before = dict(body.names)
    if not _block(body, node.body):
        body.names = _merged(before, body.names)
    else:
        body.names = before
    _block(body, node.orelse)


def _try(body: Body, node: ast.Try | ast.TryStar) -> bool:
    before = dict(body.names)
    ends = _block(body, node.body) or _block(body, node.orelse)
    after = body.names
    between = _merged(before, after)
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
        body.names = _merged(body.names, names)
    return _block(body, node.finalbody) or not left


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
    _guard(body, node.test)


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
    _guard(body, node.subject)
    before = dict(body.names)
    merged = dict(before)
    for case in node.cases:
        body.names = dict(before)
        for inner in ast.walk(case.pattern):
            name = getattr(inner, "name", None)
            if isinstance(name, str):
                body.names[name] = None
        if not _block(body, case.body):
            merged = _merged(merged, body.names)
    body.names = merged


_STATEMENTS: Final[dict[type[ast.stmt], Callable[[Body, Any], bool | None]]] = {
    ast.AnnAssign: _annotated, ast.Assert: _assert, ast.Assign: _assign, ast.AsyncFor: _for,
    ast.AsyncFunctionDef: _define, ast.AsyncWith: _with, ast.AugAssign: _augmented,
    ast.Break: _leave, ast.ClassDef: _define, ast.Continue: _leave, ast.For: _for,
    ast.FunctionDef: _define, ast.Global: _global, ast.If: _if, ast.Import: _import,
    ast.ImportFrom: _import_from, ast.Match: _match, ast.Nonlocal: _global, ast.Raise: _raise,
    ast.Return: _return, ast.Try: _try, ast.TryStar: _try, ast.While: _while, ast.With: _with,
}  # fmt: skip


def _merged(one: dict[str, Known], other: dict[str, Known]) -> dict[str, Known]:
    return {
        name: value if same(value, other.get(name)) else None for name, value in one.items()
    } | {name: None for name in other if name not in one}


def same(one: Known, other: Known) -> bool:
    """Return whether two values are certainly alike."""
    if isinstance(one, str):
        return one == other
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        return type(one.value) is type(other.value) and one.value == other.value
    return one is other


def _forget(body: Body, node: ast.stmt) -> None:
    """Let go of what a loop may have changed when its second round begins."""
    for name in _assigned([node]):
        if name in body.names and not isinstance(body.names[name], Container):
            body.names[name] = None


def _guard(body: Body, test: ast.expr) -> None:
    """Let go of names whose type the code itself asks for."""
    for inner in ast.walk(test):
        if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)):
            continue
        if inner.func.id in ("isinstance", "type", "hasattr", "callable") and inner.args:
            asked = inner.args[0]
            if isinstance(asked, ast.Name):
                body.names[asked.id] = None


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


# Expressions


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


def is_number(value: Known) -> bool:
    """Return whether a value is certainly a number."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    return value == NUMBER


def lookup(body: Body, name: str) -> Known:
    """Return what a name stands for in a body."""
    if name in body.names:
        return body.names[name]
    if name in body.locals:
        return None
    scope: Scope | None = body.function.scope
    while scope is not None:
        if name in scope.names:
            return scope.names[name]
        scope = scope.parent
    star = body.function.scope.unit.scope.names.get("*")
    return None if star is not None and name not in _BUILTINS else _BUILTINS.get(name)


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
    _show(body, node, (owner, callee, *positional, *named.values()))
    if method == "encode" and isinstance(node.func.value, ast.Constant | ast.JoinedStr):  # type: ignore[attr-defined]
        return "builtins.bytes()"
    if not isinstance(callee, str):
        if method:  # of something unknown: still worth telling
            body.calls.append((body.source, Called(f"?.{method}", node, positional, named)))
        return None
    body.calls.append((body.source, Called(callee, node, positional, named)))
    if callee in ("builtins.str", "builtins.repr"):
        first = positional[0] if positional else None
        return first if isinstance(first, Text) else None
    if callee in ("builtins.list", "builtins.tuple", "builtins.sorted", "builtins.dict"):
        first = positional[0] if positional and not named else None
        return first if isinstance(first, Container) else None
    if callee == "builtins.float" and positional and _is_nan(positional[0]):
        return "#nan"
    return result_of(f"{callee}()", node)


def _is_nan(value: Known) -> bool:
    text = value.value if isinstance(value, ast.Constant) else None
    return isinstance(text, str) and text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity")


def _helper(
    body: Body, callee: Function, node: ast.Call, positional: list[Known], named: dict[str, Known]
) -> Known:
    if callee.role not in ("plain", "static") or callee.node in body.active:
        return None
    if len(body.active) > _DEEPEST or body.budget[0] <= 0:
        return None
    body.budget[0] -= 1
    for one in node.keywords:
        if one.arg is None:
            value = evaluate(body, one.value)
            if isinstance(value, Container):
                named |= {key: item for key, item in value.items.items() if isinstance(key, str)}
    if any(isinstance(one, ast.Starred) for one in node.args):
        positional = []
    inner = Body(
        callee, bind(callee, positional, named), (*body.chain, (body.source, node)),
        watch=body.watch, active=body.active, entered=body.entered,
        budget=body.budget,
    )  # fmt: skip
    _run(inner)
    body.calls += inner.calls
    if inner.generates:
        return None if getattr(callee.node, "decorator_list", None) else "#generator"
    if not inner.returned or isinstance(callee.node, ast.AsyncFunctionDef):
        return None
    first = inner.returned[0][1]
    alike = all(same(first, value) for _, value in inner.returned)
    return first if alike and not getattr(callee.node, "decorator_list", None) else None


_DEEPEST: Final = 5
_MOST_CALLS: Final = 100


def _of_container(
    owner: Container, method: str, node: ast.Call, positional: list[Known]
) -> Known:
    if method in ("get", "pop") and positional:
        key = positional[0]
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
    elif method in ("append", "add") and positional and isinstance(owner.node, ast.AST):
        if not isinstance(positional[0], Text):
            owner.items[node] = positional[0]
    elif method in ("keys", "values", "items") and isinstance(owner.node, ast.Dict):
        return f"builtins.dict().{method}()"
    return None


def _of_text(owner: Text, method: str) -> Known:
    if method in _STAYS_TEXT:
        return Text(owner.template, False)
    if method == "encode":
        return "builtins.bytes()"
    return None


_STAYS_TEXT: Final = frozenset(
    ["strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "replace", "zfill", "swapcase", "removeprefix", "removesuffix"]
)


def _binary(body: Body, node: ast.BinOp) -> Known:
    left, right = evaluate(body, node.left), evaluate(body, node.right)
    _show(body, node, (left, right))
    if is_number(left) and is_number(right):
        return NUMBER
    if isinstance(node.op, ast.Div) and left == "pathlib.Path()":
        return left
    return None


def _unary(body: Body, node: ast.UnaryOp) -> Known:
    value = evaluate(body, node.operand)
    _show(body, node, (value,))
    return NUMBER if is_number(value) and not isinstance(node.op, ast.Not) else None


def _compare(body: Body, node: ast.Compare) -> None:
    _show(body, node, [evaluate(body, one) for one in (node.left, *node.comparators)])


def _formatted(body: Body, node: ast.FormattedValue) -> None:
    value = evaluate(body, node.value)
    if node.format_spec is not None:
        evaluate(body, node.format_spec)
    _show(body, node, (value,))


def _subscript(body: Body, node: ast.Subscript) -> Known:
    owner = evaluate(body, node.value)
    if isinstance(node.slice, ast.Slice):
        parts = [node.slice.lower, node.slice.upper, node.slice.step]
        _show(body, node, [owner, *(evaluate(body, one) if one else None for one in parts)])
        return Text(owner.template, False) if isinstance(owner, Text) else None
    key = evaluate(body, node.slice)
    _show(body, node, (owner, key))
    if isinstance(owner, Container):
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
        return None
    if isinstance(owner, str):
        kind = "text" if isinstance(key, ast.Constant) and isinstance(key.value, str) else "?"
        kind = "list" if isinstance(node.slice, ast.List) else kind
        return result_of(f"{owner}[{kind}]")
    return Text(owner.template, False) if isinstance(owner, Text) else None


def _if_expression(body: Body, node: ast.IfExp) -> Known:
    evaluate(body, node.test)
    before = dict(body.names)
    _guard(body, node.test)
    one, other = evaluate(body, node.body), evaluate(body, node.orelse)
    body.names = before
    return one if same(one, other) else None


def _bool(body: Body, node: ast.BoolOp) -> Known:
    before = dict(body.names)
    values = []
    for one in node.values:
        values.append(evaluate(body, one))
        _guard(body, one)
    body.names = before
    return values[0] if all(same(values[0], one) for one in values) else None


def _display(body: Body, node: ast.List | ast.Tuple | ast.Set) -> Known:
    items: dict[object, Known] = {}
    for one in node.elts:
        items[len(items) if not isinstance(one, ast.Starred) else one] = evaluate(body, one)
    return Container(items, node)  # type: ignore[arg-type]


def _dict(body: Body, node: ast.Dict) -> Known:
    items: dict[object, Known] = {}
    for key, one in zip(node.keys, node.values, strict=True):
        value = evaluate(body, one)
        if key is None:
            items |= value.items if isinstance(value, Container) else {}
            continue
        known = evaluate(body, key)
        items[known.value if isinstance(known, ast.Constant) else key] = value
    return Container(items, node)  # type: ignore[arg-type]


def _comprehension(
    body: Body, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Known:
    before = dict(body.names)
    for generator in node.generators:
        assign(body, generator.target, _each(evaluate(body, generator.iter)))
        for test in generator.ifs:
            evaluate(body, test)
            _guard(body, test)
    if isinstance(node, ast.DictComp):
        evaluate(body, node.key)
        item = evaluate(body, node.value)
    else:
        item = evaluate(body, node.elt)
    body.names = before
    if isinstance(node, ast.GeneratorExp):
        return "#generator"
    return Container({node: item}, node)  # type: ignore[dict-item]


def _each(value: Known) -> Known:
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

_BUILTINS: Final = {name: f"builtins.{name}" for name in dir(__import__("builtins"))}


def _show(body: Body, node: ast.AST, values: Sequence[Known]) -> None:
    if body.watch is not None and any(isinstance(value, Text) for value in values):
        body.watch(body, node, values)
    elif body.watch is not None and isinstance(node, ast.BinOp):
        if any(isinstance(value, Container) for value in values):
            body.watch(body, node, values)
