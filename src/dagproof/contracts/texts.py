"""Makes texts: plain ones, and such as match a pattern or a format."""

import datetime as dt
import string
from collections.abc import Callable, Mapping
from typing import Final

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

Texts = SearchStrategy[str]

ALPHABET: Final = (
    "0123456789"
    + string.ascii_letters
    + string.punctuation
    + " \t\n\u00e9\u00df\u0130\u0301\u05d0\u200b\u4e2d\U0001f600"
)
"""Characters of generated texts, the simplest first.

Beside ASCII: accents, a letter that grows when it is lowered, a combining mark, right to left, one
without width, and one outside the basic plane. A line of it says more than any of all Unicode.
"""

MOST_CHARACTERS: Final = 100_000
"""Characters of a text that is still made; a schema that wants more has no examples."""

_DRAWN: Final = 20
_OFFSETS: Final = (dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30)))


def sized(least: int, most: float) -> Texts:
    """Return texts of `least` to `most` characters, long ones by filling up short ones."""
    if least > MOST_CHARACTERS:
        return st.just("").filter(lambda _: False)
    if least <= _DRAWN:
        return st.text(ALPHABET, min_size=least, max_size=int(min(most, least + _DRAWN)))
    drawn = st.text(ALPHABET, max_size=int(min(_DRAWN, most)))
    return drawn.map(lambda text: text.ljust(least, "0"))


def matching(pattern: str) -> Texts:
    """Return texts in which a pattern is found, where it can be of the characters of `ALPHABET`."""
    plain = st.from_regex(pattern, alphabet=ALPHABET)
    try:
        plain.validate()
    except InvalidArgument:
        return st.from_regex(pattern).filter(lambda text: "\0" not in text)
    return plain


def formatted(name: str) -> Texts | None:
    """Return texts of a format that Airflow checks; None for one that it lets everything pass."""
    maker = _FORMATS.get(name)
    return maker() if maker else None


def _times() -> Texts:
    # Airflow's checker takes no fraction and no offset.
    return st.times().map(lambda one: one.strftime("%H:%M:%S"))


def _moments() -> Texts:
    earliest = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - Hypothesis puts the timezone on
    made = st.datetimes(earliest, timezones=st.sampled_from(_OFFSETS))
    return made.map(lambda one: one.isoformat())


def _dates() -> Texts:
    return st.dates(dt.date(1970, 1, 1)).map(lambda one: one.isoformat())


def _mails() -> Texts:
    word = st.text(string.ascii_lowercase, min_size=1, max_size=8)
    return st.tuples(word, word).map(lambda words: f"{words[0]}@{words[1]}.test")


_FORMATS: Final[Mapping[str, Callable[[], Texts]]] = {
    "date": _dates,
    "date-time": _moments,
    "time": _times,
    "email": _mails,
    "idn-email": _mails,
    "ipv4": lambda: st.ip_addresses(v=4).map(str),
    "ipv6": lambda: st.ip_addresses(v=6).map(str),
    "uuid": lambda: st.uuids().map(str),
    "duration": lambda: st.integers(0, 366).map(lambda days: f"P{days}D"),
    "regex": lambda: st.sampled_from(["", "a", "^a+$", r"\d{4}"]),
    "json-pointer": lambda: st.sampled_from(["", "/a", "/a/0"]),
    "relative-json-pointer": lambda: st.sampled_from(["0", "1/a", "0#"]),
}
