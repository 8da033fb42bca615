"""Finds DAG files and has them imported under watch.

Airflow begins to load in its own process before anything else is done, and what is not needed for
that is imported meanwhile.
"""

import gc
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.environment import import_environment
from dagproof.audit.request import AuditRequest, OnFile
from dagproof.config import Settings
from dagproof.import_audit.client import Watchers, Watching
from dagproof.import_audit.orders import Explorer
from dagproof.model import ImportTrace, Progress
from dagproof.reporters.words import count

if TYPE_CHECKING:
    from dagproof.audit.targets import Targets

Show = Callable[[Path], str]
"""Returns a path as findings show it."""


class Imports(Protocol):
    """What is asked of imports: which, and what they may do."""

    @property
    def paths(self) -> Sequence[Path]:
        """Files and folders; none for the dags and plugins folders of the settings."""

    @property
    def allow(self) -> Sequence[str]:
        """What is let through, beside what the settings let through."""

    @property
    def timeout(self) -> float | None:
        """Wall-clock seconds for each file; None for what the settings say."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was imported, and what was seen of it."""

    targets: "Targets"
    traces: tuple[ImportTrace, ...]


def see(
    settings: Settings, request: AuditRequest, progress: Progress, on_file: OnFile, shown: Show
) -> Seen:
    """Import DAG files under watch.

    Args:
        settings: of the repository.
        request: what was asked.
        progress: told what is being done.
        on_file: told of each file that is done.
        shown: returns a path as findings show it.

    Raises:
        UsageError: a path does not exist, or a word names no rule.
        UnavailableError: there is no DAG file.
    """
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_home()).resolve()
        progress("Airflow is imported, in a process of its own")
        watchers = stack.enter_context(Watchers(watching(settings, request, scratch, shown)))
        from dagproof.audit.findings import selected
        from dagproof.audit.targets import find_targets

        selected(settings, request)  # a wrong word is told at once
        targets = find_targets(
            settings,
            request.paths,
            watchers.listed,
            twice=request.twice,
            on_varying=watchers.expect_second,
        )
        return Seen(targets, _traces(watchers, targets, progress, on_file))


def _traces(
    watchers: Watchers, targets: "Targets", progress: Progress, on_file: OnFile
) -> tuple[ImportTrace, ...]:
    from dagproof.audit.duplicates import with_duplicates
    from dagproof.audit.targets import is_dropped

    files = (*targets.files, *targets.dropped)
    dropped = targets.shown_dropped()
    gc.freeze()
    found: list[ImportTrace] = [*targets.ignored]
    for number, trace in enumerate(
        watchers.traces(
            files,
            targets.modules,
            lambda: progress(f"{count(len(targets.files), 'file')} to import"),
        ),
        start=1,
    ):
        on_file(number, len(files), trace.path)
        kept = is_dropped(trace) if trace.path in dropped else trace
        if kept is not None:
            found.append(kept)
    return with_duplicates(sorted(found, key=lambda trace: trace.path))


def watching(
    settings: Settings,
    request: Imports,
    scratch: Path,
    shown: Show,
    explorer: Explorer | None = None,
) -> Watching:
    """Return how DAG files are imported.

    Args:
        settings: of the repository.
        request: what was asked.
        scratch: an absolute folder for everything that is written.
        shown: returns a path as findings show it.
        explorer: what is done with their DAGs, if anything.
    """
    home, files = scratch / "home", scratch / "files"
    for folder in (home, files):
        folder.mkdir()
    environ, bytecode = import_environment(settings, home, files)
    plugins = [settings.plugins] if settings.plugins else []
    named = [path.resolve().parent if path.is_file() else path.resolve() for path in request.paths]
    roots = [settings.root, *settings.dags, *plugins, *settings.pythonpath, *named]
    return Watching(
        roots=list(dict.fromkeys(map(str, roots))),
        paths=[str(folder) for folder in (*plugins, *settings.pythonpath)],
        environ=environ,
        scratch=scratch,
        home=home,
        directory=os.getcwd(),  # noqa: PTH109 - as text
        show=shown,
        bytecode=bytecode,
        allow=(*settings.allow, *request.allow),
        timeout=request.timeout or settings.budgets.import_timeout,
        memory=int(settings.budgets.import_memory * 2**20),
        explorer=explorer,
    )


def show(path: Path) -> str:
    """Return a path as findings show it; without reading rules before Airflow is loading."""
    from dagproof.lint import entries

    return entries.show(path)
