"""Makes values of a return annotation, as a task that has it might return them."""

import collections
import dataclasses
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dagproof.contracts.annotations import UnprovedError, hints_of, in_words
from dagproof.contracts.tables import table_strategy

Strategy = SearchStrategy[Any]
Above = tuple[object, ...]
"""The annotations that an annotation is a part of."""

_MOST_ITEMS: Final = 3
_DEEPEST: Final = 12
_MOST_TURNS: Final = 2
"""How often an annotation is made inside of itself."""

_LETTERS: Final = "ab01 _-.é名\U0001f600'\"\\\n"
"""Texts of these make no table of all of Unicode, which Hypothesis would write to a file."""

_FROM: Final = datetime(1970, 1, 2)  # noqa: DTZ001 - Hypothesis adds the zone
_TO: Final = datetime(2100, 1, 1)  # noqa: DTZ001 - the same
_INT64: Final = 2**63

_texts: Final = st.text(alphabet=_LETTERS, max_size=8)
_integers: Final = st.integers(-_INT64, _INT64 - 1)  # what msgpack carries to the supervisor
_plain: Final = st.one_of(_integers, _texts, st.booleans(), st.none())
_zones: Final = st.sampled_from((UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")))

_SIMPLE: Final[Mapping[object, Strategy]] = {
    None: st.none(),
    type(None): st.none(),
    Any: _plain,
    object: _plain,
    bool: st.booleans(),
    int: _integers,
    float: st.floats(allow_nan=False, allow_infinity=False),
    complex: st.complex_numbers(allow_nan=False, allow_infinity=False),
    str: _texts,
    bytes: st.binary(max_size=8),
    bytearray: st.binary(max_size=8).map(bytearray),
    date: st.dates(_FROM.date(), _TO.date()),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=400)),
    datetime: st.datetimes(_FROM, _TO, timezones=_zones, allow_imaginary=False),
    Path: st.sampled_from((Path("a"), Path("/a/b"))),
    # As many digits as a float keeps: for more of them XCom is no home, and few have them.
    Decimal: st.decimals(-(10**9), 10**9, allow_nan=False, places=2),
}


def strategy(annotation: object) -> Strategy:
    """Return a strategy for values of an annotation, small and finite ones.

    Floats are finite, and whole numbers have 64 bits: of a task that returns `float` nobody wants
    to hear that NaN is one.

    Raises:
        UnprovedError: there is none; says why.
    """
    found = _build(annotation, ())
    if found.is_empty:
        raise UnprovedError(f"`{in_words(annotation)}` has no values, or none that ends")
    return found


def _build(annotation: object, above: Above) -> Strategy:
    if isinstance(annotation, str | typing.ForwardRef):
        raise UnprovedError(f"the forward reference `{in_words(annotation)}` cannot be evaluated")
    if len(above) > _DEEPEST or above.count(annotation) >= _MOST_TURNS:
        return st.nothing()  # an empty container, or None where that is allowed
    for simple, known in _SIMPLE.items():
        if annotation is simple:
            return known
    specials = (special(annotation, (*above, annotation)) for special in _SPECIALS)
    found = next((one for one in specials if one is not None), None)
    return found if found is not None else _from_type(annotation)


def _named(annotation: Any, above: Above) -> Strategy | None:
    """Return a strategy for other names of an annotation: aliases, new types, type variables."""
    if hasattr(annotation, "__value__"):  # `type X = ...` of Python 3.12
        whole, arguments = annotation.__value__, typing.get_args(annotation)
        return _build(whole[arguments] if arguments else whole, above)
    if hasattr(annotation, "__supertype__"):
        return _build(annotation.__supertype__, above)
    if isinstance(annotation, typing.TypeVar):
        return _build(annotation.__bound__ or Any, above)
    wrappers = (typing.Annotated, typing.Required, typing.NotRequired, typing.Final)
    if typing.get_origin(annotation) in wrappers:
        return _build(typing.get_args(annotation)[0], above)
    return None


def _chosen(annotation: Any, above: Above) -> Strategy | None:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_build(one, above) for one in typing.get_args(annotation)])
    return st.sampled_from(typing.get_args(annotation)) if origin is typing.Literal else None


def _tabular(annotation: Any, _: Above) -> Strategy | None:
    return table_strategy(annotation)


