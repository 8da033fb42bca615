"""Says what a value lost on its way through XCom; knows neither Airflow nor any backend."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Any, Final

from dagproof.contracts import arrays, moments
from dagproof.contracts.loss import Compare, Loss, Pair, class_loss, key_text, shown

MOST_LOSSES: Final = 20
MOST_PARTS: Final = 50_000
DEEPEST: Final = 100
_KEYS_SHOWN: Final = 3


@dataclass(slots=True)
class _Progress:
    """How far a comparison has come."""

    parts: int = 0
    losses: list[Loss] = field(default_factory=list)
    cut: str = ""

    @property
    def over(self) -> bool:
        if self.parts >= MOST_PARTS:
            self.cut = f"only the first {MOST_PARTS:,} parts were compared"
        return bool(self.cut)

    def lose(self, loss: Loss) -> None:
        if len(self.losses) < MOST_LOSSES:
            self.losses.append(loss)
        else:
            self.cut = f"more is lost than these {MOST_LOSSES}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was lost.

    Attributes:
        losses: at most `MOST_LOSSES`, in the order of the value's parts.
        cut: why the comparison ended before the value did; empty where it did not.
    """

    losses: tuple[Loss, ...]
    cut: str = ""


def losses(pushed: object, pulled: object) -> list[Loss]:
    """Return what is lost between what was pushed and what came back."""
    return list(compare(pushed, pulled).losses)


def compare(pushed: object, pulled: object) -> Comparison:
    """Compare what was pushed with what came back.

    At most 50,000 parts are compared, 100 levels deep; circles end there.
    """
    progress = _Progress()
    stack: list[tuple[Iterator[Loss | Pair], int]] = [(_one(Pair("", pushed, pulled)), 0)]
    while stack and not progress.over:
        steps, depth = stack[-1]
        step = next(steps, None)
        if step is None:
            stack.pop()
        elif isinstance(step, Loss):
            progress.lose(step)
        elif depth >= DEEPEST:
            progress.parts += 1
            progress.cut = f"nothing below {DEEPEST} levels was compared"
        else:
            progress.parts += 1
            stack.append((_parts(step), depth + 1))
    return Comparison(tuple(progress.losses), progress.cut)


def diff(comparison: Comparison) -> str:
    """Show losses as two lines each, `- ` pushed and `+ ` pulled."""
    lines = []
    for loss in comparison.losses:
        place = f"value{loss.path}"
        lines += [f"- {place}: {loss.pushed}", f"+ {place}: {loss.pulled}"]
    if comparison.cut:
        lines.append(f"({comparison.cut})")
    return "\n".join(lines)


def _one(pair: Pair) -> Iterator[Loss | Pair]:
    yield pair


def _parts(pair: Pair) -> Iterator[Loss | Pair]:
    """Yield what one part lost itself, and the pairs of its own parts."""
    pushed, pulled = pair.pushed, pair.pulled
    if pushed is pulled and isinstance(pushed, str | int | float | bytes | type(None)):
        return
    for knows, look in _LOOKS:
        if knows(pushed):
            yield from look(pair)
            return
    yield from _other(pair)


def _enum(pair: Pair) -> Iterator[Loss]:
    if pair.pulled is not pair.pushed and not (
        _same_class(pair) and pair.pulled.name == pair.pushed.name
    ):
        yield class_loss(pair)


def _mapping(pair: Pair) -> Iterator[Loss | Pair]:
    if not isinstance(pair.pulled, Mapping):
        yield class_loss(pair)
        return
    if not _same_class(pair):
        yield class_loss(pair)
    came = {key: key for key in pair.pulled}
    turned: dict[str, list[object]] = {}
    missing = object()
    for key, value in pair.pushed.items():
        other = came.get(key, missing)
        if other is missing:
            other = came.get(str(key), missing)
        if other is missing:
            yield Loss(pair.path, "key", f"the key {shown(key)}", "no such key")
            continue
        turned.setdefault(repr(other), []).append(key)
        if len(turned[repr(other)]) == 1 and _plain(key, other):
            yield Pair(f"{pair.path}[{key_text(other)}]", value, pair.pulled[other])
    yield from _key_losses(pair, came, turned)
    yield from _values_of_turned_keys(pair, came, turned)


def _plain(key: object, other: object) -> bool:
    return type(key) is type(other)


def _key_losses(
    pair: Pair, came: Mapping[Any, Any], turned: Mapping[str, Sequence[object]]
) -> Iterator[Loss]:
    """Yield collapsed keys, and for each type of key the first few that became another."""
    told: dict[type, int] = {}
    for other in came:
        keys = turned.get(repr(other), ())
        if not keys:
            yield Loss(pair.path, "key", "no such key", f"the key {shown(other)}")
        elif len(keys) > 1:
            names = " and ".join(shown(key) for key in keys)
            yield Loss(pair.path, "collapsed-key", f"the keys {names}", f"one key {shown(other)}")
        elif not _plain(keys[0], other):
            count = told[type(keys[0])] = told.get(type(keys[0]), 0) + 1
            if count <= _KEYS_SHOWN:
                yield Loss(pair.path, "key", f"the key {shown(keys[0])}", f"the key {shown(other)}")


