"""What the arguments of a call are, as far as they are known."""

import ast
from collections.abc import Mapping
from typing import TypeAlias

from dagproof.source.file import Node
from dagproof.source.values import Container, Event, Value

Arguments: TypeAlias = Mapping[int | str, Value]


def text(value: Value) -> str | None:
    """Return the string that a value is, if that is known."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return None


def argument(arguments: Arguments, *names: int | str) -> Value:
    """Return the first of several arguments that is given."""
    return next((arguments[name] for name in names if name in arguments), None)


def keyword_node(event: Event, *names: str) -> Node:
    """Return where an argument is written, else the call."""
    if isinstance(event.node, ast.Call):
        for keyword in event.node.keywords:
            if keyword.arg in names:
                return keyword.value
    return event.node


def known_items(value: Value) -> dict[str, Value] | None:
    """Return the items of a dict; None where there may be others."""
    if not isinstance(value, Container) or not all(isinstance(key, str) for key in value.items):
        return None
    node = value.node
    if isinstance(node, ast.Dict):
        whole = None not in node.keys
    else:
        whole = isinstance(node, ast.Call) and not node.args and not hides(node)
    return {str(key): item for key, item in value.items.items()} if whole else None


def hides(node: ast.AST) -> bool:
    """Return whether a call has arguments that are not written in it."""
    return isinstance(node, ast.Call) and (
        any(keyword.arg is None for keyword in node.keywords)
        or any(isinstance(one, ast.Starred) for one in node.args)
    )
