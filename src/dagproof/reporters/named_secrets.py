"""Finds secrets in a text by the names before them: `password=…`, `"api_key": "…"`."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.source.secrets import is_secret

_BEFORE: Final = 40
"""Characters before the word that may belong to its name."""

_WORD: Final = re.compile(
    r"(?:pass(?:word|wd|phrase|wort)?|pwd|(?<=_)pw|secret|token|key|bearer|credentials?"
    r"|authorization)[\w.-]{0,40}(?:\\{0,4}[\"']?\]?\s{0,3}(?:=>|:=|=|:)\s{0,3}|(?P<blank> ))",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[\w.-]*$")
_NAME_ALONE: Final = re.compile(r"[\w.-]*")
_PASSWORD: Final = re.compile(r".*?(?=(?:password|passwd|passphrase)$)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"(?:bearer|basic)\s+", re.IGNORECASE)
_CREDENTIALS: Final = 12
"""Characters of what follows `Basic` or `Bearer`, from which on it is no word."""

_QUOTED: Final = re.compile(
    r"[rbu]?(?P<open>\\{0,4}[\"'])(?P<value>(?:(?!(?P=open))[^\n]){1,4000})"
)
_BARE: Final = re.compile(r"(?P<value>[^\s\"'`,;&()\[\]{}<>\\|]++)(?![(\[{])")
_PROSE: Final = re.compile(r"[A-Za-z]+[.?!…]*")


def is_named_secret(name: str, value: str) -> bool:
    """Return whether what a name is given is a secret; rather too often than too rarely.

    Args:
        name: of a variable, a key or an option.
        value: what it is given.
    """
    lax = value if value[:1] in {"/", ".", "~"} or "://" in value else value.replace("/", "0")
    return is_secret(_PASSWORD.sub("", name, count=1), lax)


def named(text: str) -> Iterator[tuple[int, int]]:
    """Yield where values stand that a name before them calls secret.

    Takes time in proportion to the text.

    Args:
        text: a log line, a line of source, JSON, a command, the `repr` of a value.
    """
    end = 0
    for found in _WORD.finditer(text):
        if found.start() < end:
            continue
        before = _NAME.search(text, max(0, found.start() - _BEFORE), found.start())
        behind = _NAME_ALONE.match(found[0])
        name = f"{before[0] if before else ''}{behind[0] if behind else ''}"
        if found["blank"] and not name.startswith("--"):
            continue
        span = _value(text, found.end(), name)
        if span is not None:
            yield span
            end = span[1]


def _value(text: str, begin: int, name: str) -> tuple[int, int] | None:
    """Return where the value of a name stands, if it is a secret."""
    quoted = _QUOTED.match(text, begin)
    scheme = _SCHEME.match(text, quoted.start("value") if quoted else begin)
    found = _BARE.match(text, scheme.end()) if scheme else quoted or _BARE.match(text, begin)
    if found is None:
        return None
    value = found["value"]
    if scheme and len(value) >= _CREDENTIALS:
        return found.span("value")
    prose = (
        quoted is None
        and text[max(0, begin - 4) : begin].rstrip().endswith(":")
        and _PROSE.fullmatch(value)
    )
    return None if prose or not is_named_secret(name.lstrip("-"), value) else found.span("value")
