"""Whether a command printed what a page shows: `…` stands for anything, and no time is compared."""

import difflib
import re

_VARYING = (
    (re.compile(r"\x1b\[[\d;]*[A-Za-z]"), ""),
    (re.compile(r"\[ *\d+\.\d s\]"), "[N s]"),
    (re.compile(r"\b\d+(\.\d+)? ?s\b( \(\d+:\d\d:\d\d\))?"), "N s"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d+\.\d+\b(?=  |$)", re.MULTILINE), "N"),
    (re.compile(r"(?<=\()[0-9a-f]{12}(?=\))"), "COMMIT"),
    (re.compile(r"(?<=index )[0-9a-f]{7,}\.\.[0-9a-f]{7,}"), "OLD..NEW"),
    (re.compile(r"[─═]+|={3,}|_{3,}"), "─"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from run to run, and what stands for it: the columns of a table move with it."""

_PROGRESS = "[N s] "
_STILL_RUNNING = " … "
"""How the line of a task begins that takes long, as it may or may not."""


def steady(text: str) -> list[str]:
    """Return the lines without what differs from run to run, and without empty ones around."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def differs(shown: list[str], printed: str) -> str:
    """Return how a command's output differs from what is shown; empty where it does not.

    A line that is `…` alone stands for any lines, or none; elsewhere it stands for any characters.
    Lines of progress, such as `[  1.2 s] 3 files to import`, come when they come: those that are
    shown have to be among those that are printed.
    """
    wanted, seen = steady("\n".join(shown)), steady(printed)
    progress = [line for line in seen if line.startswith(_PROGRESS)]
    if missing := [
        line
        for line in wanted
        if line.startswith(_PROGRESS) and not any(_pattern(line).fullmatch(one) for one in progress)
    ]:
        return f"never said: {missing}; only {progress}"
    wanted, seen = (
        steady("\n".join(one for one in lines if not one.startswith((_PROGRESS, _STILL_RUNNING))))
        for lines in (wanted, seen)
    )
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else f"{_pattern(line).pattern}\n" for line in wanted
    )
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in seen)):
        return ""
    return "\n".join(difflib.unified_diff(wanted, seen, "shown", "printed", lineterm="", n=1000))


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(re.escape(line).replace("…", ".*"))
