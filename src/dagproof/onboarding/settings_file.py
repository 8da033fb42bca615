"""The `[tool.dagproof]` table that is put at the end of pyproject.toml."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from dagproof.onboarding.edits import Edit, Left, Unwritable, appended, content
from dagproof.onboarding.layout import Layout
from dagproof.onboarding.repository import PROJECT, Repository
from dagproof.onboarding.runs import Candidate

BASELINE: Final = "dagproof-baseline.json"


def settings_part(
    repository: Repository, layout: Layout, runs: Sequence[Candidate], *, baseline: bool
) -> Edit | Left:
    """Return pyproject.toml with the table at its end.

    Args:
        repository: to set up.
        layout: what the table says.
        runs: what it runs, and what it offers.
        baseline: whether it names a file of known findings.
    """
    path = repository.root / PROJECT
    lines = _lines(repository, layout, baseline=baseline)
    text = _table(lines, runs)
    try:
        before = content(path, repository.top)
        document = _document(before, text)
        if "dagproof" in document.get("tool", {}):
            return _declared(path, document["tool"]["dagproof"], lines, runs)
        after = _grown(before, text)
        _check(after)
    except Unwritable as error:
        return Left(path, f"{error.why}; put these lines into it.", text)
    return Edit(path, before, after)


def settings_again(
    edit: Edit,
    repository: Repository,
    layout: Layout,
    runs: Sequence[Candidate],
    *,
    baseline: bool,
) -> Edit:
    """Return pyproject.toml, which has been written already, with other runs.

    Args:
        edit: that was carried out.
        repository: to set up.
        layout: what the table says.
        runs: what it runs now, and what it offers.
        baseline: whether it names a file of known findings.
    """
    text = _table(_lines(repository, layout, baseline=baseline), runs)
    return Edit(edit.path, edit.after, _grown(edit.before, text))


def _lines(repository: Repository, layout: Layout, *, baseline: bool) -> list[str]:
    lines = _places(layout, repository.root)
    return [*lines, f"baseline = {_quoted(BASELINE)}"] if baseline else lines


def _table(lines: Sequence[str], runs: Sequence[Candidate]) -> str:
    return "\n".join(["[tool.dagproof]", *lines, *_runs(runs)]) + "\n"


def _grown(before: bytes | None, text: str) -> bytes:
    return appended(before or b"", f"\n{text}" if before else text)


def _places(layout: Layout, root: Path) -> list[str]:
    listed = ", ".join(_quoted(_relative(folder, root)) for folder in layout.dags)
    lines = [f"dags = [{listed}]"]
    if layout.plugins is not None:
        lines.append(f"plugins = {_quoted(_relative(layout.plugins, root))}")
    if layout.pythonpath:
        listed = ", ".join(_quoted(_relative(folder, root)) for folder in layout.pythonpath)
        lines.append(f"pythonpath = [{listed}]")
    return lines


def _runs(runs: Sequence[Candidate]) -> list[str]:
    chosen = [one for one in runs if not one.why_not]
    left = [one for one in runs if one.why_not]
    lines = []
    if chosen:
        lines += [
            "",
            "# Run by `dagproof run` and `dagproof gate`. Reading found nothing in them that",
            "# reaches beyond the services of a run: no network, no files, no other programs.",
        ]
        for one in chosen:
            lines += ["[[tool.dagproof.runs]]", f"dag = {_quoted(one.dag_id)}", ""]
        lines.pop()
    if left:
        lines += ["", "# To turn on by hand, once you know that they are safe to run:"]
        for one in left:
            lines += ["# [[tool.dagproof.runs]]", f"# dag = {_quoted(one.dag_id)}  # {one.why_not}"]
    return lines


def _relative(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _document(before: bytes | None, text: str) -> dict[str, Any]:
    """Return what a file says.

    Raises:
        Unwritable: it is no TOML, or our own lines are none because of a name in them.
    """
    try:
        tomllib.loads(text)
        return tomllib.loads((before or b"").decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeError, RecursionError) as error:
        raise Unwritable(f"`{PROJECT}` is no valid TOML ({error})") from error


def _check(after: bytes) -> None:
    """Make sure that a file with the table at its end is read.

    Raises:
        Unwritable: what is there does not let a table be added.
    """
    try:
        tomllib.loads(after.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise Unwritable(f"a table at the end of `{PROJECT}` would not be read ({error})") from None


def _declared(path: Path, table: Any, lines: Sequence[str], runs: Sequence[Candidate]) -> Left:
    """Leave a table of the user's own alone, and say what it lacks."""
    has = table if isinstance(table, dict) else {}
    missing = [line for line in lines if line.partition(" ")[0] not in has]
    wanted = [] if "runs" in has else [one for one in runs if not one.why_not]
    paste = "\n".join([*missing, *_runs(wanted)])
    if not paste:
        return Left(path, "It has a [tool.dagproof] table already.")
    return Left(
        path,
        "It has a [tool.dagproof] table already, which is left as it is; this is what it lacks.",
        f"{paste.strip()}\n",
    )
