"""The comments in which a file asks dagproof to leave a finding out."""

import re
import tokenize
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

MARK: Final = b"dagproof:"
NOTHING: Final = range(0)
COMMENT: Final = re.compile(r"#\s*dagproof:\s*(?P<request>.*?)(?=\s+#\s|\s*$)")
REQUEST: Final = re.compile(r"ignore(?P<file>-file)?\s*\[(?P<words>[^\]]*)\](?P<reason>.*)")
_PURE: Final = re.compile(r"pure\b(?!\[)")
SEPARATORS: Final = " \t:;,.-–—"  # noqa: RUF001 - people do put dashes before a reason


@dataclass(frozen=True, slots=True)
class Ignore:
    """One `# dagproof: …` comment.

    Attributes:
        words: the codes and slugs in brackets, as written; none where it is no `ignore[…]`.
        reason: why, or empty; without a reason the comment covers nothing.
        line: from one.
        column: of the hash, from one, in characters.
        end_column: the first one behind the comment.
        applies_to: the lines it speaks of: its own, the one below a line of its own, all of them,
            or none where it stands before nothing or a whole file's below the first statement.
        whole_file: whether it is an `ignore-file[…]`.
        excerpt: the line it stands on.
    """

    words: tuple[str, ...]
    reason: str
    line: int
    column: int
    end_column: int
    applies_to: range
    whole_file: bool
    excerpt: str


@dataclass(frozen=True, slots=True)
class JudgedIgnore:
    """An ignore comment, and what became of it.

    Attributes:
        path: of its file, as findings show it.
        ignore: the comment.
        unused: the words whose rules were looked for and covered nothing.
        unknown: the words that name no rule, each with the nearest name, if any is near.
    """

    path: str
    ignore: Ignore
    unused: tuple[str, ...]
    unknown: tuple[tuple[str, str | None], ...]


def ignores(text: str) -> tuple[Ignore, ...]:
    """Return the comments for dagproof, in order.

    Args:
        text: of a Python file. It costs a tokenizer; ask only where the bytes contain `MARK`.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    comments, head = _comments("\n".join(lines))
    alone = {line for line, column, _ in comments if not lines[line - 1][:column].strip()}
    found = []
    for line, column, comment in comments:
        for match in COMMENT.finditer(comment):
            if _PURE.match(match["request"]):
                continue  # it asks `dagproof contracts` to call a function
            request = REQUEST.match(match["request"])
            whole_file = request is not None and request["file"] is not None
            everywhere = range(1, len(lines) + 1) if line < head else NOTHING
            found.append(
                Ignore(
                    words=_words(request),
                    reason=request["reason"].strip(SEPARATORS) if request else "",
                    line=line,
                    column=column + match.start() + 1,
                    end_column=column + match.end() + 1,
                    applies_to=everywhere if whole_file else _reach(line, alone, lines),
                    whole_file=whole_file,
                    excerpt=lines[line - 1],
                )
            )
    return tuple(found)


def _words(request: re.Match[str] | None) -> tuple[str, ...]:
    words = request["words"].split(",") if request else []
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def _reach(line: int, alone: Collection[int], lines: Sequence[str]) -> range:
    """Return the lines that the comment of one line speaks of; several may stand in a row."""
    if line not in alone:
        return range(line, line + 1)
    while line in alone:
        line += 1
    return range(line, line + 1) if line <= len(lines) and lines[line - 1].strip() else NOTHING


def _comments(text: str) -> tuple[list[tuple[int, int, str]], int]:
    """Return line, column and text of the comments, and the line of the first statement."""
    comments = []
    head = None
    try:
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                comments.append((*token.start, token.string))
            elif head is None and token.type not in {tokenize.NL, tokenize.ENCODING}:
                head = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # no Python, which is a finding of its own; what stands above still counts
    return comments, head or len(text)
