"""Finds secrets in values on their way to XCom."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dagproof.contracts.loss import key_text
from dagproof.source.secrets import is_random, is_secret, shape

_MOST_PARTS: Final = 20_000
_LONGEST: Final = 10_000
"""Characters above which a text is a document and not a secret."""


def nobody_hides(_: str) -> bool:
    """Know no name or text as a secret."""
    return False


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a value.

    Attributes:
        path: where in the value, such as `["db"]["password"]`.
        words: what it is, in words.
        text: the secret itself, which is never shown.
    """

    path: str
    words: str
    text: str


def secrets_in(
    value: object,
    *,
    is_sensitive: Callable[[str], bool] = nobody_hides,
    is_masked: Callable[[str], bool] = nobody_hides,
) -> list[Secret]:
    """Return the secrets in the first 20,000 parts of a value.

    Args:
        value: of plain containers and dataclasses.
        is_sensitive: whether values of that name are hidden, where they look like keys, too.
        is_masked: whether that text is known to be a secret.
    """
    found = []
    for path, name, text in _texts(value):
        words = _words(name, text, is_sensitive, is_masked)
        if words:
            found.append(Secret(path, words, text))
    return found


def redacted(text: str, secrets: list[Secret]) -> str:
    """Return a text without the secrets."""
    for secret in sorted(secrets, key=lambda one: -len(one.text)):
        text = text.replace(secret.text, "***").replace(repr(secret.text)[1:-1], "***")
    return text


def _words(
    name: str, text: str, is_sensitive: Callable[[str], bool], is_masked: Callable[[str], bool]
) -> str:
    looks = shape(text)
    if looks is not None:
        return looks
    if name and (is_secret(name, text) or (is_random(text) and is_sensitive(name))):
        return f"The value of `{name}`"
    return "A secret of a connection or variable" if is_masked(text) else ""


def _texts(value: object) -> Iterator[tuple[str, str, str]]:
    """Yield the path, the name and the text of the texts in a value."""
    rest: list[tuple[str, str, object]] = [("", "", value)]
    seen: set[int] = set()
    count = 0
    while rest and count < _MOST_PARTS:
        path, name, part = rest.pop()
        count += 1
        if isinstance(part, str):
            if len(part) <= _LONGEST:
                yield path, name, part
            continue
        if id(part) in seen:
            continue
        if isinstance(part, Mapping):
            seen.add(id(part))
            items = islice(part.items(), _MOST_PARTS)
            inside = [(f"{path}[{key_text(key)}]", str(key), one) for key, one in items]
        elif isinstance(part, tuple) and hasattr(part, "_fields"):
            fields = zip(part._fields, part, strict=False)
            inside = [(f"{path}.{field}", str(field), one) for field, one in fields]
        elif isinstance(part, list | tuple | set | frozenset):
            seen.add(id(part))
            first = enumerate(islice(part, _MOST_PARTS))
            inside = [(f"{path}[{number}]", name, one) for number, one in first]
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            seen.add(id(part))
            names = [one.name for one in dataclasses.fields(part)]
            inside = [(f"{path}.{one}", one, getattr(part, one, None)) for one in names]
        else:
            continue
        rest += reversed(inside)
