"""Finds `xcom_pull` in code and in templates, with the tasks that it names."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.rules.arguments import text
from dagproof.rules.nodes import nodes
from dagproof.source.file import Node

_PULL: Final = re.compile(r"\bxcom_pull\(([^()]*)\)")
_TASKS: Final = re.compile(r"^\s*(?:task_ids\s*=\s*)?(?:(\[[^\]]*\]|\([^)]*\))|(['\"])(.*?)\2)")
_NAMED: Final = re.compile(r"\btask_ids\s*=\s*(?:(\[[^\]]*\]|\([^)]*\))|(['\"])(.*?)\2)")
_QUOTED: Final = re.compile(r"(['\"])(.*?)\1")
_ID: Final = re.compile(r"[\w.\-]+")
_ANY: Final = re.compile(
    rb"(?:task_ids\s*=|xcom_pull\()\s*\\?([\[(][^\])]*|['\"][^'\"]*['\"])", re.DOTALL
)
_QUOTED_BYTES: Final = re.compile(rb"['\"]([^'\"\\]*)\\?['\"]")


def names_pulled(data: bytes) -> set[str]:
    """Return quickly what a file may ask for, and perhaps more."""
    if b"xcom_pull" not in data:
        return set()
    return {
        name.decode("utf-8", "replace")
        for found in _ANY.findall(data)
        for name in _QUOTED_BYTES.findall(found)
    }


def pulls(tree: ast.AST) -> Iterator[tuple[str, Node]]:
    """Yield the ids that are asked for in this DAG, and where they stand.

    An id that is put together when the code runs is left out, and so is one of another DAG.
    """
    alone: set[int] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Expr):
            alone.add(id(node.value))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "xcom_pull":
                yield from _in_call(node)
        elif isinstance(node, ast.Constant) and id(node) not in alone:
            yield from ((name, node) for name in _in_text(text(node) or ""))


def _in_call(node: ast.Call) -> Iterator[tuple[str, Node]]:
    given: dict[str | None, ast.expr] = {keyword.arg: keyword.value for keyword in node.keywords}
    if not given.keys().isdisjoint({None, "dag_id", "run_id", "include_prior_dates"}):
        return
    tasks = given.get("task_ids", node.args[0] if node.args else None)
    for one in tasks.elts if isinstance(tasks, ast.List | ast.Tuple) else (tasks,):
        if isinstance(one, ast.Constant) and _ID.fullmatch(text(one) or "") is not None:
            yield str(one.value), one


def _in_text(value: str) -> Iterator[str]:
    for pull in _PULL.finditer(value):
        arguments = pull[1]
        if "dag_id" in arguments or "run_id" in arguments or "prior" in arguments:
            continue
        found = _NAMED.search(arguments) or _TASKS.match(arguments)
        if found is None:
            continue
        names = [quoted[2] for quoted in _QUOTED.finditer(found[1])] if found[1] else [found[3]]
        yield from (name for name in names if _ID.fullmatch(name))
