"""Finds what the tasks of a module give to XCom."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dagproof.rules.bodies import Body, Known
from dagproof.rules.body_statements import followed
from dagproof.rules.callables import Task, is_false, option, tasks
from dagproof.rules.nodes import lines_of
from dagproof.rules.reading import Reading
from dagproof.source.file import SourceFile
from dagproof.source.values import Function, Scope

_NO_VALUE: Final = ("branch", "sensor", "short_circuit", "skip_if", "run_if")
"""Decorators whose functions return a decision."""

_NO_VALUE_OPERATORS: Final = ("Sensor", "BranchPythonOperator", "ShortCircuitOperator")


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A value that a task gives to XCom.

    Attributes:
        task: which one.
        source: the file in which it is given.
        node: the expression.
        value: what is known of it.
        how: the verb, "returns" or "pushes".
    """

    task: Task
    source: SourceFile
    node: ast.expr
    value: Known
    how: str


@lru_cache(maxsize=2)
def outputs(reading: Reading) -> tuple[Output, ...]:
    """Return what the tasks of a module give to XCom, each place once."""
    found: dict[int, Output] = {}
    done: set[int] = set()
    for task in tasks(reading):
        function = task.function
        if id(function.node) in done or task.wrapped or not _speaks(function):
            continue
        done.add(id(function.node))
        for output in _of(reading, task, followed(function)):
            found.setdefault(id(output.node), output)
    return tuple(found.values())


def _of(reading: Reading, task: Task, body: Body) -> Iterator[Output]:
    if not (_decides(task) or is_false(option(reading, task, "do_xcom_push"))):
        for node, value in body.returned:
            yield Output(task, body.source, node, value, "returns")
    for source, called in body.calls:
        if called.name.endswith(".xcom_push"):
            value_node = _argument(called.node, "value", 1)
            value = called.named.get("value")
            if value is None and len(called.positional) > 1:
                value = called.positional[1]
            if value_node is not None:
                yield Output(task, source, value_node, value, "pushes")


def _argument(node: ast.Call, name: str, place: int) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    return node.args[place] if len(node.args) > place else None


def _decides(task: Task) -> bool:
    if not task.taskflow:
        return task.event.name.removesuffix(".partial").endswith(_NO_VALUE_OPERATORS)
    for decorator in getattr(task.function.node, "decorator_list", []):
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(inner, ast.Attribute) and inner.attr.startswith(_NO_VALUE):
            return True
    return False


def _speaks(function: Function) -> bool:
    """Return whether a function returns or pushes anything that is worth following."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return True
    data = lines_of(function.source)[node.lineno - 1 : node.end_lineno]
    text = b"\n".join(data)
    if isinstance(node, ast.AsyncFunctionDef) or b"yield" in text:
        return False
    if not _WORTH.search(text) and not _has_helper(function, text):
        return False
    return b"xcom_push" in text or any(map(_tells, _returns(node.body)))


def _has_helper(function: Function, text: bytes) -> bool:
    names = set(_CALL.findall(text))
    scope: Scope | None = function.scope
    while scope is not None and names:
        if any(isinstance(scope.names.get(name.decode()), Function) for name in names):
            return True
        scope = scope.parent
    return False


def _tells(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return any(map(_tells, node.elts))
    if isinstance(node, ast.Dict):
        return any(map(_tells, node.values))
    return not isinstance(node, ast.Constant | ast.JoinedStr)


def _returns(statements: list[ast.stmt]) -> Iterator[ast.expr]:
    for statement in statements:
        if isinstance(statement, ast.Return):
            if statement.value is not None:
                yield statement.value
            continue
        if isinstance(statement, _CLOSED):
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _returns(getattr(statement, block, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _returns(part.body)


_CLOSED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Expr, ast.Assign)

_WORTH: Final = re.compile(
    rb"np\.|numpy|pd\.|pandas|polars|sparse|sklearn|load_|train_test_split|fit|transform|predict"
    rb"|model|pickle|encod|compress|digest|open\(|Path|BytesIO|StringIO|requests|urlopen"
    rb"|subprocess|connect|[cC]lient|Hook|Session|engine|deque|\bre\.|nan|inf|return (?:\(|b['\"])"
    rb"|[^\w.](?:map|filter|zip|range|enumerate|reversed|iter|bytes|bytearray|lambda)\b"
    rb"|\.values\b(?!\(\)\s*:)|\.(?:keys|items)\(\)(?!\s*:)"
)
"""Functions without any of this give nothing that is known to be refused."""

_CALL: Final = re.compile(rb"(?:=|return|[,(])\s*(\w+)\(")
