"""What is wrong between files, where reading knows too little and the DAGs that were seen tell."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from dagproof.audit.duplicates import DUPLICATED
from dagproof.audit.findings import selected
from dagproof.audit.request import AuditRequest
from dagproof.audit.seeing import Seen
from dagproof.config import Settings
from dagproof.lint import across, read_repository
from dagproof.model import DagproofError, Ending, Finding, ImportTrace, Kind, Rule
from dagproof.rules.dp123_missing_trigger_target import RULE as MISSING_TARGET
from dagproof.rules.repository import Repository, SeenDags

CROSSING: Final[tuple[Rule[Repository], ...]] = (MISSING_TARGET,)
"""Rules that need to know every DAG id of the repository."""

_CLASSES: Final = (b"TriggerDagRun", b"ExternalTaskSensor", b"ExternalTaskMarker")
_UNPARSED: Final = frozenset({"SyntaxError", "IndentationError", "TabError"})
_QUOTED: Final = re.compile(r"""["']([\w.-]+)["']""")
_STOOD_IN: Final = frozenset({Kind.AIRFLOW_METADATA, Kind.MLFLOW})
"""Questions that the audit answers itself."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """What the audit says of several files together.

    Attributes:
        findings: of the rules that look there.
        rules: those that were looked for; none where reading tells, or nobody can.
    """

    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule[Any], ...] = ()


def crossing(settings: Settings, request: AuditRequest, seen: Seen) -> Crossing:
    """Say what is wrong between files, if all of them were seen; what reading knows, lint tells.

    Args:
        settings: of the repository.
        request: what was asked.
        seen: what was imported.
    """
    rules = selected(settings, request, CROSSING)
    if not rules or not _all_seen(settings, request, seen) or not _is_asked(settings):
        return Crossing()
    try:
        read = _read(settings, request.paths)
    except DagproofError:
        return Crossing()  # such as archives alone, in which nobody reads
    doubtful = (one for one in seen.traces if _is_doubtful(one) and not _quoted(one))
    whole = replace(read, seen=_dags(seen.traces, doubtful))
    if read.dags_known or not whole.dags_known:
        return Crossing()
    return Crossing(tuple(across.findings(whole, rules)), rules)


def crossing_before(
    settings: Settings,
    rules: Sequence[Rule[Any]],
    traces: Sequence[ImportTrace],
    shown: Callable[[Path], str],
) -> Iterator[Finding]:
    """Yield what was wrong between the files of another commit; rather too much than too little.

    Args:
        settings: for the files as they were there.
        rules: those to look for.
        traces: what was seen, not necessarily of all files.
        shown: returns a path as findings of today show it.
    """
    if not rules:
        return
    try:
        read = _read(settings, ())
    except DagproofError:
        return
    for one in across.findings(replace(read, seen=_dags(traces, ())), rules):
        path = shown(Path(os.path.abspath(one.span.path)))  # noqa: PTH100 - resolve() follows links
        yield replace(one, span=replace(one.span, path=path))


def _read(settings: Settings, paths: Sequence[Path]) -> Repository:
    return read_repository(replace(settings, manifests=()), paths)


def _is_asked(settings: Settings) -> bool:
    """Say whether any file names a class that triggers a DAG or waits for one."""
    folders = (*settings.dags, *([settings.plugins] if settings.plugins else ()))
    files = (path for folder in (*folders, *settings.pythonpath) for path in folder.rglob("*.py"))
    return any(name in data for data in map(_data, files) for name in _CLASSES)


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _all_seen(settings: Settings, request: AuditRequest, seen: Seen) -> bool:
    """Say whether every DAG file of the repository was looked at."""
    return (
        across.covers(settings, request.paths)
        and not seen.targets.unread
        and not seen.targets.excluded
    )


def _is_seen(trace: ImportTrace) -> bool:
    if trace.ending is Ending.FAILED:
        return all(error.caused or error.type == DUPLICATED for error in trace.errors)
    return trace.ending is Ending.IMPORTED


def _is_doubtful(trace: ImportTrace) -> bool:
    """Say whether a file may have other DAGs where it imports, where nothing is refused, or later.

    It is then believed to have those that reading knows, if reading knows all of them.
    """
    return (
        not _is_seen(trace)
        or bool(trace.differences)
        or any(error.caused for error in trace.errors)
        or any(effect.refused or effect.kind in _STOOD_IN for effect in trace.effects)
    )


def _quoted(trace: ImportTrace) -> list[str]:
    """Return all that may be an id in a file that nobody can parse, such as Airflow."""
    if not any(error.type in _UNPARSED for error in trace.errors):
        return []
    text = _data(Path(trace.path)).decode(errors="replace")
    return [one[1] for one in _QUOTED.finditer(text)]


def _dags(traces: Sequence[ImportTrace], doubtful: Iterator[ImportTrace] | tuple[()]) -> SeenDags:
    return SeenDags(
        {dag_id: trace.path for trace in traces for dag_id in (*trace.dag_ids, *_quoted(trace))},
        frozenset(trace.path for trace in doubtful),
    )