def _contained(annotation: Any, above: Above) -> Strategy | None:
    """Return a strategy for containers; a bare one promises nothing of what it holds."""
    origin = typing.get_origin(annotation) or annotation
    arguments = typing.get_args(annotation)
    make = _CONTAINERS.get(origin) if isinstance(origin, type) else None
    if make is not None:
        return make([_build(one, above) for one in arguments])
    if origin is not tuple:
        return None
    if annotation is tuple or annotation is typing.Tuple:  # noqa: UP006 - somebody may write it
        return _list(()).map(tuple)
    if arguments and arguments[-1] is Ellipsis:
        return _list([_build(arguments[0], above)]).map(tuple)
    return st.tuples(*(_build(one, above) for one in arguments))


def _most(parts: Sequence[Strategy]) -> int:
    return 0 if any(part.is_empty for part in parts) else _MOST_ITEMS


def _list(parts: Sequence[Strategy]) -> Strategy:
    return st.lists(parts[0] if parts else _plain, max_size=_most(parts))


def _set(parts: Sequence[Strategy]) -> Strategy:
    return st.sets(parts[0] if parts else _texts, max_size=_most(parts))


def _mapping(parts: Sequence[Strategy]) -> Strategy:
    keys, values = parts or (_texts, _plain)
    return st.dictionaries(keys, values, max_size=_most((keys, values)))


def _counted(parts: Sequence[Strategy]) -> Strategy:
    keys = parts[0] if parts else _texts
    return _mapping((keys, st.integers(1, 9))).map(collections.Counter)


def _defaulted(parts: Sequence[Strategy]) -> Strategy:
    return _mapping(parts).map(lambda items: collections.defaultdict(None, items))


_CONTAINERS: Final[Mapping[type, Callable[[Sequence[Strategy]], Strategy]]] = {
    **dict.fromkeys((dict, abc.Mapping, abc.MutableMapping), _mapping),
    **dict.fromkeys((list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable), _list),
    **dict.fromkeys((set, abc.Set, abc.MutableSet), _set),
    frozenset: lambda parts: _set(parts).map(frozenset),
    collections.OrderedDict: lambda parts: _mapping(parts).map(collections.OrderedDict),
    collections.defaultdict: _defaulted,
    collections.Counter: _counted,
    collections.deque: lambda parts: _list(parts).map(collections.deque),
}


def _of_fields(annotation: Any, above: Above) -> Strategy | None:
    """Return a strategy for a class that says what its fields are."""
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, Enum):
        members = list(annotation)
        if not members:
            raise UnprovedError(f"`{in_words(annotation)}` has no members")
        return st.sampled_from(members)
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation, above)
    named = _arguments(annotation)
    if named is None:
        return None
    hints = hints_of(annotation)
    parts = {name: _build(hints.get(field, Any), above) for name, field in sorted(named.items())}
    return st.fixed_dictionaries(parts).map(lambda fields: _made(annotation, fields))


def _arguments(of_class: Any) -> Mapping[str, str] | None:
    """Return the fields of a class by the arguments that give them."""
    if dataclasses.is_dataclass(of_class):
        return {one.name: one.name for one in dataclasses.fields(of_class) if one.init}
    if issubclass(of_class, tuple) and hasattr(of_class, "_fields"):
        return {name: name for name in of_class._fields}
    made_by_attrs = getattr(of_class, "__attrs_attrs__", None)
    if made_by_attrs is not None:
        return {one.alias or one.name: one.name for one in made_by_attrs if one.init}
    model = getattr(of_class, "__pydantic_fields__", None)
    if isinstance(model, Mapping):
        return {field.alias or name: name for name, field in model.items()}
    return None


def _made(of_class: Callable[..., Any], fields: Mapping[str, Any]) -> Any:
    """Make an instance; a class may refuse some values of its fields."""
    try:
        return of_class(**fields)
    except (ValueError, TypeError):
        reject()


def _typed_dict(annotation: Any, above: Above) -> Strategy:
    hints = hints_of(annotation)
    optional: frozenset[str] = annotation.__optional_keys__
    parts = {name: _build(hint, above) for name, hint in hints.items()}
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name not in optional},
        optional={name: part for name, part in parts.items() if name in optional},
    )


def _from_type(annotation: Any) -> Strategy:
    """Return what Hypothesis makes of an annotation.

    Raises:
        UnprovedError: nothing.
    """
    try:
        found = st.from_type(annotation)
        found.validate()
    except Exception as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise UnprovedError(f"no value of `{in_words(annotation)}` can be made: {why}") from error
    return found


_SPECIALS: Final[Sequence[Callable[[Any, Above], Strategy | None]]] = (
    _named, _chosen, _tabular, _contained, _of_fields,
)  # fmt: skip
"""What is made otherwise than Hypothesis would, which makes it too large or not at all."""
