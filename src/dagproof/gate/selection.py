"""Which files, and which configured runs, a gate looks at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagproof.config import ConfiguredRun, Settings
from dagproof.lint.entries import Entries
from dagproof.model import Impact


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at.

    Attributes:
        paths: files that are imported; none for all that there are.
        nothing: whether no import of a DAG file is affected.
        later: how many DAG files are affected by their tasks alone.
        runs: the configured runs of affected DAGs.
        left_out: ids of the DAGs whose configured runs are left out.
    """

    paths: tuple[Path, ...] = ()
    nothing: bool = False
    later: int = 0
    runs: tuple[ConfiguredRun, ...] = ()
    left_out: tuple[str, ...] = ()


def select(settings: Settings, impact: Impact, changed: Sequence[str]) -> Selection:
    """Return what a change makes worth looking at.

    Args:
        settings: of the repository.
        impact: of the change.
        changed: absolute paths of the files that differ.
    """
    if impact.everything:
        return Selection(runs=settings.runs)
    imported = [Path(one.path) for one in impact.affected if one.imports]
    paths = tuple(dict.fromkeys((*imported, *_plugins(settings, changed))))
    runs = tuple(_runs(settings, [*paths, *(Path(one.path) for one in impact.affected)]))
    return Selection(
        paths,
        nothing=not paths,
        later=len(impact.affected) - len(imported),
        runs=runs,
        left_out=tuple(run.dag for run in settings.runs if run not in runs),
    )


def _plugins(settings: Settings, changed: Sequence[str]) -> Iterator[Path]:
    """Yield changed files that Airflow loads as plugins; they are imported, too."""
    folder = settings.plugins
    for path in map(Path, changed):
        inside = folder is not None and path.is_relative_to(folder)
        if inside and path.suffix == ".py" and path.is_file():
            yield path


def _runs(settings: Settings, paths: Sequence[Path]) -> Iterator[ConfiguredRun]:
    """Yield the runs of DAGs that files at these paths make, and of those that nobody names."""
    if not settings.runs:
        return
    affected = {path.resolve() for path in paths}
    texts = {path.resolve(): _text(path) for path in Entries(settings, (), empty=True).files}
    texts.update({path: _text(path) for path in affected - texts.keys()})
    for run in settings.runs:
        name = run.dag.encode()
        there = {path for path, text in texts.items() if name in text}
        there |= {path for path in texts if path == Path(run.dag).resolve()}
        if not there or there & affected:
            yield run


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
