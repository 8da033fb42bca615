"""Where a file tells MLflow its addresses, and what they are as far as they are written there."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dagproof.rules.nodes import every_node, nodes
from dagproof.source.file import SourceFile

_KEYWORDS: Final = {
    "set_tracking_uri": ("uri",),
    "set_registry_uri": ("uri",),
    "MlflowClient": ("tracking_uri", "registry_uri"),
}
_VARIABLES: Final = frozenset({"MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"})
_TOKENS: Final = (b"set_tracking_uri", b"set_registry_uri", b"MlflowClient(", b"os.environ")

_NAMING: Final = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
    ast.MatchStar,
)  # fmt: skip
"""What binds a name that is a text of the node."""

_Constants = Mapping[str, ast.expr]


@dataclass(frozen=True, slots=True)
class Address:
    """An address that MLflow is given.

    Attributes:
        node: what gives it: a call, or an assignment to a variable of the environment.
        taker: what takes it, such as `set_tracking_uri()`.
        written: where the text stands, there or where a name is bound.
        text: the address, or what it begins with.
        whole: whether `text` is all of it.
    """

    node: ast.Call | ast.Assign
    taker: str
    written: ast.expr
    text: str
    whole: bool


def mlflow_addresses(source: SourceFile) -> tuple[Address, ...]:
    """Return the addresses whose beginning is written in the file.

    One that is given under a question about the environment is left out, as is a script's.
    """
    data = source.data
    if not (b"mlflow" in data or b"MLFLOW" in data) or not any(one in data for one in _TOKENS):
        return ()
    return _read(source)


@lru_cache(maxsize=2)
def _read(source: SourceFile) -> tuple[Address, ...]:
    found = every_node(source)
    given = [one for node in found for one in _given(node)]
    if not given:
        return ()
    constants, spared = _constants(found), _spared(found)
    return tuple(
        Address(node, taker, written, *told)
        for node, taker, value in given
        if id(node) not in spared
        for written in [_bound(value, constants)]
        if (told := _told(written, constants)) is not None
    )


def _given(node: ast.AST) -> Iterator[tuple[ast.Call | ast.Assign, str, ast.expr]]:
    """Yield what gives an address, what takes it, and the address."""
    if isinstance(node, ast.Call) and (name := _name(node.func)) in _KEYWORDS:
        names = _KEYWORDS[name]
        values = [
            *node.args[: len(names)],
            *(one.value for one in node.keywords if one.arg in names),
        ]
        yield from ((node, f"{name}()", value) for value in values)
    elif isinstance(node, ast.Assign) and any(map(_is_variable, node.targets)):
        yield node, "os.environ", node.value


def _name(node: ast.AST) -> str:
    """Return a name, or the last one of an attribute; empty for anything else."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _is_variable(target: ast.expr) -> bool:
    """Say whether something is `os.environ["MLFLOW_TRACKING_URI"]`, or the other one."""
    return (
        isinstance(target, ast.Subscript)
        and _name(target.value) == "environ"
        and _names_variable(target.slice)
    )


def _names_variable(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in _VARIABLES


def _bound(value: ast.expr, constants: _Constants) -> ast.expr:
    return constants.get(value.id, value) if isinstance(value, ast.Name) else value


def _told(value: ast.expr, constants: _Constants) -> tuple[str, bool] | None:
    """Return a text, or what an f-string or a sum begins with, and whether that is all."""
    value = _bound(value, constants)
    if isinstance(value, ast.Constant):
        return (value.value, True) if isinstance(value.value, str) else None
    if isinstance(value, ast.JoinedStr):
        parts = value.values
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        parts = _summands(value)
    elif isinstance(value, ast.FormattedValue) and value.format_spec is None:
        return _told(value.value, constants)
    else:
        return None
    text = ""
    for part in parts:
        told = _told(part, constants)
        text += told[0] if told else ""
        if told is None or not told[1]:
            return (text, False) if text else None
    return text, True


def _summands(value: ast.expr) -> list[ast.expr]:
    """Return what a sum adds up, in order; one of a thousand texts is a thousand nodes deep."""
    last_first = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        last_first.append(value.right)
        value = value.left
    return [value, *reversed(last_first)]


def _constants(found: tuple[ast.AST, ...]) -> dict[str, ast.expr]:
    """Return the constants of names that the file binds once."""
    bound: Counter[str] = Counter()
    constants: dict[str, ast.expr] = {}
    for node in found:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[node.id] += 1
        elif isinstance(node, ast.arguments):
            bound.update(one.arg for one in _parameters(node))
        elif isinstance(node, ast.alias):
            bound[node.asname or node.name] += 1
        elif isinstance(node, _NAMING) and node.name:
            bound[node.name] += 1
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            constants |= {one.id: node.value for one in targets if isinstance(one, ast.Name)}
    return {name: value for name, value in constants.items() if bound[name] == 1}


def _parameters(node: ast.arguments) -> Iterator[ast.arg]:
    yield from (*node.posonlyargs, *node.args, *node.kwonlyargs)
    yield from (one for one in (node.vararg, node.kwarg) if one is not None)


def _spared(found: tuple[ast.AST, ...]) -> set[int]:
    """Return what stands under a question about the environment, or for scripts, by id."""
    asked = {
        target.id
        for node in found
        if isinstance(node, ast.Assign) and any(map(_reads_environment, nodes(node.value)))
        for target in node.targets
        if isinstance(target, ast.Name)
    } | {"__name__"}
    return {
        id(below)
        for node in found
        if isinstance(node, ast.If | ast.IfExp)
        and any(_asks(one, asked) for one in nodes(node.test))
        for below in nodes(node)
    }


def _asks(node: ast.AST, names: set[str]) -> bool:
    return _reads_environment(node) or (isinstance(node, ast.Name) and node.id in names)


def _reads_environment(node: ast.AST) -> bool:
    return _name(node) in {"environ", "getenv"}
