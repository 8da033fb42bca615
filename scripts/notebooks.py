"""Executes the notebooks of docs/notebooks, and writes what they print into them.

With `--check` it writes nothing, and fails if a notebook does not run or prints something else than
what stands in it. Times, dates and scratch folders may differ.
"""

import argparse
import difflib
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "docs" / "notebooks"

_VARYING = [
    (r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?)?", "DATE"),
    (r"\d+\.\d+ s\b", "N s"),
    (r"\bin \d+ ms", "in N ms"),
    (re.escape(str(ROOT)), "REPOSITORY"),
    (r"/tmp/[\w./-]+", "SCRATCH"),  # noqa: S108 - a pattern
    (r" +", " "),
]
_BEGINS = re.compile(r"\s*… ")
"""A task that takes more than a moment is told when it begins, too."""


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with what it prints now.

    Args:
        path: of the notebook; its folder is where it runs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the lines that a notebook prints, without what differs from run to run."""
    lines: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        lines.append(f"[{cell.id}]")
        for output in cell.outputs:
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            for pattern, stands_for in _VARYING:
                text = re.sub(pattern, stands_for, text)
            lines += [line.strip() for line in text.splitlines() if not _BEGINS.match(line)]
    return lines


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return outputs with each stream in one piece, as it does not come from a subprocess."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":
            output.text = output.text.replace("\r\n", "\n")
    return joined


def main(arguments: list[str]) -> int:
    """Execute the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one differs")
    parser.add_argument("--folder", type=Path, default=NOTEBOOKS, help="of the notebooks")
    parser.add_argument("names", nargs="*", help="of notebooks; by default all")
    options = parser.parse_args(arguments)
    paths = sorted(options.folder.glob("*.ipynb"))
    differing = 0
    for path in paths:
        if options.names and path.name not in options.names:
            continue
        now = executed(path)
        if not options.check:
            nbformat.write(now, path)
            continue
        before = printed(nbformat.read(path, as_version=4))
        lines = list(difflib.unified_diff(before, printed(now), "stands there", "is printed"))
        differing += bool(lines)
        print("\n".join([f"{path.name}: {'differs' if lines else 'as it stands there'}", *lines]))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
