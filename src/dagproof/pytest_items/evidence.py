"""Reads and audits once in a test session, whichever item and whichever process asks first."""

import contextlib
import fcntl
import gc
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from dagproof.commands.compiled import compiled_once
from dagproof.config import Settings
from dagproof.model import DagproofError, Finding, Report
from dagproof.pytest_items.belonging import Selection, owner
from dagproof.pytest_items.questions import AUDIT, LINT
from dagproof.verdict.files import replace


@dataclass(frozen=True, slots=True)
class Told:
    """What reading or the audit had to say.

    Attributes:
        findings: each with the path of the DAG file whose it is.
        notes: sentences that belong to the whole.
        refusal: why there is nothing to say, one sentence.
    """

    findings: tuple[tuple[Finding, str], ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(slots=True)
class Evidence:
    """Asks when the first item needs it.

    Attributes:
        settings: of the repository.
        environ: in which DAG files are imported: that of the session before any test ran.
        shared: a folder for the processes of one test session; None where there is one alone.
    """

    settings: Settings
    environ: Mapping[str, str] = field(default_factory=dict)
    shared: Path | None = None
    _told: dict[str, Told] = field(default_factory=dict)

    def about(self, question: str, selection: Selection) -> Told:
        """Return all that is told by whatever answers a question."""
        name, ask = (LINT, _lint) if question == LINT else (AUDIT, _audit)
        if name not in self._told:
            self._told[name] = self._once(name, lambda: self._ask(ask, selection))
        return self._told[name]

    def _once(self, name: str, ask: Callable[[], Told]) -> Told:
        """Ask, or take the answer that another process got.

        The lock goes with its process, so that one that dies leaves the work to the next.
        """
        if self.shared is None:
            return ask()
        answer = self.shared / f"{name}.pickle"
        with (self.shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if answer.exists():
                known: Told = pickle.loads(answer.read_bytes())  # noqa: S301 - only we write it
                return known
            told = ask()
            replace(answer, pickle.dumps(told))
            return told

    def _ask(self, ask: Callable[[Settings, Selection], Report], selection: Selection) -> Told:
        with _undisturbed(selection.directory, self.environ):
            try:
                report = ask(self.settings, selection)
            except DagproofError as error:
                return Told(refusal=str(error))
        owned = ((one, owner(one, report.imports, selection)) for one in report.findings)
        return Told(tuple((one, whose) for one, whose in owned if whose is not None), report.notes)


def _lint(settings: Settings, selection: Selection) -> Report:
    from dagproof.lint import LintRequest, lint

    return lint(settings, LintRequest(paths=selection.asked))


def _audit(settings: Settings, selection: Selection) -> Report:
    from dagproof.audit import AuditRequest, audit

    return audit(settings, AuditRequest(paths=selection.asked))


@contextlib.contextmanager
def _undisturbed(directory: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Make it as on the command line, whatever tests have done before; leave nothing behind."""
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        with (
            compiled_once(),
            contextlib.chdir(directory),
            mock.patch.dict(os.environ, environ, clear=True),
        ):
            yield
    finally:
        gc.set_threshold(*thresholds)
        if not frozen:
            gc.unfreeze()
