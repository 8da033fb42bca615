"""What the methods of lists, sets and dicts give and keep."""

import ast

from dagproof.source.values import Container, Value, join


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
        owner.items[len(owner.items), "*"] = arguments[-1]
    elif arguments and isinstance(arguments[0], Container):
        if name == "extend":
            owner.extend(arguments[0].items.values())
        elif name == "update":
            owner.items.update(arguments[0].items)
    return None
