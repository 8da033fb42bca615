"""Makes values that a JSON schema allows, and shrinks them to the smallest."""

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dagproof.airflow_compat.param_schemas import validator
from dagproof.contracts.schemas import assertions
from dagproof.contracts.texts import ALPHABET, formatted, matching, sized

Values = SearchStrategy[Any]

MOST_ITEMS: Final = 10_000
"""Items of an array that is still made; a schema that wants more has no examples."""

_FEW: Final = 5
_DRAWN: Final = 8
_TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")
_EXACT: Final = frozenset((
    "additionalProperties", "exclusiveMaximum", "exclusiveMinimum", "items", "maxItems",
    "maxLength", "maximum", "minItems", "minLength", "minimum", "properties", "required", "type",
    "uniqueItems",
))  # fmt: skip
"""Keywords that what is made always keeps; the others are looked at again."""

_BRANCHING: Final = ("allOf", "anyOf", "oneOf", "if")

_SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(ALPHABET, max_size=20)
)
_KEYS: Final = st.text(ALPHABET, max_size=_DRAWN)
_ANYTHING: Final = (
    _SCALARS | st.lists(_SCALARS, max_size=3) | st.dictionaries(_KEYS, _SCALARS, max_size=3)
)


def values(schema: Mapping[str, Any] | bool) -> Values:
    """Return what a usable schema allows, as JSON values; nothing where it provably allows none."""
    return _values_of(json.dumps(schema))


@functools.lru_cache(maxsize=4096)
def _values_of(schema: str) -> Values:
    root = json.loads(schema)
    return _Maker(root).made(root)


class _Maker:
    """Makes the strategies of one schema; a reference is followed when a value is drawn."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._validator = validator(root)
        self._referred: dict[str, Values] = {}

    def made(self, schema: Any) -> Values:
        """Return the values of a schema, which is the root or a part of it."""
        rules = {} if isinstance(schema, bool) else assertions(schema)
        listed = [rules["const"]] if "const" in rules else rules.get("enum")
        if not rules:
            drawn = st.nothing() if schema is False else _ANYTHING
        elif listed is not None:
            allowed = [one for one in listed if self._allows(schema, one)]
            drawn = st.sampled_from(allowed) if allowed else st.nothing()
        elif "$ref" in rules:
            drawn = self._only(schema, self._reference(rules["$ref"]), plain=len(rules) == 1)
        elif any(keyword in rules for keyword in _BRANCHING):
            drawn = self._only(schema, st.one_of(self._branches(schema)), plain=False)
        else:
            drawn = self._typed(schema, rules)
        return drawn

    def _branches(self, schema: Mapping[str, Any]) -> Sequence[Values]:
        keyword = next(one for one in _BRANCHING if one in schema)
        rest = {key: value for key, value in schema.items() if key != keyword}
        if keyword == "allOf":
            return [self.made(functools.reduce(_joined, schema["allOf"], rest))]
        if keyword == "if":
            then, otherwise = rest.pop("then", True), rest.pop("else", True)
            met = functools.reduce(_joined, (schema["if"], then), rest)
            return [self.made(met), self.made(_joined(rest, otherwise))]
        return [self.made(_joined(rest, branch)) for branch in schema[keyword]]

    def _typed(self, schema: Mapping[str, Any], rules: Mapping[str, Any]) -> Values:
        named = rules.get("type", _TYPES)
        types = [named] if isinstance(named, str) else named
        makers: Mapping[str, Callable[[Mapping[str, Any]], Values]] = {
            "null": lambda _: st.none(),
            "boolean": lambda _: st.booleans(),
            "integer": _integers,
            "number": _numbers,
            "string": _strings,
            "array": self._arrays,
            "object": self._objects,
        }
        kept = _of_this_draft(rules)
        made = [makers[one](kept) for one in _TYPES if one in types]
        exact = rules.keys() <= _EXACT and len(kept) == len(rules)
        return self._only(schema, st.one_of(made), plain=exact)

    def _reference(self, reference: str) -> Values:
        if reference not in self._referred:
            self._referred[reference] = st.deferred(lambda: self.made(self._found(reference)))
        return self._referred[reference]

    def _found(self, reference: str) -> Any:
        resolver = self._validator._resolver  # noqa: SLF001 - the one that validation goes by
        return resolver.lookup(reference).contents

    def _arrays(self, rules: Mapping[str, Any]) -> Values:
        least, most = rules.get("minItems", 0), rules.get("maxItems", math.inf)
        if least > most:
            return st.nothing()
        if least > MOST_ITEMS:
            return _too_large()
        first = [self.made(one) for one in rules.get("prefixItems", ())]
        if "contains" in rules:
            first += [self.made(rules["contains"])] * rules.get("minContains", 1)
        most = int(min(most, max(_FEW, least)))
        item = self.made(rules.get("items", True))
        if least <= len(first) and "$ref" not in repr(rules.get("items")) and item.is_empty:
            most = 0
        if first:
            least = max(least - len(first), 0)
            more = st.lists(item, min_size=least, max_size=most) if most else st.just([])
            return st.tuples(*first).flatmap(lambda drawn: more.map(lambda rest: [*drawn, *rest]))
        if rules.get("uniqueItems"):
            return st.lists(item, min_size=least, max_size=most, unique_by=_identity)
        if least <= _DRAWN:
            return st.lists(item, min_size=least, max_size=most)
        few = st.lists(item, min_size=1, max_size=_FEW)
        return few.map(lambda drawn: [*drawn, *[drawn[-1]] * (least - len(drawn))])

    def _objects(self, rules: Mapping[str, Any]) -> Values:
        properties, more = rules.get("properties", {}), rules.get("additionalProperties", True)
        required, least = rules.get("required", []), rules.get("minProperties", 0)
        if least > MOST_ITEMS:
            return _too_large()
        known = {name: self.made(one) for name, one in properties.items() if one is not False}
        patterns = rules.get("patternProperties", {})
        for name in required:
            if name not in properties:
                known[name] = _ANYTHING if patterns else self.made(more)
        fixed = st.fixed_dictionaries(
            {name: one for name, one in known.items() if name in required},
            optional={name: one for name, one in known.items() if name not in required},
        )
        if any(properties.get(name) is False for name in required):
            return st.nothing()
        pairs = [st.tuples(matching(one), self.made(value)) for one, value in patterns.items()]
        if more is not False and (not known or least > len(known)):
            pairs.append(st.tuples(self._names(rules), self.made(more)))
        if not pairs:
            return fixed
        others = st.lists(st.one_of(pairs), min_size=max(0, least - len(known)), max_size=least + 3)
        return st.tuples(others, fixed).map(lambda drawn: {**dict(drawn[0]), **drawn[1]})

    def _names(self, rules: Mapping[str, Any]) -> SearchStrategy[str]:
        known = rules.get("properties", {})
        names = self.made(_joined(rules.get("propertyNames", True), {"type": "string"}))
        return names.filter(lambda name: name not in known)

    def _allows(self, schema: Any, value: object) -> bool:
        return bool(self._validator.evolve(schema=schema).is_valid(value))

    def _only(self, schema: Any, drawn: Values, *, plain: bool) -> Values:
        return drawn if plain else drawn.filter(lambda value: self._allows(schema, value))


def _joined(one: Any, other: Any) -> Any:
    """Return a schema that allows all that both allow, and where they meet, more than that."""
    if isinstance(one, bool) or isinstance(other, bool):
        return False if False in (one, other) else (other if one is True else one)
    both = {**one, **other}
    for keyword in one.keys() & other.keys():
        mine, others = one[keyword], other[keyword]
        if keyword == "required":
            both[keyword] = [*mine, *(name for name in others if name not in mine)]
        elif keyword == "properties":
            shared = {name: _joined(mine[name], others[name]) for name in mine.keys() & others}
            both[keyword] = {**mine, **others, **shared}
    return both


def _of_this_draft(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules without what Draft 4 to 2019 wrote in another way: it is looked at later."""
    exclusive = ("exclusiveMinimum", "exclusiveMaximum")
    return {
        key: value
        for key, value in rules.items()
        if not (key in exclusive and isinstance(value, bool))
        and not (key == "items" and isinstance(value, list))
    }


