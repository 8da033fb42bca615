"""Reads JSON schemas: what is wrong with one, and what it allows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof.airflow_compat.param_schemas import validator

ASSERTIONS: Final = frozenset((
    "$dynamicRef", "$recursiveRef", "$ref", "additionalItems", "additionalProperties", "allOf",
    "anyOf", "const", "contains", "dependencies", "dependentRequired", "dependentSchemas", "else",
    "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxContains",
    "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength",
    "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "required", "then", "type", "unevaluatedItems",
    "unevaluatedProperties", "uniqueItems",
))  # fmt: skip
"""Keywords that can make a value invalid; all others are notes to the reader or the form."""

_LONGEST: Final = 160
"""Characters of a value or a reason that a message shows."""

_PROBES: Final[tuple[object, ...]] = (None, True, 0, "", [], {})
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_OF_SAME: Final = ("not", "if", "then", "else")
_LISTS_OF_SAME: Final = ("allOf", "anyOf", "oneOf")
_QUOTED: Final = frozenset({"const", "default", "enum", "examples"})


def assertions(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a schema that can make a value invalid."""
    return {key: value for key, value in schema.items() if key in ASSERTIONS}


def allows(schema: object, value: object) -> bool:
    """Tell whether a schema allows a value; one that is no schema allows nothing."""
    return not objection(schema, value)


def objection(schema: object, value: object) -> str:
    """Return why a schema does not allow a value, one line; empty where it does."""
    try:
        found = next(validator(schema).iter_errors(value), None)
    except Exception as error:  # noqa: BLE001 - a broken schema fails in many ways
        return brief(error)
    return "" if found is None else _reason(found)


def flaw(schema: Any) -> str:
    """Return why nothing can be validated against a schema, as a clause; empty where it can."""
    if not isinstance(schema, dict | bool):
        return f"is {code(schema)}, which is not an object"
    try:
        checks = validator(schema)
        references = list(_references(schema))
    except RecursionError:
        return "contains itself"
    except Exception as error:  # noqa: BLE001 - a schema error, or what Python says of odd values
        return f"is not a JSON schema: {_reason(error)}"
    return _astray(checks, schema, references)


def _astray(checks: Any, schema: Any, references: Sequence[str]) -> str:
    """Tell of references that lead nowhere, elsewhere, or round in a circle."""
    elsewhere = [one for one in references if not one.startswith("#")]
    if elsewhere and "$id" not in schema:
        return f"refers to {quoted(elsewhere[0])}, which is another document"
    try:
        if any(_circles(checks, one, frozenset()) for one in (schema, *map(_to, references))):
            return "refers to itself without end"
        for probe in _PROBES:
            checks.is_valid(probe)
    except Exception as error:  # noqa: BLE001 - a reference, or a pattern that does not compile
        return f"cannot be resolved: {brief(error)}"
    return ""


def _to(reference: str) -> dict[str, str]:
    return {"$ref": reference}


def _circles(checks: Any, schema: object, followed: frozenset[str]) -> bool:
    """Tell whether a schema asks itself of the same value again, which never ends."""
    if not isinstance(schema, dict):
        return False
    for keyword in _REFERENCES:
        if isinstance(reference := schema.get(keyword), str):
            if reference in followed:
                return True
            found = checks._resolver.lookup(reference).contents  # noqa: SLF001 - as it validates
            if _circles(checks, found, followed | {reference}):
                return True
    inner = [schema[keyword] for keyword in _OF_SAME if keyword in schema]
    for keyword in _LISTS_OF_SAME:
        inner += schema.get(keyword, ())
    inner += schema.get("dependentSchemas", {}).values()
    return any(_circles(checks, one, followed) for one in inner)


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in _REFERENCES and isinstance(value, str):
                yield value
            elif key not in _QUOTED:
                yield from _references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def code(value: object) -> str:
    """Return a value as Python writes it, between backticks: one line, not long."""
    return quoted(repr(value))


def quoted(text: str) -> str:
    """Return a name or a piece of code between backticks: one line, not long."""
    text = _short(" ".join(text.split()))
    return f"`{text.replace('`', chr(39))}`"


def brief(error: BaseException) -> str:
    """Return the first line of what an exception says, or its type; without a full stop."""
    return _short(str(error).partition("\n")[0].rstrip(".") or type(error).__name__)


def _reason(error: Any) -> str:
    path = ".".join(map(str, getattr(error, "absolute_path", ())))
    text = brief(ValueError(error.message)) if hasattr(error, "message") else brief(error)
    return f"{quoted(path)}: {text}" if path else text


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
