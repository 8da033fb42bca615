"""DP120: a function under `@dag` is never called, so that its DAG does not exist.

The finding stands at the name in the `def`. Not judged: a function that was handed to code which
cannot be seen, one in a module that another file imports, and one that cannot be called without
arguments at the top of a file, which may be a factory that other files call.
"""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Edit, Hit, Kind, Related, Rule, Severity, Span
from dagproof.rules.definitions import name_node
from dagproof.rules.reading import Reading
from dagproof.source.file import SourceFile
from dagproof.source.values import Function


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the `@dag` functions that nobody called when the file was imported."""
    if reading.imported or not reading.unit.dags:
        return
    called = {
        event.callee.node
        for event in reading.unit.events
        if event.name[:4] == "@dag" and isinstance(event.callee, Function)
    }
    for function, chain in reading.unit.dags:
        node = function.node
        if node in called or isinstance(node, ast.Lambda) or function.source is not reading.source:
            continue
        called.add(node)
        if not chain and _needs_arguments(node):
            continue
        yield Hit(
            function.source.span(name_node(node)),
            f"`{node.name}()` is never called: the file defines no such DAG",
            tuple(Related(source.span(call), "made by this call") for source, call in chain),
            _calls(reading.source, node),
        )


def _needs_arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    return len(positional) > len(given.defaults) or None in given.kw_defaults


def _calls(source: SourceFile, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Edit, ...]:
    """Return the call to append, where the function is at the top of the file."""
    if node not in source.tree.body or _needs_arguments(node):
        return ()
    last = len(source.lines)
    column = len(source.line(last)) + 1
    end = Span(source.shown, last, column, last, column)
    newline = "\r\n" if b"\r\n" in source.data else "\n"
    gap = newline * (3 if source.line(last) else 2)
    return (Edit(end, f"{gap}{node.name}(){newline}"),)


RULE: Final = Rule(
    code="DP120",
    slug="uncalled-dag",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "`@dag` makes a function that makes a DAG. Until it is called while the file is imported "
        "there is no DAG, no error either, and nothing is ever scheduled."
    ),
    fix="Call the function at the end of the file.",
    bad="""\
from airflow.sdk import dag, task

@dag(schedule="@daily")
def load():
    @task
    def rows():
        return 1

    rows()
""",
    good="""\
from airflow.sdk import dag, task

@dag(schedule="@daily")
def load():
    @task
    def rows():
        return 1

    rows()

load()
""",
    check=check,
)
