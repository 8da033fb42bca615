"""DP131: a scheduled DAG asks for a conf key, and scheduled runs have no conf."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.callables import tasks
from dagproof.rules.reading import Reading
from dagproof.rules.templates import asked, scheduled
from dagproof.source.values import Function

_GUARDED: Final = re.compile(rb"\btry:|\b(?:if|elif|in|while|and|or)\b[^\n]*\bconf\b")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the conf keys that a scheduled run fails without."""
    if b"conf" not in reading.source.data or scheduled(reading) is not True:
        return
    for one in asked(reading):
        if one.of == "dag_run.conf" and one.strict:
            yield Hit(one.event.source.span(one.node), _message(one.key))
    seen: set[int] = set()
    for task in tasks(reading):
        if id(task.function.node) not in seen:
            seen.add(id(task.function.node))
            yield from _in_function(task.function)


def _message(key: str) -> str:
    return f'`dag_run.conf["{key}"]` has no default, and a run that the schedule starts has no conf'


def _in_function(function: Function) -> Iterator[Hit]:
    node, source = function.node, function.source
    lines = source.data.split(b"\n")[node.lineno - 1 : node.end_lineno]
    text = b"\n".join(lines)
    if b".conf[" not in text or _GUARDED.search(text):
        return
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Subscript)
            and isinstance(inner.ctx, ast.Load)
            and isinstance(inner.slice, ast.Constant)
            and isinstance(inner.slice.value, str)
            and isinstance(inner.value, ast.Attribute)
            and inner.value.attr == "conf"
            and _is_run(inner.value.value)
        ):
            yield Hit(source.span(inner), _message(inner.slice.value))


def _is_run(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "dag_run"
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "dag_run"
    return isinstance(node, ast.Attribute) and node.attr == "dag_run"


RULE: Final = Rule(
    code="DP131",
    slug="conf-key-without-default",
    severity=Severity.WARNING,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "Only a run that somebody triggers has a conf. In a scheduled run the template fails with "
        "an `UndefinedError` (also before `or`), and the function with a `KeyError`."
    ),
    fix="Declare a Param with a default and read `params`, or use `dag_run.conf.get(...)`.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load", schedule="@daily"):
    BashOperator(task_id="load", bash_command='load {{ dag_run.conf["table"] }}')
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load", schedule="@daily", params={"table": "rows"}):
    BashOperator(task_id="load", bash_command="load {{ params.table }}")
""",
    check=check,
)
