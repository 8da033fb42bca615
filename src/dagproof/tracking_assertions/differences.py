"""What is expected of a run and what was logged, line by line where they differ."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from dagproof.tracking_assertions import values
from dagproof.tracking_assertions.values import Judge

_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected.

    Attributes:
        group: what it is one of, such as `params`.
        name: which one; empty where the group has but one.
        expected: what was; None for nothing.
        logged: what is; None for nothing.
        note: what else there is to say.
    """

    group: str
    name: str = ""
    expected: str | None = None
    logged: str | None = None
    note: str = ""


def compared(
    group: str,
    expected: Mapping[str, Any],
    logged: Mapping[str, Any],
    judge: Judge = values.judge_text,
    *,
    exact: bool = False,
    show: Callable[[Any], str] = values.text,
    show_expected: Callable[[Any], str] = values.shown,
) -> Iterator[Difference]:
    """Yield where what was logged by name is not what was expected, in order of name.

    Args:
        group: what they are.
        expected: by name.
        logged: by name.
        judge: compares two values.
        exact: whether nothing else may be logged.
        show: makes a text of a logged value.
        show_expected: makes a text of an expected value.
    """
    unexpected = sorted(logged.keys() - expected.keys())
    for name in sorted(expected.keys() | (logged.keys() if exact else set())):
        if name not in expected:
            yield Difference(group, name, None, show(logged[name]), "not expected")
        elif name not in logged:
            wanted = show_expected(expected[name])
            near = nearest(name, unexpected)
            if near:
                meant = f"did you mean `{near}`, which is {_short(show(logged[near]))}?"
            else:
                meant = _there(list(logged))
            yield Difference(group, name, wanted, None, f"not logged; {meant}")
        elif (note := judge(expected[name], logged[name])) is not None:
            sides = values.side_by_side(show_expected(expected[name]), show(logged[name]))
            yield Difference(group, name, *sides, note)


def nearest(name: str, known: Collection[str]) -> str:
    """Return the name that was probably meant; empty where none is near."""
    bare = {_bare(one): one for one in known}
    if _bare(name) in bare:
        return bare[_bare(name)]
    close = difflib.get_close_matches(_bare(name), list(bare), n=1, cutoff=0.7)
    return bare[close[0]] if close else ""


def rendered(differences: Sequence[Difference]) -> str:
    """Return the differences as lines, group by group, `- ` expected and `+ ` logged."""
    lines = []
    for group, found in groupby(differences, key=lambda one: one.group):
        lines.append(f"  {group}")
        for one in found:
            label = f"{one.name}: " if one.name else ""
            sides = [
                f"    {sign} {label}{side}"
                for sign, side in (("-", one.expected), ("+", one.logged))
                if side is not None
            ]
            if one.note:
                sides[-1] += f"   ({one.note})"
            lines += sides
    return "\n".join(lines)


def names(known: Sequence[str], tick: str = "") -> str:
    """Return names in order, each between ticks, and not too many of them."""
    few = ", ".join(f"{tick}{name}{tick}" for name in sorted(known)[:_MOST_NAMES])
    more = len(known) - _MOST_NAMES
    return f"{few} and {more} more" if more > 0 else few


def _there(known: Sequence[str]) -> str:
    return f"there are {names(known, '`')}" if known else "there are none"


def _short(words: str) -> str:
    return values.side_by_side(words, "")[0]


def _bare(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())
