"""What the methods of lists, sets and dicts give and keep."""

import ast
from typing import Final

from dagproof.source.values import Container, Value, join

_MORE: Final = "*"
"""Marks the key of an item whose place is not known."""


def container_method(owner: Container, name: str, arguments: list[Value]) -> Value:
    """Follow a method of a list, set or dict."""
    if name in ("get", "pop", "setdefault", "popleft", "popitem"):
        key = arguments[0] if arguments else None
        if isinstance(key, ast.Constant) and key.value in owner.items:
            return owner.items[key.value]
        default = arguments[1] if len(arguments) > 1 else None
        return join(owner.any(), default)
    if name in ("values", "copy"):
        return owner
    if name == "items":
        pair = Container({0: None, 1: owner.any()})
        return Container({0: pair})
    if name in ("append", "add", "insert", "appendleft") and arguments:
        owner.items[len(owner.items), _MORE] = arguments[-1]
    elif name in ("extend", "update") and arguments and isinstance(arguments[0], Container):
        for key_, value in arguments[0].items.items():
            owner.items[key_ if name == "update" else (len(owner.items), _MORE)] = value
    return None
