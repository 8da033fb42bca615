"""What a gate asks of the base: which files, and which rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagproof.gate.request import GateRequest
from dagproof.gate.selection import Selection
from dagproof.model import Comparison, FileFate, Finding


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the base.

    Attributes:
        commit: its id.
        paths: absolute, of the DAG files to compare, gone ones among them; None for all.
        renamed: absolute paths of today by those of then.
        asked: words that name the rules to look for: `select`, `ignore`, `extend_select`.
        allow: what imports may do, beside what the settings let through.
        alone: whether nobody else imports the files of the working tree.
        tried: absolute, of the files whose promises did not hold in the working tree.
    """

    commit: str
    paths: tuple[Path, ...] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    allow: Sequence[str] = ()
    alone: bool = False
    tried: tuple[Path, ...] = ()


def question(comparison: Comparison, selection: Selection, request: GateRequest) -> Question:
    """Return what is asked of the base.

    Args:
        comparison: what has changed.
        selection: what was looked at.
        request: what the gate was asked.
    """
    paths = [*(path.resolve() for path in selection.paths), *_gone(comparison)]
    return Question(
        commit=comparison.commit,
        paths=tuple(dict.fromkeys(paths)) if selection.paths or selection.nothing else None,
        renamed={one.before: one.path for one in comparison.files if one.fate is FileFate.RENAMED},
        asked={
            "select": request.select,
            "ignore": request.ignore,
            "extend_select": request.extend_select,
        },
        allow=request.allow,
        alone="audit" in request.skipped,
    )


def _gone(comparison: Comparison) -> Iterator[Path]:
    for one in comparison.files:
        if one.fate is FileFate.DELETED:
            yield Path(one.path)
        elif one.fate is FileFate.RENAMED:
            yield Path(one.before)


def broken(findings: Iterable[Finding]) -> tuple[Path, ...]:
    """Return the absolute paths of files whose promises do not hold."""
    paths = (Path(one.span.path).resolve() for one in findings if one.code.startswith("DP3"))
    return tuple(dict.fromkeys(paths))
