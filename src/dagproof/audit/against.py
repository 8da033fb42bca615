"""The repository as it was at another commit, beside its findings and what its imports cost."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.crossing import CROSSING, crossing_before
from dagproof.audit.findings import found, selected
from dagproof.audit.judging import with_excerpts
from dagproof.audit.request import AuditRequest, OnFile, nobody
from dagproof.audit.seeing import Seen, see, show
from dagproof.changes.checkout import take_out
from dagproof.config import Settings
from dagproof.model import Ending, Finding, ImportTrace, Progress
from dagproof.reporters.words import count


@dataclass(frozen=True, slots=True)
class Before:
    """What was there at another commit.

    Attributes:
        findings: of the rules, by the paths of today.
        seconds: CPU seconds of each import that came to its end, by path.
        traces: what was seen, by the paths of today.
    """

    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    traces: tuple[ImportTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A repository at another commit.

    Attributes:
        root: the folder of the repository, as it was.
        settings: of the repository as it is, for that folder.
    """

    root: Path
    settings: Settings


def past_of(settings: Settings, commit: str, scratch: Path) -> Past:
    """Write the files of a commit into a folder.

    Args:
        settings: of the repository.
        commit: whatever git takes for one.
        scratch: a folder that is there and empty.

    Raises:
        UsageError: there is no git repository, or no such commit.
    """
    return _moved(settings, take_out(settings.root, commit, scratch))


def _moved(settings: Settings, root: Path) -> Past:
    """Return the settings for a copy of the repository, without folders that were not there."""

    def moved_folder(folder: Path) -> Path:
        inside = folder.is_relative_to(settings.root)
        return root / folder.relative_to(settings.root) if inside else folder

    plugins = moved_folder(settings.plugins) if settings.plugins else None
    moved = replace(
        settings,
        root=root,
        dags=tuple(moved_folder(folder) for folder in settings.dags),
        plugins=plugins if plugins is not None and plugins.is_dir() else None,
        pythonpath=tuple(one for one in map(moved_folder, settings.pythonpath) if one.is_dir()),
        baseline=None,
    )
    return Past(root, moved)


def before(settings: Settings, request: AuditRequest, progress: Progress, now: Seen) -> Before:
    """Import the same files as they were at another commit.

    Args:
        settings: of the repository.
        request: what was asked; `against` names the commit.
        progress: told what is being done.
        now: the files of today.

    Raises:
        UsageError: there is no git repository, or no such commit.
    """
    with scratch_home() as scratch:
        past = past_of(settings, request.against or "", scratch.resolve())
        files = there(settings, past, [Path(target.path) for target in now.targets.files])
        return imported(settings, past, request, files, progress) if files else Before()


def there(settings: Settings, past: Past, paths: Iterable[Path]) -> list[Path]:
    """Return where paths of today were, as far as they were there.

    Args:
        settings: of the repository.
        past: the repository as it was.
        paths: absolute; what lies outside the repository was never there.
    """
    inside = (path for path in paths if path.is_relative_to(settings.root))
    then = (past.root / path.relative_to(settings.root) for path in inside)
    return [path for path in then if path.exists()]


def imported(
    settings: Settings,
    past: Past,
    request: AuditRequest,
    paths: Sequence[Path],
    progress: Progress,
    on_file: OnFile = nobody,
) -> Before:
    """Import files as they were, and say what is found there under the paths of today.

    Args:
        settings: of the repository.
        past: the repository as it was.
        request: what was asked; `against` is what it was asked by.
        paths: files and folders, as they lie in `past`; none for its dags and plugins folders.
        progress: told what is being done.
        on_file: told of each file that is done.

    Raises:
        UnavailableError: there is no DAG file.
    """
    what = count(len(paths), "file") if paths else "every file"
    progress(f"The same at {request.against}: {what}")

    def shown(path: Path) -> str:
        inside = path.is_relative_to(past.root)
        return show(settings.root / path.relative_to(past.root) if inside else path)

    asked = replace(request, paths=paths, against=None, baseline=None, write_baseline=False)
    traces = see(past.settings, asked, progress, on_file, shown).traces
    findings = [
        *found(traces, selected(settings, request), settings.budgets, {}),
        *crossing_before(past.settings, selected(settings, request, CROSSING), traces, shown),
    ]
    return Before(
        with_excerpts(findings, lambda path: past.root / os.path.relpath(path, settings.root)),
        {one.path: one.seconds for one in traces if one.ending is Ending.IMPORTED},
        traces,
    )
