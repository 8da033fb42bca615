"""Texts as Markdown that GitHub shows as they are: nothing in them is obeyed, linked or pinged.

Escapes are character references, which mean the same in a paragraph, a table and an HTML block.
What GitHub looks for in the finished page (mentions, issues, emoji) is broken by `<wbr>`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from dagproof.reporters.shorten import MESSAGE, one_line, some_lines

_OBEYED: Final = str.maketrans({one: f"&#{ord(one)};" for one in '&<>"`*~[]\\|^{}$'})
_EDGES: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""Underscores that are not inside a word."""

_PINGS: Final = re.compile(
    r"[@#](?=\w)|\bGH-(?=\d)|:(?=[\w+-]+:)|\b(?:https?|ftp):(?=//)|\bwww(?=\.)", re.IGNORECASE
)
_DOLLAR: Final = "<span>&#36;</span>"
_OPENS: Final = re.compile(r"^(?:[#+=:-]|\d+(?=[.)]))")
"""What makes a list, a heading or a rule at the beginning of a line."""

_CODE: Final = re.compile(r"`([^`]+)`")
_PLAIN: Final = re.compile(r"[^`|\\$\n]*[^`|\\$\n\s][^`|\\$\n]*")
"""What a code span between backticks shows as it is, in a table, too."""


def text(words: str, most: int = MESSAGE) -> str:
    """Return words as one line of Markdown; what stands in backticks becomes code."""
    parts = _parts(one_line(words, most).strip())
    line = "".join(_code(part) if is_code else _words(part) for part, is_code in parts)
    return _OPENS.sub(_references, line)


def html(words: str, most: int = MESSAGE) -> str:
    """Return the same for an HTML block, such as a `<summary>`, where no Markdown is read."""
    parts = _parts(one_line(words, most).strip())
    return "".join(
        f"<code>{_words(part)}</code>" if is_code else _words(part) for part, is_code in parts
    )


def code(words: str, most: int = MESSAGE) -> str:
    """Return words as code; nothing where there are none."""
    return _code(one_line(words, most).strip())


def fenced(words: str, language: str = "") -> str:
    """Return the lines of a text as a block of code; of a long one its beginning and its end."""
    return fence("\n".join(some_lines(words)), language)


def fence(block: str, language: str = "") -> str:
    """Return visible lines as a block of code, in a fence that they do not hold."""
    longest = max(map(len, re.findall("`+", block)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{block}\n{marks}"


def details(summary: str, body: str) -> str:
    """Return a part that opens on a click.

    Args:
        summary: HTML, of one line.
        body: Markdown.
    """
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown; a head that begins with `>` is for numbers."""
    names = [name.removeprefix(">") for name in head]
    rule = ["--:" if name.startswith(">") else "---" for name in head]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rule, *rows))


def _parts(words: str) -> Iterable[tuple[str, bool]]:
    """Yield the parts of a sentence, each with whether it is code."""
    return ((part, bool(number % 2)) for number, part in enumerate(_CODE.split(words)) if part)


def _code(words: str) -> str:
    if not words:
        return ""
    return f"`{words}`" if _PLAIN.fullmatch(words) else f"<code>{_words(words)}</code>"


def _words(words: str) -> str:
    """Return words of which nothing is obeyed, but for the first character of a line."""
    ends = [found.end() for found in _PINGS.finditer(words)]
    broken = [words[begin:end] for begin, end in zip([0, *ends], [*ends, None], strict=True)]
    return "<wbr>".join(_characters(part).replace("&#36;", _DOLLAR) for part in broken)


def _characters(words: str) -> str:
    return _EDGES.sub("&#95;", words.translate(_OBEYED))


def _references(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(one)};" for one in found[0])
