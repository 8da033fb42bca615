"""Finds the place of a template among the fields of a task."""

from collections.abc import Iterator, Mapping
from typing import Any


def field_of(task: Any, source: str) -> str:
    """Return where a template stands, such as `env.DAY`, or `month` for an argument of a callable.

    It is empty where that is not known.
    """
    return next(fields_of(task, source), "")


def fields_of(task: Any, source: str) -> Iterator[str]:
    """Yield all places where a template stands."""
    for name in task.template_fields:
        for where, text in _texts(_value(task, name), name):
            if text == source:
                yield where.removeprefix("op_kwargs.")


def _value(task: Any, name: str) -> Any:
    """Return a template field as it was given; a mapped task keeps them in three places."""
    if not getattr(task, "is_mapped", False):
        return getattr(task, name, None)
    found = [getattr(task, "partial_kwargs", {}).get(name)]
    if name == "op_kwargs":
        found.append(_expanded(task, "op_kwargs_expand_input"))
    match _expanded(task, "expand_input"):
        case Mapping() as lists:
            found.append(lists.get(name))
        case list() | tuple() as dicts:
            found += [one.get(name) for one in dicts if isinstance(one, Mapping)]
    return [one for one in found if one is not None]


def _expanded(task: Any, attribute: str) -> Any:
    return getattr(getattr(task, attribute, None), "value", None)


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _texts(inner, where)
