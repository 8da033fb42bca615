"""Composes a diff: the base taken out, its DAG files imported once, the DAGs compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.against import Before, Past, imported, past_of, there
from dagproof.audit.airflow_install import check_airflow
from dagproof.audit.request import AuditRequest, OnFile, nobody
from dagproof.audit.seeing import see, show
from dagproof.config import Settings, load_settings
from dagproof.diffing.comparison import diffs
from dagproof.diffing.doubt import comparable, doubts, known
from dagproof.diffing.varying import left_out, varying, without
from dagproof.lint.entries import Entries, nothing_to_import
from dagproof.model import DagDiff, DagproofError, ImportTrace, Progress
from dagproof.source.discovery import is_dag_file

_SHORT: Final = 12
"""Characters of a commit's id that say which one it is."""


@dataclass(frozen=True, slots=True)
class Differing:
    """How DAGs differ between a commit and the working tree.

    Attributes:
        diffs: in order of DAG id; only of DAGs whose both states are known.
        before: what else the import of the commit's files told.
        notes: sentences about what is not compared, and why.
        files: how many files were looked at, in one state or in both.
    """

    diffs: tuple[DagDiff, ...] = ()
    before: Before = field(default_factory=Before)
    notes: tuple[str, ...] = ()
    files: int = 0


def diff(
    settings: Settings,
    commit: str,
    paths: Sequence[Path] | None = None,
    progress: Progress = nobody,
    on_file: OnFile = nobody,
    *,
    now: Sequence[ImportTrace] | None = None,
    request: AuditRequest | None = None,
) -> Differing:
    """Say how the DAGs of files differ between a commit and the working tree.

    Args:
        settings: of the repository.
        commit: to compare with.
        paths: absolute, of DAG files, also of those that are no longer there; None for all.
        progress: told what is being done.
        on_file: told of each file that is done.
        now: what an audit has seen of the same files in the working tree, each of them imported
            twice; None to import them here.
        request: which rules judge the imports of the commit, and what those may do. Where `now` is
            given, files of the commit are imported twice if it says so, as findings need it.

    Raises:
        UsageError: there is no git repository, or no such commit.
        UnavailableError: there is no Airflow that could import the files, or no DAG file at all.
    """
    check_airflow()
    asked = replace(request or AuditRequest(), against=commit[:_SHORT])
    with scratch_home() as scratch:
        past = as_then(past_of(settings, commit, scratch.resolve()))
        before = _before(settings, past, asked, paths, progress, on_file, twice=now is not None)
    if now is None:
        now = _now(settings, replace(asked, against=None), paths, progress, on_file)
    if paths is None and not now and not before.traces:
        raise nothing_to_import(settings, ())
    return differing(before, now)


def differing(before: Before, now: Sequence[ImportTrace]) -> Differing:
    """Compare what was seen of the same files at two states of the repository.

    Args:
        before: what was there.
        now: what is there.
    """
    then, today = known(before.traces), known(now)
    ones, others = comparable(then, today), comparable(today, then)
    places = varying((*before.traces, *now), (*ones, *others))
    told = {one: here for one, here in places.items() if one in then.dags and one in today.dags}
    return Differing(
        diffs(without(ones, places), without(others, places)),
        before,
        (*doubts(then, today), *left_out(told)),
        len(then.files | today.files),
    )


def as_then(past: Past) -> Past:
    """Return where DAGs were at the commit, if none of today's folders was there.

    Args:
        past: the repository as it was, with the settings of today.
    """
    if any(folder.is_dir() for folder in past.settings.dags):
        return past
    try:
        said = load_settings(past.root)
    except DagproofError:
        return past
    folders = tuple(folder for folder in said.dags if folder.is_relative_to(past.root))
    return Past(past.root, replace(past.settings, dags=folders or past.settings.dags))


def _before(
    settings: Settings,
    past: Past,
    request: AuditRequest,
    paths: Sequence[Path] | None,
    progress: Progress,
    on_file: OnFile,
    *,
    twice: bool,
) -> Before:
    files = None if paths is None else _files_then(settings, past, paths)
    asked = replace(request, twice=request.twice and twice)
    if files == [] or (files is None and not _has_dag_files(past.settings)):
        return Before()
    return imported(settings, past, asked, files or (), progress, on_file)


def _files_then(settings: Settings, past: Past, paths: Sequence[Path]) -> list[Path]:
    """Return the DAG files among paths as they lay at the commit."""
    return [
        path
        for path in there(settings, past, paths)
        if path.is_file() and (_is_today(settings, past, path) or _was_dag_file(past, path))
    ]


def _is_today(settings: Settings, past: Past, path: Path) -> bool:
    """Say whether a file of then is still there: who asks for it knows that it is a DAG file."""
    return (settings.root / path.relative_to(past.root)).is_file()


def _was_dag_file(past: Past, path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in past.settings.dags) and is_dag_file(
        path.read_bytes()
    )


def _has_dag_files(settings: Settings) -> bool:
    """Say whether Airflow would import anything; it is no question where there is nothing."""
    folders = [folder for folder in settings.dags if folder.is_dir()]
    if not folders and settings.plugins is None:
        return False
    archives = (path for folder in folders for path in folder.rglob("*.zip"))
    return bool(Entries(settings, (), empty=True).files) or any(archives)


def _now(
    settings: Settings,
    request: AuditRequest,
    paths: Sequence[Path] | None,
    progress: Progress,
    on_file: OnFile,
) -> tuple[ImportTrace, ...]:
    files = None if paths is None else [path for path in paths if path.is_file()]
    if files == [] or (files is None and not _has_dag_files(settings)):
        return ()
    return see(settings, replace(request, paths=files or ()), progress, on_file, show).traces
