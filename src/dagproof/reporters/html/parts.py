"""Pieces that every part of the page is made of: sections, folds, tables, marks, numbers."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from dagproof.model import Severity, Span
from dagproof.reporters.html.escape import Child, Html, escaped, joined, tag
from dagproof.reporters.words import count

MINUS: Final = "\N{MINUS SIGN}"

MARKS: Final = {
    "success": ("✓", "ok"),
    "failed": ("✗", "bad"),
    "timeout": ("✗", "bad"),
    "upstream_failed": ("⊘", "off"),
    "skipped": (MINUS, "off"),
    "removed": (MINUS, "off"),
    "up_for_retry": ("↻", "warn"),
}
"""What stands for a state: a mark, and the class that colours it."""

WORST: Final = ("failed", "upstream_failed", "up_for_retry")
"""States that tell most about a task of many instances, the worst first."""

SEVERITIES: Final = {
    Severity.ERROR: ("✗", "bad"),
    Severity.WARNING: ("▲", "warn"),
    Severity.NOTE: ("i", "note"),
}

_KILO: Final = 1024
_MINUTE: Final = 60.0
_LONG: Final = 10.0


def mark(state: str) -> tuple[str, str]:
    """Return the mark and the class of a task's or a run's state."""
    return MARKS.get(state, ("…", "warn"))


def marked(sign: str, kind: str, *words: Child) -> Html:
    """Return a coloured mark with the words that say the same to those who do not see it."""
    return tag("span", *words, class_=f"m {kind}", data_m=sign)


def severity(one: Severity) -> Html:
    """Return the mark and the word of a severity."""
    sign, kind = SEVERITIES[one]
    return marked(sign, kind, str(one))


def section(name: str, title: str, note: Child, *children: Child) -> Html:
    """Return a part of the page under a head of its own; nothing where it holds nothing.

    Args:
        name: what links lead to.
        title: its head.
        note: what is said beside the head.
        children: what it holds.
    """
    if not any(children):
        return Html()
    head = tag("h2", title, tag("small", note) if note else None)
    return tag("section", head, *children, id=name, aria_label=title)


def fold(summary: Child, *children: Child, unfolded: bool = False, kind: str = "fold") -> Html:
    """Return what opens when its summary is chosen."""
    return tag("details", tag("summary", summary), *children, class_=kind, open=unfolded)


def table(caption: str, head: Sequence[str], rows: Iterable[Html], *, kind: str = "") -> Html:
    """Return a table that scrolls by itself where it is too wide.

    Args:
        caption: what it lists, for those who do not see it.
        head: of each column; a number's ends with `#`.
        rows: made by `row`.
        kind: class of the table.
    """
    heads = [
        tag("th", one.removesuffix("#"), scope="col", class_="num" if one.endswith("#") else None)
        for one in head
    ]
    body = tag("tbody", *rows)
    return scroll(
        caption,
        tag(
            "table",
            tag("thead", tag("tr", *heads)),
            body,
            class_=kind or None,
        ),
    )


def row(*cells: Child, numbers: Iterable[int] = (), **attributes: str) -> Html:
    """Return a row of a table.

    Args:
        cells: what stands in each column.
        numbers: the columns, from 0, that hold numbers.
        attributes: of the row.
    """
    right = frozenset(numbers)
    return tag(
        "tr",
        *(tag("td", cell, class_="num" if at in right else None) for at, cell in enumerate(cells)),
        **attributes,
    )


def scroll(label: str, *children: Child) -> Html:
    """Return a frame that scrolls by itself, by the keyboard, too."""
    return tag("div", *children, class_="scroll", role="group", aria_label=label, tabindex=0)


def pre(text: str, limit: int) -> Html:
    """Return a text of many lines; of a long one, its two ends.

    Args:
        text: as it was written.
        limit: characters that are shown.
    """
    return tag("pre", escaped(text.strip("\n").rstrip(), limit), tabindex=0)


def place(span: Span) -> Html:
    """Return where a span begins."""
    return tag("span", f"{span.path}:{span.line}:{span.column}", class_="place")


def room(number: int, whole: int = 1_500_000, most: int = 20_000) -> int:
    """Return how many characters each of so many long texts may take, so that all fit.

    Args:
        number: of the texts.
        whole: characters for all.
        most: characters for one.
    """
    return max(600, min(most, whole // max(1, number)))


def more(left: int, noun: str) -> Html | None:
    """Return what says that some are not shown; nothing where all are."""
    if left <= 0:
        return None
    return tag("p", f"{count(left, f'more {noun}')} in report.json.", class_="muted")


def seconds(number: float) -> str:
    """Return a time as a person says it."""
    if not math.isfinite(number):
        return "?"
    if number >= _MINUTE:
        minutes, rest = divmod(round(number), int(_MINUTE))
        return f"{minutes} min {rest} s"
    return f"{number:.1f} s" if number >= _LONG else f"{number:.2f} s"


def size(number: int | None) -> str:
    """Return a number of bytes as a person says it."""
    if number is None:
        return "?"
    value = float(number)
    for unit in ("B", "KB", "MB"):
        if value < _KILO:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= _KILO
    return f"{value:.1f} GB"


def terms(pairs: Iterable[tuple[Child, Child]]) -> Html:
    """Return names, each with what belongs to it."""
    return tag(
        "dl", joined(joined((tag("dt", name), tag("dd", text))) for name, text in pairs if text)
    )
