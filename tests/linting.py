"""Lints small repositories that a test writes, or that lie in tests/fixtures, and reads marks."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dagproof.config import Settings
from dagproof.lint import LintRequest, lint
from dagproof.model import Report

FIXTURES = Path(__file__).parent / "fixtures" / "rules"
IMPORT_TIME = tuple(f"DP{number}" for number in range(100, 114))
"""The rules about what happens while a file is imported."""

DAG = "from airflow.sdk import DAG\n"
"""Makes a file one that Airflow would import."""

_MARK = re.compile(r"#\s*expect:\s*([\w, ]+)")

Found = list[tuple[str, int, str]]


def written(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, by their paths below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def report(
    folder: Path, *, select: Iterable[str] = IMPORT_TIME, cached: bool = False, **settings: Any
) -> Report:
    """Lint the repository of a folder, whose DAGs are anywhere in it."""
    told = Settings(**{"root": folder, "dags": (folder,), **settings})
    return lint(told, LintRequest(select=tuple(select), cached=cached))


def found(given: Report, folder: Path) -> Found:
    """Return path below the folder, line and code of each finding, in order."""
    return sorted(
        {
            (
                (Path.cwd() / finding.span.path).relative_to(folder).as_posix(),
                finding.span.line,
                finding.code,
            )
            for finding in given.findings
        }
    )


def linted(folder: Path, files: Mapping[str, str | bytes], **options: Any) -> Found:
    """Write files and return what is found in them."""
    written(folder, files)
    return found(report(folder, **options), folder)


def lines(folder: Path, text: str, **options: Any) -> list[tuple[int, str]]:
    """Return line and code of what is found in one DAG file; the text begins in line 1."""
    files = {"dag.py": f"{text}\n{DAG}"}
    return [(line, code) for _, line, code in linted(folder, files, **options)]


def expected(folder: Path) -> Found:
    """Return what the comments of files say that is found: `# expect: DP101, DP102`."""
    return sorted(
        (path.relative_to(folder).as_posix(), number, code)
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        for mark in _MARK.finditer(line)
        for code in re.findall(r"DP\d+", mark[1])
    )


_PRELUDE = "from airflow.sdk import DAG, dag, task; import os, requests; get = requests.get"


def programs(text: str) -> Mapping[str, str]:
    """Return the programs of a text by their names: each begins after a line `## name`."""
    found = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def marked(folder: Path, program: str) -> tuple[list[int], list[int]]:
    """Return the lines of a program where it calls `get` at import, and those marked by `#!`."""
    files = {"dag.py": f"{_PRELUDE}\n{program}"}
    here = [line for path, line, code in linted(folder, files) if code in ("DP100", "DP102")]
    wanted = [number for number, line in enumerate(program.split("\n"), 2) if "#!" in line]
    return here, wanted
