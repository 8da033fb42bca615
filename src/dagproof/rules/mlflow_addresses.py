"""Where a file tells MLflow its addresses, and what they are as far as they are written there."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dagproof.rules.nodes import every_node
from dagproof.source.file import SourceFile

_KEYWORDS: Final = {
    "set_tracking_uri": ("uri",),
    "set_registry_uri": ("uri",),
    "MlflowClient": ("tracking_uri", "registry_uri"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address that a call is given.

    Attributes:
        node: the call.
        called: its name, such as `set_tracking_uri`.
        written: where the text stands, in the call or where a name is bound.
        text: the address, or what it begins with.
        whole: whether `text` is all of it.
    """

    node: ast.Call
    called: str
    written: ast.Constant
    text: str
    whole: bool


def mlflow_addresses(source: SourceFile) -> tuple[Address, ...]:
    """Return the addresses whose beginning is written in the file."""
    if b"mlflow" not in source.data or not _may_tell(source.data):
        return ()
    return _read(source)


def _may_tell(data: bytes) -> bool:
    return b"set_tracking_uri" in data or b"set_registry_uri" in data or b"MlflowClient(" in data


@lru_cache(maxsize=2)
def _read(source: SourceFile) -> tuple[Address, ...]:
    found = every_node(source)
    calls = [one for one in found if isinstance(one, ast.Call) and _called(one) in _KEYWORDS]
    constants = _constants(found) if calls else {}
    return tuple(
        Address(call, _called(call), *told)
        for call in calls
        for value in _given(call)
        if (told := _told(value, constants)) is not None
    )


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def _given(call: ast.Call) -> Iterator[ast.expr]:
    names = _KEYWORDS[_called(call)]
    yield from call.args[: len(names)]
    yield from (one.value for one in call.keywords if one.arg in names)


def _told(
    value: ast.expr | None, constants: Mapping[str, ast.Constant]
) -> tuple[ast.Constant, str, bool] | None:
    """Return a text, or what an f-string or a sum begins with, and whether that is all."""
    if isinstance(value, ast.Name):
        value = constants.get(value.id)
    if isinstance(value, ast.Constant):
        return (value, value.value, True) if isinstance(value.value, str) else None
    if isinstance(value, ast.JoinedStr) and value.values:
        first = _told(value.values[0], constants)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        first = _told(value.left, constants)
    else:
        return None
    return (*first[:2], False) if first is not None else None


def _constants(nodes: tuple[ast.AST, ...]) -> dict[str, ast.Constant]:
    """Return the constants of names that the file binds once."""
    bound: Counter[str] = Counter()
    found: dict[str, ast.Constant] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[node.id] += 1
        elif isinstance(node, ast.arguments):
            bound.update(one.arg for one in _parameters(node))
        elif isinstance(node, ast.alias):
            bound[node.asname or node.name] += 1
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {one.id: node.value for one in targets if isinstance(one, ast.Name)}
    return {name: value for name, value in found.items() if bound[name] == 1}


def _parameters(node: ast.arguments) -> Iterator[ast.arg]:
    yield from (*node.posonlyargs, *node.args, *node.kwonlyargs)
    yield from (one for one in (node.vararg, node.kwarg) if one is not None)
