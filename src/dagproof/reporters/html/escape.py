"""Builds markup that always escapes: a browser shows whatever a text holds, and obeys nothing."""

import re
from collections.abc import Iterable
from typing import Final

from dagproof.reporters.characters import visible

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTES: Final = str.maketrans({'"': "&quot;", "'": "&#39;"})
_VOID: Final = frozenset({"meta", "link", "input"})
_DRAWN: Final = frozenset({"rect", "path"})
"""Elements of SVG that hold nothing, and close themselves."""

_LONGEST: Final = 1_000
"""Characters of a text for which nobody asks for another limit."""

_LINE: Final = re.compile(r"[^\n\t]+")
_CODE: Final = re.compile(r"``[ ]?(.+?)[ ]?``|`([^`\n]+)`")


class Html(str):
    """Markup that is ready to be shown; any other text is escaped where it is put in."""

    __slots__ = ()


Child = Html | str | int | None
"""What an element holds: markup, a text to be escaped, a whole number, or nothing."""

Value = str | int | float | bool | None
"""Of an attribute; True for one without a value, False and None for none at all."""


def tag(name: str, /, *children: Child, **attributes: Value) -> Html:
    """Return an element.

    Args:
        name: of the element.
        children: texts are escaped, `Html` is taken as it is.
        attributes: by name; a final underscore is dropped and others are hyphens: `class_`,
            `aria_label`. Texts are escaped, `Html` is taken as it is.
    """
    given = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    if name in _DRAWN:
        return Html(f"<{name}{given}/>")
    return Html(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[Child], between: str = "") -> Html:
    """Return markup and escaped texts, one behind the other.

    Args:
        children: what to put together; None leaves nothing.
        between: a text to set between them.
    """
    return Html((escaped(between) if between else "").join(map(_child, children)))


def escaped(text: str, limit: int = _LONGEST) -> Html:
    """Return a text as markup, with what a browser would obey or hide written as Python escapes.

    Args:
        text: any text.
        limit: characters after which it is cut.
    """
    return Html(clean(shortened(text, limit)).translate(_ENTITIES))


def clean(text: str) -> str:
    """Return a text whose lines stay lines and whose other control characters are visible.

    Lone surrogates, NUL and characters that reorder a line are written as Python escapes, so that
    the result can be encoded and says what it holds.
    """
    if text.isprintable():
        return text
    return _LINE.sub(lambda line: visible(line[0]), text.replace("\r\n", "\n"))


def prose(text: str, limit: int = _LONGEST) -> Html:
    """Return a sentence, in which what stands between backticks is code.

    Args:
        text: the sentence.
        limit: characters after which it is cut.
    """
    parts: list[Child] = []
    text, at = shortened(text, limit), 0
    for code in _CODE.finditer(text):
        parts += [escaped(text[at : code.start()], limit), tag("code", code[1] or code[2])]
        at = code.end()
    return joined([*parts, escaped(text[at:], 2 * limit)])


def shortened(text: str, limit: int) -> str:
    """Return a text of at most about so many characters; of a longer one, its two ends.

    Args:
        text: of any length.
        limit: characters that are left, without those that say how many are not.
    """
    if len(text) <= limit:
        return text
    tail = limit // 3
    gone = f"{len(text) - limit:,} characters left out"
    return f"{text[: limit - tail]} … [{gone}] … {text[-tail:]}"


def _child(child: Child) -> str:
    if isinstance(child, Html):
        return child
    return "" if child is None else escaped(str(child))


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _value(value: Value) -> str:
    if isinstance(value, Html):
        return value
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escaped(str(value)).translate(_QUOTES)
