"""Makes confs that Airflow accepts from the schemas of a DAG's Params."""

import contextlib
import functools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

import hypothesis
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from dagproof.airflow_compat.params import DeclaredParam
from dagproof.contracts.limits import OutOfTimeError, within
from dagproof.contracts.schemas import brief, flaw, objection
from dagproof.contracts.undisturbed import undisturbed
from dagproof.contracts.values import values

SECONDS: Final = 2.0
"""CPU seconds in which a schema must give an example."""


_known: "Final[dict[str, Trouble | None]]" = {}
"""What was found of schemas in this process: many DAGs have a month of 1 to 12."""


class UnusableSchemaError(ValueError):
    """Raised for a Param that no conf can give a value."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a schema has no examples.

    Attributes:
        clause: follows "the schema of the Param", without a full stop.
        proved: whether the schema is wrong; else it may only be too much for us.
    """

    clause: str
    proved: bool


def conf_strategy(params: Sequence[DeclaredParam]) -> SearchStrategy[dict[str, object]]:
    """Return confs of JSON values that the schemas allow; a Param with a default may be left out.

    A Param with a good default and a schema of which no example can be made is always left out.

    Raises:
        UnusableSchemaError: no conf can be made for one of the Params.
    """
    required: dict[str, SearchStrategy[object]] = {}
    optional: dict[str, SearchStrategy[object]] = {}
    for param in params:
        found, may_be_left_out = trouble(param.schema), has_good_default(param)
        if found is None:
            (optional if may_be_left_out else required)[param.name] = values(param.schema)
        elif not may_be_left_out:
            raise UnusableSchemaError(f"the schema of the Param `{param.name}` {found.clause}")
    return st.fixed_dictionaries(required, optional=optional)


def trouble(schema: Any) -> Trouble | None:
    """Return why no example can be made of a schema, or None where one can."""
    key = repr(schema)
    if key not in _known:
        _known[key] = _sought(schema)
    return _known[key]


def default_trouble(param: DeclaredParam) -> Trouble | None:
    """Return why a default is not allowed, or None where it is or there is none.

    The clause follows "the default of the Param".
    """
    if param.required:
        return None
    return _default_trouble_of(json.dumps(param.schema), json.dumps(param.default))


def has_good_default(param: DeclaredParam) -> bool:
    """Tell whether a conf may leave out a Param."""
    found = trouble(param.schema)
    usable = found is None or not found.proved
    return not param.required and usable and default_trouble(param) is None


def smallest_value(schema: Any) -> object:
    """Return the smallest value that a schema without `trouble` allows."""
    return _first(json.dumps(schema))


def generated(
    drawn: SearchStrategy[dict[str, object]], examples: int, seed: int
) -> list[dict[str, object]]:
    """Return confs that are drawn, at most `examples`, the smallest first; the same for a seed.

    Raises:
        hypothesis.errors.Unsatisfiable: hardly any could be drawn.
    """
    return _drawn(drawn, examples, seed)


def warm_up() -> None:
    """Load what all confs need, for processes that are forked from this one."""
    trouble({"type": ["integer", "number", "string"]})
    trouble({"type": "string", "pattern": "^\\w$"})


def _sought(schema: Any) -> Trouble | None:
    _load_characters()
    try:
        with within(SECONDS):
            if clause := flaw(schema):
                return Trouble(clause, proved=True)
            if values(schema).is_empty:
                return Trouble("allows nothing", proved=True)
            smallest_value(schema)
    except OutOfTimeError:
        return Trouble(f"gives no example within {SECONDS:g} CPU seconds", proved=False)
    except Unsatisfiable:
        return Trouble("gives no example: what it allows is too large or too rare", proved=False)
    except Exception as error:  # noqa: BLE001 - Hypothesis and its helper fail in many ways
        return Trouble(f"gives no example: {brief(error)}", proved=False)
    return None


@functools.lru_cache(maxsize=4096)
def _default_trouble_of(schema: str, default: str) -> Trouble | None:
    try:
        with within(SECONDS):
            why = objection(json.loads(schema), json.loads(default))
    except OutOfTimeError:
        return Trouble(f"is not validated within {SECONDS:g} CPU seconds", proved=False)
    return Trouble(f"breaks its own schema: {why}", proved=True) if why else None


@functools.lru_cache(maxsize=4096)
def _first(schema: str) -> object:
    return _drawn(values(json.loads(schema)), 1, 0)[0]


def _drawn(drawn: SearchStrategy[Any], examples: int, seed: int) -> list[Any]:
    found: list[Any] = []
    search = hypothesis.settings(
        database=None,
        deadline=None,
        max_examples=examples,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )

    def keep(value: Any) -> None:
        found.append(value)

    _load_characters()
    with undisturbed():
        hypothesis.seed(seed)(search(hypothesis.given(drawn)(keep)))()
    return found


@functools.cache
def _load_characters() -> None:
    """Let Hypothesis make its table of characters, and not keep it in the working directory."""
    from hypothesis.internal import charmap

    with (
        contextlib.suppress(AttributeError),
        mock.patch.object(charmap, "charmap_file", return_value=Path(os.devnull)),
        mock.patch.object(charmap, "storage_directory", side_effect=OSError),
    ):
        charmap.charmap()


def plain(conf: Mapping[str, object]) -> str:
    """Return a conf as JSON: what tells two apart, and measures them."""
    return json.dumps(conf, sort_keys=True, default=repr)
