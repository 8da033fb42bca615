"""Takes secrets out of a report before anybody reads it: what is known, and what looks like one."""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from itertools import chain
from typing import Any, Final

from dagproof.model import Report
from dagproof.reporters.known_secrets import SHORTEST, TRIVIAL, known_secrets
from dagproof.reporters.named_secrets import is_named_secret, named
from dagproof.reporters.values import shown
from dagproof.source.secrets import stretches

MASK: Final = "***"

_OURS: Final = frozenset({"rules", "code", "slug", "also", "offence"})
"""Fields with our own words, in which nobody's secret stands."""


def masked(report: Report, secrets: Collection[str]) -> Report:
    """Return the report with `***` in place of each secret.

    Numbers stay, and so do the words of rules. What holds no secret is the same object as before.
    A value of a class that nobody knows becomes its masked `repr` where that holds one.

    Args:
        report: what there is to say.
        secrets: what is known to be secret, in every form in which it may appear; tokens, private
            keys and passwords of URIs are known by their looks, others by the names before them.
    """
    result: Report = _Masking(masker(secrets)).value(report)
    return result


def masker(secrets: Collection[str]) -> Callable[[str], str]:
    """Return what takes secrets out of a text, in time that is in proportion to its length."""
    pattern = _alternation(secrets)

    def mask(text: str) -> str:
        if len(text) < SHORTEST:
            return text
        if pattern is not None:
            text = pattern.sub(MASK, text)
        return _without_known_looks(text)

    return mask


class _Masking:
    """Rebuilds what holds secrets, and only that."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._within: set[int] = set()

    def value(self, value: Any) -> Any:
        """Return the same without secrets."""
        if value is None or isinstance(value, bool | int | float | Enum):
            return value
        if isinstance(value, str):
            text = self._mask(value)
            return value if text == value else text
        if id(value) in self._within:  # it holds itself, and is not to be shown again as it was
            return self._foreign(value)
        self._within.add(id(value))
        try:
            return self._parts(value)
        except RecursionError:
            return self._foreign(value)
        finally:
            self._within.discard(id(value))

    def _parts(self, value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value)
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple | set | frozenset):
            return self._sequence(value)
        return self._foreign(value)

    def _dataclass(self, value: Any) -> Any:
        if not type(value).__module__.startswith("dagproof.model"):
            return self._foreign(value)
        changes = {}
        for field in dataclasses.fields(value):
            before = getattr(value, field.name)
            after = before if field.name in _OURS else self.value(before)
            if after is not before:
                changes[field.name] = after
        return dataclasses.replace(value, **changes) if changes else value

    def _mapping(self, value: Mapping[Any, Any]) -> Mapping[Any, Any]:
        pairs = [
            (key, item, self.value(key), self._member(key, item)) for key, item in value.items()
        ]
        if all(key is new_key and item is new for key, item, new_key, new in pairs):
            return value
        result: dict[Any, Any] = {}
        for key, _, new_key, item in pairs:
            name, number = new_key, 1
            while name in result and new_key is not key:  # two keys that were masked
                number += 1
                name = f"{new_key} {number}"
            result[name] = item
        return result

    def _member(self, key: Any, item: Any) -> Any:
        if isinstance(key, str) and isinstance(item, str) and item.lower() not in TRIVIAL:
            return MASK if is_named_secret(key, item) else self.value(item)
        return self.value(item)

    def _sequence(self, value: Any) -> Any:
        before = list(value)
        after = [self.value(one) for one in before]
        if all(one is other for one, other in zip(before, after, strict=True)):
            return value
        kind = type(value)
        return kind(*after) if hasattr(kind, "_fields") else kind(after)

    def _foreign(self, value: Any) -> Any:
        before = shown(value)
        after = self._mask(before)
        return value if after == before else after


def _without_known_looks(text: str) -> str:
    spans = sorted(
        (begin, end)
        for begin, end in chain(stretches(text), named(text))
        if text[begin:end].lower() not in TRIVIAL
    )
    if not spans:
        return text
    parts, done = [], 0
    for begin, end in spans:
        if begin >= done:
            parts += [text[done:begin], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _alternation(secrets: Collection[str]) -> re.Pattern[str] | None:
    """Return a pattern of all secrets, the longest first where several begin alike.

    It branches where they differ, so that few characters of a text are looked at twice.
    """
    tree: dict[str, Any] = {}
    for secret in secrets:
        if len(secret) >= SHORTEST:
            node = tree
            for character in secret:
                node = node.setdefault(character, {})
            node[""] = {}
    return re.compile("".join(_pattern(tree))) if tree else None


def _pattern(node: dict[str, Any]) -> Iterator[str]:
    """Yield the pattern of what follows a node; chains of single characters make no branches."""
    while len(node) == 1 and "" not in node:
        [(character, node)] = node.items()
        yield re.escape(character)
    branches = [re.escape(one) + "".join(_pattern(rest)) for one, rest in node.items() if one]
    if branches:
        yield f"(?:{'|'.join(branches)}){'?' if '' in node else ''}"


__all__ = ["MASK", "known_secrets", "masked", "masker"]
