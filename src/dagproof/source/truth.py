"""Which way a test goes, where that is known without running the program."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from dagproof.source.values import Scope, Value

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter

_OLDEST: Final = (3, 10)
"""Every Python that a supported Airflow runs on is at least this one."""

_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


_ORDER: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
}  # fmt: skip


def truth(run: Interpreter, test: ast.expr, scope: Scope) -> bool | None:
    """Return which way a test goes; None where it may go both ways.

    The test itself must have been evaluated: nothing in it is followed here.
    """
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(run, test.operand, scope)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        return _of_several(run, test, scope)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compare(test, scope)
    return _of_name(test, scope) if isinstance(test, ast.Name | ast.Attribute) else None


def _of_several(run: Interpreter, test: ast.BoolOp, scope: Scope) -> bool | None:
    outcomes = [truth(run, value, scope) for value in test.values]
    stops = isinstance(test.op, ast.Or)
    if stops in outcomes:
        return stops
    return None if None in outcomes else not stops


def _compare(test: ast.Compare, scope: Scope) -> bool | None:
    left, right, sign = test.left, test.comparators[0], test.ops[0]
    if _dotted(left, scope) == "sys.version_info" and isinstance(right, ast.Tuple):
        return _of_version(right, sign)
    if _is_major(left, scope) and isinstance(right, ast.Constant) and type(right.value) is int:
        compare_major = _COMPARE.get(type(sign)) or _ORDER.get(type(sign))
        return compare_major(3, right.value) if compare_major else None
    if isinstance(right, ast.Name) and right.id == "__name__":
        left, right = right, left
    if isinstance(left, ast.Name) and left.id == "__name__" and isinstance(right, ast.Constant):
        return _named(sign) if right.value == "__main__" else None
    if isinstance(sign, ast.In | ast.NotIn) and isinstance(left, ast.Name):
        return _among(_steady(left, scope), right, isinstance(sign, ast.In))
    compare = _COMPARE.get(type(sign))
    if compare is None or not isinstance(right, ast.Constant) or not isinstance(left, ast.Name):
        return None
    value = _steady(left, scope)
    return compare(value.value, right.value) if isinstance(value, ast.Constant) else None


def _of_version(wanted: ast.Tuple, sign: ast.cmpop) -> bool | None:
    parts = [part.value for part in wanted.elts if isinstance(part, ast.Constant)]
    numbers = tuple(part for part in parts if isinstance(part, int))
    if len(numbers) < len(wanted.elts) or numbers > _OLDEST:
        return None
    if isinstance(sign, ast.Gt | ast.GtE):
        return True
    return False if isinstance(sign, ast.Lt) else None


def _is_major(node: ast.expr, scope: Scope) -> bool:
    """Say whether an expression is the major version of Python, which is 3."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value == 0 and _dotted(node.value, scope) == "sys.version_info"
    return _dotted(node, scope) == "sys.version_info.major"


def _among(value: Value, items: ast.expr, wanted: bool) -> bool | None:
    """Return whether a constant is among those of a display."""
    if not isinstance(value, ast.Constant) or not isinstance(items, ast.Tuple | ast.List | ast.Set):
        return None
    known = [one.value for one in items.elts if isinstance(one, ast.Constant)]
    if value.value in known:
        return wanted
    return not wanted if len(known) == len(items.elts) else None


def _named(sign: ast.cmpop) -> bool | None:
    """Return the outcome of comparing `__name__` with "__main__" in an imported module."""
    if isinstance(sign, ast.Eq):
        return False
    return True if isinstance(sign, ast.NotEq) else None


def _of_name(test: ast.Name | ast.Attribute, scope: Scope) -> bool | None:
    if _dotted(test, scope) in ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"):
        return False
    if isinstance(test, ast.Name):
        value = _steady(test, scope)
        return bool(value.value) if isinstance(value, ast.Constant) else None
    return None


def _steady(name: ast.Name, scope: Scope) -> Value:
    """Return the constant that a name stands for, if it is given no other value anywhere near."""
    inner: Scope | None = scope
    while inner is not None and name.id not in inner.names:
        inner = inner.parent
    if inner is None:
        return None
    value = inner.names[name.id]
    if not isinstance(value, ast.Constant) or inner.depth > 0:
        return None
    return value


def _dotted(node: ast.expr, scope: Scope) -> str | None:
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, scope)
        return None if owner is None else f"{owner}.{node.attr}"
    if isinstance(node, ast.Name):
        inner: Scope | None = scope
        while inner is not None and node.id not in inner.names:
            inner = inner.parent
        value = inner.names[node.id] if inner is not None else None
        return value if isinstance(value, str) else None
    return None
