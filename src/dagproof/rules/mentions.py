"""A name that a file mentions, and the words for one that is not there."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from dagproof.model import Span
from dagproof.source.file import Node, SourceFile


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a file.

    Attributes:
        name: as it stands there.
        span: where.
        excerpt: the source line that the span begins on.
    """

    name: str
    span: Span
    excerpt: str


def mention(name: str, source: SourceFile, node: Node) -> Mention:
    """Return a name with the place where it stands."""
    span = source.span(node)
    return Mention(name, span, source.line(span.line))


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence: which of the names may be meant, if any is like it."""
    like = get_close_matches(name, sorted(names), 1, 0.6)
    return f"; the nearest is `{like[0]}`" if like else ""
