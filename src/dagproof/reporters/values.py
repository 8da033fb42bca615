"""Values of tasks as JSON can hold them; nothing that their classes do ends a report."""

import math
from collections.abc import Mapping
from typing import Any, Final

_DEEPEST: Final = 100
"""Containers within each other that are told."""


def plain_value(value: Any) -> object:
    """Return what JSON can hold, of Python's own types, and the `repr` of everything else.

    Where a value holds itself, or is nested too deeply, there is an ellipsis.
    """
    return _plain(value, ())


def shown(value: object) -> str:
    """Return the `repr` of a value, also where its class cannot make one."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - the class is a user's, and may do anything
        return f"<{type(value).__qualname__} without a repr: {type(error).__name__}>"


def _plain(value: Any, within: tuple[int, ...]) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return _scalar(value)
    if not isinstance(value, Mapping | list | tuple):
        return shown(value)
    if id(value) in within or len(within) >= _DEEPEST:
        return "…"
    inside = (*within, id(value))
    if isinstance(value, Mapping):
        return {_name(key): _plain(item, inside) for key, item in value.items()}
    return [_plain(item, inside) for item in value]


def _scalar(value: Any) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float.__float__(value) if math.isfinite(value) else shown(value)
    return int.__int__(value) if isinstance(value, int) else str.__str__(value)


def _name(key: object) -> str:
    try:
        return str(key)
    except Exception:  # noqa: BLE001 - likewise
        return shown(key)
