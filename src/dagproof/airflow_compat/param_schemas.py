"""Validates against JSON schemas as Airflow does it for Params, but checks each schema once."""

import contextlib
import functools
import json
from collections.abc import Iterator
from typing import Any


def validator(schema: Any) -> Any:
    """Return jsonschema's validator of a schema, with the formats that Airflow checks.

    Nothing is fetched from the network: references to other documents cannot be resolved.

    Raises:
        Exception: it is not a JSON schema; a `jsonschema.SchemaError`, or what Python says of
            values that are not JSON.
    """
    if not _plain(schema):
        return _validator(schema)
    return _validator_of(json.dumps(schema))


class Schema(dict[str, Any]):
    """A schema that copies share, so that it need not be checked for each of them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Schema":
        return self

    @functools.cached_property
    def validator(self) -> Any:
        """What `validator` returns for it."""
        return validator(dict(self))


@contextlib.contextmanager
def checked_once() -> Iterator[None]:
    """Let `jsonschema.validate` take the validators that each `Schema` holds."""
    import jsonschema

    original = jsonschema.validate

    def validate(instance: Any, schema: Any, *arguments: Any, **options: Any) -> None:
        if not isinstance(schema, Schema):
            original(instance, schema, *arguments, **options)
        elif schema:
            error = jsonschema.exceptions.best_match(schema.validator.iter_errors(instance))
            if error is not None:
                raise error

    jsonschema.validate = validate
    try:
        yield
    finally:
        jsonschema.validate = original


def _plain(value: Any) -> bool:
    """Tell whether a value is JSON and nothing that JSON only stands for, such as a tuple."""
    if isinstance(value, dict):
        return all(type(key) is str and _plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


@functools.lru_cache(maxsize=4096)
def _validator_of(schema: str) -> Any:
    return _validator(json.loads(schema))


def _validator(schema: Any) -> Any:
    from jsonschema import FormatChecker
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY

    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=FormatChecker(), registry=REGISTRY)
