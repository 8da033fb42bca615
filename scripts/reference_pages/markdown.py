"""Parts of a page: tables, and docstrings in Google style as Markdown."""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence

_SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells may hold anything but line breaks."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def code(text: str) -> str:
    """Return text as code, nothing for nothing."""
    return f"`{text}`" if text else ""


def sections(docstring: str) -> Mapping[str, str]:
    """Return the sections of a docstring by name; what comes first has none."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in inspect.cleandoc(docstring).splitlines():
        if line.rstrip().removesuffix(":") in _SECTIONS and line.rstrip().endswith(":"):
            name = line.strip().removesuffix(":")
            found[name] = []
        else:
            found[name].append(line)
    return {name: "\n".join(lines).strip("\n") for name, lines in found.items()}


def entries(section: str) -> dict[str, str]:
    """Return what a section says of each name: `name: what it is`, which may go on indented."""
    found: dict[str, str] = {}
    last = ""
    for line in inspect.cleandoc(section).splitlines():
        if match := re.match(r"^(\w+): (.*)$", line):
            last = match[1]
            found[last] = match[2]
        elif last and line.strip():
            found[last] += f" {line.strip()}"
    return found


def described(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs, and a list for each section."""
    parts = sections(docstring)
    text = [parts.pop("")]
    for name, body in parts.items():
        named = entries(body)
        text.append(f"**{name}**")
        text.append(
            "\n".join(f"- `{one}`: {what}" for one, what in named.items())
            if named
            else inspect.cleandoc(body)
        )
    return "\n\n".join(filter(None, text)) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
