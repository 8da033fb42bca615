"""Says which of the confs that Airflow accepts somebody may really send."""

from collections.abc import Mapping, Sequence
from typing import Final

from dagproof.airflow_compat.params import DeclaredParam

_TYPED: Final = frozenset({"type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "$ref", "if"})
_KINDS: Final[tuple[tuple[type, tuple[type, ...]], ...]] = (
    (bool, (bool,)),
    (int, (int, float)),
    (float, (int, float)),
    (str, (str,)),
    (list, (list,)),
    (dict, (dict,)),
)


def is_likely(params: Sequence[DeclaredParam], conf: Mapping[str, object]) -> bool:
    """Say whether a conf has values like the defaults where no schema says what they are.

    A Param without a type takes anything, from `null` to a list. Its form has a field for what its
    default is; who writes JSON by hand may put a number in quotes.
    """
    return all(_is_sent(one, conf[one.name]) for one in params if one.name in conf)


def _is_sent(param: DeclaredParam, value: object) -> bool:
    if isinstance(value, float) and _wants_integer(param.schema.get("type")):
        return False  # JSON Schema takes 5.0 for an integer, and nobody writes it
    return param.required or bool(_TYPED & param.schema.keys()) or _is_alike(param.default, value)


def _wants_integer(kinds: object) -> bool:
    named = (kinds,) if isinstance(kinds, str) else kinds
    return isinstance(named, list | tuple) and "integer" in named and "number" not in named


def _is_alike(default: object, value: object) -> bool:
    for kind, kinds in _KINDS:
        if isinstance(default, kind):
            return _is_number(default, value) or _is_of(value, kinds)
    return True  # nothing is known of a default that is null


def _is_number(default: object, value: object) -> bool:
    """Say whether a value is a number in quotes, where one is wanted."""
    if isinstance(default, bool) or not isinstance(default, int | float):
        return False
    return isinstance(value, str) and value.strip().isdecimal()


def _is_of(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
