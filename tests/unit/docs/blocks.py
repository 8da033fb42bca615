"""What the documentation shows: fenced blocks of its pages, commands in them, and what they print.

A comment such as `<!-- docs: repository=gated exit=1 -->` says what tests need to know of a block:

- `repository=NAME` begins a new scratch repository for what follows on the page;
- `exit=1` or `exit=0,1` is what the commands of the next block end with, in their order;
- `$ COMMAND` is carried out there without being shown.

A block with a title is a file of the scratch repository, and so is one that begins with a comment
that is a path; a block of `diff` is applied to it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHELLS = ("console", "bash", "sh")
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<language>[\w-]*) *(?P<info>.*)$")
_MARKER = re.compile(r"^<!-- docs: (?P<words>.*) -->$")
_TITLE = re.compile(r'title="(?P<path>[^"]+)"')
_PATH = re.compile(r"^# (?P<path>[\w.-]+(?:/[\w.-]+)*\.\w+)$")


@dataclass(frozen=True, slots=True)
class Marker:
    """A comment of a page that is for its tests."""

    line: int
    words: str

    @property
    def repository(self) -> str:
        return self._value("repository")

    @property
    def exits(self) -> tuple[int, ...]:
        return tuple(int(code) for code in self._value("exit").split(",") if code)

    @property
    def hidden(self) -> str:
        return self.words.removeprefix("$ ") if self.words.startswith("$ ") else ""

    def _value(self, name: str) -> str:
        found = re.search(rf"\b{name}=(\S+)", "" if self.hidden else self.words)
        return found.group(1) if found else ""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its first line, its language, what stands behind that, its text."""

    line: int
    language: str
    info: str
    text: str

    @property
    def file(self) -> tuple[str, str] | None:
        """The path and the text of the file that the block is, if it is one."""
        if title := _TITLE.search(self.info):
            return title["path"], self.text
        first, _, rest = self.text.partition("\n")
        path = _PATH.match(first)
        return (path["path"], rest) if path else None

    @property
    def tests(self) -> tuple[str, ...]:
        """The names of the tests that the block shows, unless it is a file."""
        shown = self.language == "python" and self.file is None
        return tuple(re.findall(r"^def (test_\w+)", self.text, re.MULTILINE)) if shown else ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a block, and what the block shows that it prints."""

    line: int
    text: str
    shown: list[str] = field(default_factory=list)


def pages() -> list[Path]:
    """Return README.md and all pages below docs, but for those that are made from the rules."""
    rules = ROOT / "docs" / "rules"
    written = [page for page in (ROOT / "docs").rglob("*.md") if rules not in page.parents]
    return [ROOT / "README.md", *sorted(written)]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def parts(text: str) -> list[Marker | Block]:
    """Return markers and blocks in their order.

    Raises:
        ValueError: a block is never closed.
    """
    found: list[Marker | Block] = []
    lines = enumerate(text.splitlines(), start=1)
    for number, line in lines:
        if marker := _MARKER.match(line.strip()):
            found.append(Marker(number, marker["words"]))
        if fence := _FENCE.match(line):
            indent, closing = len(fence["indent"]), fence["fence"]
            body: list[str] = []
            for _, inner in lines:
                if inner.strip() == closing:
                    break
                body.append(inner[indent:])
            else:
                raise ValueError(f"The block of line {number} is never closed.")
            shown = "".join(f"{one}\n" for one in body)
            found.append(Block(number + 1, fence["language"], fence["info"], shown))
    return found


def blocks(page: Path) -> list[Block]:
    return [one for one in parts(page.read_text(encoding="utf-8")) if isinstance(one, Block)]


def commands(block: Block) -> list[Command]:
    """Return the commands of a block of a shell, with what they are said to print.

    Blocks of `console` have commands behind `$ `, which go on behind a backslash; in others, every
    line that is no comment is one, and prints nothing.

    Raises:
        ValueError: something is printed before any command.
    """
    if block.language not in SHELLS:
        return []
    lines = block.text.splitlines()
    if block.language != "console":
        bare = [(number, line) for number, line in enumerate(lines, block.line) if line.strip()]
        return [Command(number, line) for number, line in bare if not line.startswith("#")]
    found: list[Command] = []
    going_on = False
    for number, line in enumerate(lines, block.line):
        if going_on:
            found[-1] = Command(found[-1].line, f"{found[-1].text}\n{line}")
        elif line.startswith("$ "):
            found.append(Command(number, line.removeprefix("$ ")))
        elif found:
            found[-1].shown.append(line)
        else:
            raise ValueError(f"Line {number} is printed by no command.")
        going_on = (going_on or line.startswith("$ ")) and line.endswith("\\")
    return found
