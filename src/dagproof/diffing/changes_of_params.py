"""How the Params of a DAG differ, and whose confs that refuses."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dagproof.diffing.harm import NONE, Harm, error, remark, warning
from dagproof.diffing.wording import change, told_change
from dagproof.model import DagShape, ShapeChange

_WORDS_ALONE: Final = frozenset(
    {
        "description", "description_md", "title", "section", "examples", "values_display",
        "$comment",
    }
)  # fmt: skip
"""Keys that say something to people alone."""

_LOWER: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_MISSING: Final = object()


def param_changes(before: DagShape, after: DagShape) -> Iterator[ShapeChange]:
    """Yield how the Params of a DAG differ."""
    for name in sorted(before.params.keys() | after.params.keys()):
        one, other = before.params.get(name), after.params.get(name)
        where = f"params.{name}"
        if one is None and other is not None:
            yield change(where, "", other, f"Param `{name}` is new", _new(other))
        elif other is None and one is not None:
            yield change(where, one, "", f"Param `{name}` is gone", _GONE)
        elif one is not None and other is not None and one != other:
            yield from _changed(name, one, other)


_GONE: Final = warning(
    "Who still gives it is not told, since Airflow takes any conf; nothing checks the value, and "
    "templates that read it fail in all other runs"
)


def _new(text: str) -> Harm:
    if _is_required(_parsed(text)):
        return error(
            "It has no default: whoever triggers the DAG without it is refused, by the API, the "
            "CLI, `TriggerDagRunOperator` and other schedulers alike"
        )
    return NONE


def _changed(name: str, one: str, other: str) -> Iterator[ShapeChange]:
    before, after = _parsed(one), _parsed(other)
    where = f"params.{name}"
    if before is None or after is None:
        yield told_change(where, f"Param `{name}`", one, other, NONE)
        return
    for key in sorted(before.keys() | after.keys()):
        had, has = before.get(key, _MISSING), after.get(key, _MISSING)
        if had == has and type(had) is type(has):
            continue
        yield told_change(
            f"{where}.{key}",
            f"`{key}` of Param `{name}`",
            _text(had),
            _text(has),
            _harm(key, had, has),
        )


def _harm(key: str, had: Any, has: Any) -> Harm:
    """Return what harm it does that a key of a Param has another value."""
    if key in _WORDS_ALONE:
        return NONE
    if key == "default":
        if has is _MISSING:
            return error("Whoever triggers the DAG without a value for it is refused")
        return NONE if had is _MISSING else remark("Runs that do not give it have the new value")
    if _narrows(key, had, has):
        return warning("Confs that were good are refused: the run is not made")
    return NONE


def _narrows(key: str, had: Any, has: Any) -> bool:
    """Say whether a schema refuses values that it did not; in doubt it does."""
    if has is _MISSING or had is _MISSING:
        return had is _MISSING and not (key == "additionalProperties" and has is True)
    if key == "type":
        return not _types(had) <= _types(has)
    if key == "enum" and isinstance(had, list) and isinstance(has, list):
        return any(one not in has for one in had)
    if isinstance(had, int | float) and isinstance(has, int | float):
        return not ((key in _LOWER and has < had) or (key in _UPPER and has > had))
    return True


def _types(value: Any) -> set[str]:
    """Return the types that a schema names; a number may be an integer, too."""
    named = {str(one) for one in value} if isinstance(value, list) else {str(value)}
    return named | {"integer"} if "number" in named else named


def _is_required(param: Mapping[str, Any] | None) -> bool:
    return param is not None and "default" not in param


def _parsed(text: str) -> dict[str, Any] | None:
    """Return a Param; None where its text was too long to be kept."""
    try:
        param = json.loads(text)
    except ValueError:
        return None
    return param if isinstance(param, dict) else None


def _text(value: Any) -> str:
    return "" if value is _MISSING else json.dumps(value, sort_keys=True, ensure_ascii=False)