def _values_of_turned_keys(
    pair: Pair, came: Mapping[Any, Any], turned: Mapping[str, Sequence[Any]]
) -> Iterator[Pair]:
    for other in came:
        keys = turned.get(repr(other), ())
        if len(keys) == 1 and not _plain(keys[0], other):
            path = f"{pair.path}[{key_text(other)}]"
            yield Pair(path, pair.pushed[keys[0]], pair.pulled[other])


def _sequence(pair: Pair) -> Iterator[Loss | Pair]:
    if not isinstance(pair.pulled, list | tuple):
        yield class_loss(pair)
        return
    if not _same_class(pair):
        yield class_loss(pair)
    before, after = len(pair.pushed), len(pair.pulled)
    if before != after:
        yield Loss(pair.path, "length", f"{before} items", f"{after} items")
        return
    names = getattr(pair.pushed, "_fields", None)
    for number, (one, other) in enumerate(zip(pair.pushed, pair.pulled, strict=True)):
        part = f".{names[number]}" if names else f"[{number}]"
        yield Pair(f"{pair.path}{part}", one, other)


def _set(pair: Pair) -> Iterator[Loss | Pair]:
    if not _same_class(pair):
        yield class_loss(pair)
    if not isinstance(pair.pulled, set | frozenset | list | tuple):
        return
    try:
        came = {one: one for one in pair.pulled}
    except TypeError:
        came = {}
    for one in pair.pushed:
        if one not in came:
            yield Loss(pair.path, "item", f"the item {shown(one)}", "no such item")
        else:
            yield Pair(f"{pair.path}{{{shown(came[one])}}}", one, came[one])
    if len(pair.pushed) < len(came):
        extra = next(islice((one for one in came if one not in pair.pushed), 1), None)
        yield Loss(pair.path, "item", "no such item", f"the item {shown(extra)}")


def _number(pair: Pair) -> Iterator[Loss]:
    """Compare numbers and texts, subclasses of them included."""
    if not _same_class(pair):
        yield class_loss(pair)
    elif pair.pushed != pair.pulled and not _both_nan(pair):
        yield Loss(pair.path, "value", shown(pair.pushed), shown(pair.pulled))


def _both_nan(pair: Pair) -> bool:
    return bool(pair.pushed != pair.pushed and pair.pulled != pair.pulled)


def _fields(value: object) -> Sequence[str] | None:
    """Return the names of a dataclass's, attrs class's or pydantic model's fields."""
    if dataclasses.is_dataclass(value):
        return [one.name for one in dataclasses.fields(value)]
    made_by_attrs = getattr(type(value), "__attrs_attrs__", None)
    if made_by_attrs is not None:
        return [one.name for one in made_by_attrs]
    model = getattr(type(value), "model_fields", None)
    return list(model) if isinstance(model, Mapping) else None


def _record(pair: Pair) -> Iterator[Loss | Pair]:
    if not _same_class(pair):
        yield class_loss(pair)
    missing = object()
    for name in _fields(pair.pushed) or ():
        other = (
            pair.pulled.get(name, missing)
            if isinstance(pair.pulled, Mapping)
            else getattr(pair.pulled, name, missing)
        )
        path = f"{pair.path}.{name}"
        one = getattr(pair.pushed, name, missing)
        if other is not missing and one is not missing:
            yield Pair(path, one, other)
        elif one is not missing and _same_class(pair):
            yield Loss(path, "field", shown(one), "no such field")


def _other(pair: Pair) -> Iterator[Loss | Pair]:
    if not _same_class(pair):
        yield class_loss(pair)
        return
    equality: object = type(pair.pushed).__eq__
    if equality is object.__eq__:
        before, after = (getattr(one, "__dict__", {}) for one in (pair.pushed, pair.pulled))
        for name in before:
            if name in after:
                yield Pair(f"{pair.path}.{name}", before[name], after[name])
            else:
                yield Loss(f"{pair.path}.{name}", "field", shown(before[name]), "no such field")
        return
    try:
        same = bool(pair.pushed == pair.pulled)
    except Exception:  # noqa: BLE001 - whatever its class makes of `==`; then nobody can tell
        return
    if not same:
        yield Loss(pair.path, "value", shown(pair.pushed), shown(pair.pulled))


def _same_class(pair: Pair) -> bool:
    """Say whether both are of one class, also where its module was imported twice."""
    one, other = type(pair.pushed), type(pair.pulled)
    return one is other or (
        (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)
    )


def _is(*classes: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, classes)


_LOOKS: Final[Sequence[tuple[Callable[[object], bool], Compare]]] = (
    (_is(Enum), _enum),
    (arrays.knows, arrays.look),
    (moments.knows, moments.look),
    (_is(Mapping), _mapping),
    (_is(list, tuple), _sequence),
    (_is(set, frozenset), _set),
    (_is(str, int, float, complex, bytes), _number),
    (lambda value: _fields(value) is not None, _record),
)
"""How values of a kind are compared, the particular kinds before the general ones."""
