"""Finds the place of a template among the fields of a task."""

from collections.abc import Iterator, Mapping
from typing import Any


def field_of(task: Any, source: str) -> str:
    """Return where a template stands, such as `op_kwargs.month`; empty where that is not known."""
    for name in task.template_fields:
        for where, text in _texts(_value(task, name), name):
            if text == source:
                return where.removeprefix("op_kwargs.") if where.startswith("op_kwargs.") else where
    return ""


def _value(task: Any, name: str) -> Any:
    """Return a template field as it was given; a mapped task keeps them in two places."""
    if not getattr(task, "is_mapped", False):
        return getattr(task, name, None)
    partial = getattr(task, "partial_kwargs", {})
    expanded = [
        getattr(getattr(task, attribute, None), "value", None)
        for attribute in ("expand_input", "op_kwargs_expand_input")
    ]
    found = [partial.get(name)]
    for value in expanded:
        if isinstance(value, Mapping):
            found.append(value if name == "op_kwargs" else value.get(name))
        elif value is not None:
            found.append(value)
    return [one for one in found if one is not None]


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _texts(inner, where)
