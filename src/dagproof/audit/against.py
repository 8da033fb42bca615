"""The repository as it was at another commit, beside its findings and what its imports cost."""

import os
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.crossing import CROSSING, crossing_before
from dagproof.audit.findings import found, selected
from dagproof.audit.judging import with_excerpts
from dagproof.audit.request import AuditRequest, nobody
from dagproof.audit.seeing import Seen, see, show
from dagproof.config import Settings
from dagproof.model import Ending, Finding, Progress, UsageError
from dagproof.reporters.words import count


@dataclass(frozen=True, slots=True)
class Before:
    """What was there at another commit.

    Attributes:
        findings: of the rules, by the paths of today.
        seconds: CPU seconds of each import that came to its end, by path.
    """

    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A repository at another commit.

    Attributes:
        root: the folder of the repository, as it was.
        settings: of the repository as it is, for that folder.
    """

    root: Path
    settings: Settings


def take_out(settings: Settings, commit: str, scratch: Path) -> Past:
    """Write the files of a commit into a folder.

    Args:
        settings: of the repository.
        commit: whatever git takes for one.
        scratch: a folder that is there and empty.

    Raises:
        UsageError: there is no git repository, or no such commit.
    """
    top = Path(_git(settings.root, "rev-parse", "--show-toplevel", why="is in no git repository"))
    found = _git(
        settings.root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}",
        why=f"has no commit `{commit}`; a shallow clone may lack it: fetch it first",
    )  # fmt: skip
    archive = scratch / "archive.tar"
    _git(top, "archive", "--format=tar", f"--output={archive}", found, why="cannot be read by git")
    files = scratch / "repository"
    files.mkdir()
    with suppress(tarfile.ReadError), tarfile.open(archive) as opened:  # it may have no files
        opened.extractall(files, filter=_harmless)  # noqa: S202 - of what the user committed
    archive.unlink()
    return _moved(settings, files / settings.root.resolve().relative_to(top.resolve()))


def _harmless(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Leave out what leads out of the folder, such as links to elsewhere."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _git(folder: Path, *arguments: str, why: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise UsageError("`--against` needs git, which is not installed.") from error
    if done.returncode:
        raise UsageError(f"`--against`: {folder} {why}.")
    return done.stdout.strip()


def _moved(settings: Settings, root: Path) -> Past:
    """Return the settings for a copy of the repository, without folders that were not there."""

    def there(folder: Path) -> Path:
        inside = folder.is_relative_to(settings.root)
        return root / folder.relative_to(settings.root) if inside else folder

    plugins = there(settings.plugins) if settings.plugins else None
    moved = replace(
        settings,
        root=root,
        dags=tuple(there(folder) for folder in settings.dags),
        plugins=plugins if plugins is not None and plugins.is_dir() else None,
        pythonpath=tuple(one for one in map(there, settings.pythonpath) if one.is_dir()),
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
        past = take_out(settings, request.against or "", scratch.resolve())
        files = [
            past.root / Path(target.path).relative_to(settings.root)
            for target in now.targets.files
            if Path(target.path).is_relative_to(settings.root)
        ]
        there = [file for file in files if file.is_file()]
        if not there:
            return Before()
        progress(f"The same at {request.against}: {count(len(there), 'file')}")

        def shown(path: Path) -> str:
            inside = path.is_relative_to(past.root)
            return show(settings.root / path.relative_to(past.root) if inside else path)

        asked = replace(request, paths=there, against=None, baseline=None, write_baseline=False)
        traces = see(past.settings, asked, progress, nobody, shown).traces
        findings = [
            *found(traces, selected(settings, request), settings.budgets, {}),
            *crossing_before(past.settings, selected(settings, request, CROSSING), traces, shown),
        ]
        return Before(
            with_excerpts(findings, lambda path: past.root / os.path.relpath(path, settings.root)),
            {one.path: one.seconds for one in traces if one.ending is Ending.IMPORTED},
        )
