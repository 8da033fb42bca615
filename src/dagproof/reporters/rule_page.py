"""What a rule has to say: a page in the terminal, a page of the documentation, lists of rules."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent, wrap
from typing import Any, Final

from dagproof.model import Rule, UsageError
from dagproof.reporters.characters import visible

_WIDTH: Final = 80
"""Characters that a line of a page takes, unless it is code."""

_HEAD: Final = ("code", "slug", "severity", "about")


def page(rule: Rule[Any]) -> str:
    """Return the page of a rule for a terminal."""
    chapters = {
        "Why": _wrapped(rule.why),
        "Bad": _code(rule.bad),
        "Good": _code(rule.good),
        "Fix": _wrapped(rule.fix),
        "To look for it": "" if rule.on else _enabling(rule),
        "To allow it": "\n".join(
            f"{how}\n{indent(text, '  ')}" for how, text in _allowances(rule).items()
        ),
    }
    body = "\n\n".join(f"{title}\n{indent(text, '  ')}" for title, text in chapters.items() if text)
    return f"{_title(rule)}\n\n{body}\n"


def markdown(rule: Rule[Any]) -> str:
    """Return the page of a rule for the documentation."""
    chapters = {
        "Why": rule.why,
        "Bad": _fenced(rule.bad, "python"),
        "Good": _fenced(rule.good, "python"),
        "Fix": rule.fix,
        "To look for it": "" if rule.on else _fenced(_enabling(rule), "toml"),
        "To allow it": "\n\n".join(
            f"{how}\n\n{_fenced(text, 'python' if text.startswith('#') else 'toml')}"
            for how, text in _allowances(rule).items()
        ),
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in chapters.items() if text)
    return f"# {_title(rule)}\n\n{body}\n"


def table(rules: Iterable[Rule[Any]]) -> str:
    """Return the rules for a terminal, one on each line, under a head."""
    rows = [_HEAD, *map(_row, rules)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def index(rules: Iterable[Rule[Any]]) -> str:
    """Return the page of the documentation that leads to the pages of the rules."""
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for rule in rules:
        code, slug, *more = _row(rule)
        rows.append((code, f"[{slug}]({slug}.md)", *more))
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"# Rules\n\n`dagproof rule CODE` shows the same pages in a terminal.\n\n{lines}"


def pages(rules: Sequence[Rule[Any]]) -> Mapping[str, str]:
    """Return the documentation of all rules by file name."""
    return {"README.md": index(rules)} | {f"{rule.slug}.md": markdown(rule) for rule in rules}


def find_rule(text: str, rules: Iterable[Rule[Any]]) -> Rule[Any]:
    """Return the rule of a code or a slug, in letters of any case.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    wanted = text.strip().lower().replace("_", "-")
    names = {name.lower(): rule for rule in rules for name in (rule.code, rule.slug)}
    if wanted in names:
        return names[wanted]
    holding = [name for name in names if wanted and wanted in name]
    near = holding + difflib.get_close_matches(wanted, names)
    found = dict.fromkeys(f"{names[name].code} {names[name].slug}" for name in near)
    hint = f" Near it: {', '.join(list(found)[:5])}." if found else ""
    raise UsageError(f"There is no rule {visible(text)}.{hint} `dagproof rule` lists all rules.")


def _title(rule: Rule[Any]) -> str:
    off = "" if rule.on else ", off by default"
    return f"{rule.code} {rule.slug} ({rule.severity}, {rule.kind}{off})"


def _row(rule: Rule[Any]) -> tuple[str, ...]:
    severity = rule.severity if rule.on else f"{rule.severity}, off by default"
    return (rule.code, rule.slug, severity, rule.kind)


def _enabling(rule: Rule[Any]) -> str:
    """Return what to write in pyproject.toml for a rule that is off by default."""
    return f'[tool.dagproof]\nextend-select = ["{rule.code}"]'


def _allowances(rule: Rule[Any]) -> Mapping[str, str]:
    """Return what to write to keep the rule silent, by where."""
    return {
        "On one line:": f"# dagproof: ignore[{rule.code}] reason",
        "In some files, by pyproject.toml:": (
            f'[tool.dagproof.per-file-ignores]\n"dags/legacy/**" = ["{rule.code}"]'
        ),
        "Everywhere, by pyproject.toml:": f'[tool.dagproof]\nignore = ["{rule.code}"]',
    }


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH - 2, break_on_hyphens=False, break_long_words=False))


def _code(text: str) -> str:
    return text.strip("\n")


def _fenced(text: str, language: str) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{_code(text)}\n{fence}"