def _too_large() -> Values:
    """Return values of which none can be drawn, though there are some."""
    return st.none().filter(lambda _: False)


def _bounds(rules: Mapping[str, Any]) -> tuple[float, float]:
    low = max(rules.get("minimum", -math.inf), rules.get("exclusiveMinimum", -math.inf))
    high = min(rules.get("maximum", math.inf), rules.get("exclusiveMaximum", math.inf))
    return low, high


def _integers(rules: Mapping[str, Any]) -> Values:
    step = rules.get("multipleOf", 1)
    step = int(step) if float(step).is_integer() else 1
    low, high = _bounds(rules)
    least = None if low == -math.inf else -(-math.ceil(low) // step)
    most = None if high == math.inf else math.floor(high) // step
    if least is not None and least * step == rules.get("exclusiveMinimum"):
        least += 1
    if most is not None and most * step == rules.get("exclusiveMaximum"):
        most -= 1
    if least is not None and most is not None and least > most:
        return st.nothing()
    whole = st.integers(least, most)
    return whole if step == 1 else whole.map(lambda number: number * step)


def _numbers(rules: Mapping[str, Any]) -> Values:
    low, high = _bounds(rules)
    if low > high:
        return st.nothing()
    whole = _integers(rules)
    if step := rules.get("multipleOf"):
        least = None if low == -math.inf else math.ceil(low / step)
        most = None if high == math.inf else math.floor(high / step)
        if least is not None and most is not None and least > most:
            return whole
        return whole | st.integers(least, most).map(lambda number: number * step)
    fractions = st.floats(
        None if low == -math.inf else float(low),
        None if high == math.inf else float(high),
        allow_nan=False,
        allow_infinity=False,
    )
    return whole | fractions.filter(functools.partial(_inside, rules))


def _inside(rules: Mapping[str, Any], number: float) -> bool:
    low, high = _bounds(rules)
    strict = (rules.get("exclusiveMinimum"), rules.get("exclusiveMaximum"))
    return low <= number <= high and number not in strict


def _strings(rules: Mapping[str, Any]) -> Values:
    least, most = rules.get("minLength", 0), rules.get("maxLength", math.inf)
    if least > most:
        return st.nothing()
    if "pattern" in rules:
        return matching(rules["pattern"])
    made = formatted(rules.get("format", ""))
    return sized(least, most) if made is None else made


def _identity(value: object) -> str:
    """Return what makes two JSON values the same item: 1 is 1.0, and True is not 1."""
    return repr(_comparable(value))


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _comparable(one)) for key, one in value.items())
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    return float(value) if type(value) is int and abs(value) < 2**53 else value
