"""The pools, connections and variables that a module names, in calls and in templates."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dagproof.rules.arguments import keyword_node, text
from dagproof.rules.mentions import Mention, mention
from dagproof.rules.nodes import nodes
from dagproof.rules.reading import Reading
from dagproof.source.file import Node


@dataclass(frozen=True, slots=True)
class Names:
    """What a module needs to find in its environment. A variable with a default is not needed.

    Attributes:
        pools: names.
        connections: ids.
        variables: keys.
        variables_set: keys that the module itself gives values to.
    """

    pools: tuple[Mention, ...] = ()
    connections: tuple[Mention, ...] = ()
    variables: tuple[Mention, ...] = ()
    variables_set: frozenset[str] = frozenset()


_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\bvar\.(?:value|json)\.(?!get\b)(\w+)(?=[^\w])"
    r"|\bvar\.(?:value|json)\.get\(\s*['\"]([^'\"]+)['\"]\s*\)"
)
_CONNECTION: Final = re.compile(
    r"\bconn\.(?!get\b)(\w+)(?=[^\w])|\bconn\.get\(\s*['\"]([^'\"]+)['\"]"
)
_SETS: Final = re.compile(rb"\bVariable\.set\(\s*(?:key\s*=\s*)?['\"]([^'\"]+)")
_LOOKUPS: Final = ("get_connection", "get_connection_from_secrets")
_CLASSES: Final = {"Connection": "connections", "Variable": "variables"}


def names_of(reading: Reading) -> Names:
    """Return what a module names."""
    found: dict[str, dict[tuple[int, int, str], Mention]] = {
        "pools": {}, "connections": {}, "variables": {},
    }  # fmt: skip
    for kind, name, node in (*_in_events(reading), *_in_tree(reading)):
        if name and "{" not in name and "%" not in name:
            place = (node.lineno, node.col_offset, name)
            found[kind].setdefault(place, mention(name, reading.source, node))
    pools, connections, variables = (tuple(mentions.values()) for mentions in found.values())
    return Names(pools, connections, variables, frozenset(_set(reading.source.data)))


def _set(data: bytes) -> Iterator[str]:
    return (name.decode("utf-8", "replace") for name in _SETS.findall(data))


def _in_events(reading: Reading) -> Iterator[tuple[str, str, Node]]:
    """Yield what tasks are given, also by way of constants."""
    for event in reading.unit.events:
        if event.source is not reading.source or not event.name.startswith("airflow."):
            continue
        for key, value in event.arguments.items():
            kind = _kind(key) if isinstance(key, str) else None
            name = text(value)
            if kind is not None and name is not None:
                yield kind, name, keyword_node(event, str(key))


def _in_tree(reading: Reading) -> Iterator[tuple[str, str, Node]]:
    alone: set[int] = set()
    for node in nodes(reading.source.tree):
        if isinstance(node, ast.Expr):
            alone.add(id(node.value))
        elif isinstance(node, ast.Call):
            yield from _looked_up(node)
            yield from _given(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = key.value if isinstance(key, ast.Constant) else None
                kind = _kind(named) if isinstance(named, str) else None
                if kind is not None and isinstance(value, ast.Constant) and text(value):
                    yield kind, str(value.value), value
        elif isinstance(node, ast.Constant) and id(node) not in alone:
            yield from _in_template(node)


def _given(node: ast.Call) -> Iterator[tuple[str, str, Node]]:
    """Yield what a call is given by name; only of a task do we know that a pool is Airflow's."""
    is_task = any(keyword.arg == "task_id" for keyword in node.keywords)
    for keyword in node.keywords:
        kind = _kind(keyword.arg) if keyword.arg else None
        name = text(keyword.value) if isinstance(keyword.value, ast.Constant) else None
        if kind is not None and name and (kind != "pools" or is_task):
            yield kind, name, keyword.value


def _kind(key: str) -> str | None:
    if key == "pool":
        return "pools"
    return "connections" if key == "conn_id" or key.endswith("_conn_id") else None


def _looked_up(node: ast.Call) -> Iterator[tuple[str, str, Node]]:
    if not isinstance(node.func, ast.Attribute) or not node.args:
        return
    name = text(node.args[0]) if isinstance(node.args[0], ast.Constant) else None
    if name is None:
        return
    owner = node.func.value
    of = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    defaults = len(node.args) > 1 or any(
        keyword.arg in ("default_var", "default", None) for keyword in node.keywords
    )
    if node.func.attr in _LOOKUPS:
        yield "connections", name, node.args[0]
    elif node.func.attr == "get" and of in _CLASSES and not (of == "Variable" and defaults):
        yield _CLASSES[of], name, node.args[0]


def _in_template(node: ast.Constant) -> Iterator[tuple[str, str, Node]]:
    value = text(node) or ""
    for template in _TEMPLATE.findall(value) if "{" in value else ():
        for kind, pattern in (("variables", _VARIABLE), ("connections", _CONNECTION)):
            for found in pattern.finditer(template):
                yield kind, found[1] or found[2], node
