"""What steps tell the runner: workflow commands on standard output, and files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMAND = re.compile(r"^::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$")


@dataclass(frozen=True)
class Annotation:
    """A mark beside a line of the change.

    Attributes:
        level: `error`, `warning` or `notice`.
        file: in the workspace; empty where it belongs to the whole.
        line: the first is 1; 0 where it belongs to the whole.
        message: what it says.
        title: above the message.
    """

    level: str
    file: str
    line: int
    message: str
    title: str


def annotations(output: str) -> Iterator[Annotation]:
    """Yield what a step's output has GitHub show; commands that were stopped are text."""
    stopped = ""
    for line in output.splitlines():
        if stopped:
            stopped = "" if line.strip() == f"::{stopped}::" else stopped
            continue
        found = _COMMAND.match(line)
        if not found:
            continue
        name, properties, message = found[1], found[2] or "", found[3]
        if name == "stop-commands":
            stopped = message
        elif name in {"error", "warning", "notice"}:
            given = dict(one.split("=", 1) for one in properties.split(",") if one)
            where, number = _plain(given.get("file", "")), int(given.get("line", "0"))
            title = _plain(given.get("title", ""))
            yield Annotation(name, where, number, _plain(message), title)
        elif name not in {"group", "endgroup", "debug", "add-mask"}:
            raise AssertionError(f"The command ::{name}:: is not known here.")


def settings(path: Path) -> dict[str, str]:
    """Return what a step has written to `GITHUB_OUTPUT` or `GITHUB_ENV`."""
    found, lines = {}, iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, mark, value = line.partition("=")
        if "<<" in name:
            name, _, end = line.partition("<<")
            block = []
            for one in lines:
                if one == end:
                    break
                block.append(one)
            value = "\n".join(block)
        elif not mark:
            raise AssertionError(f"{path.name} has a line that is no setting: {line!r}")
        found[name] = value
    return found


def _plain(text: str) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escape, character)
    return text.replace("%25", "%")
