"""Looks once in a test session for each way of looking, whichever item and process asks first."""

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
from dagproof.pytest_items.questions import AUDIT, CONTRACTS, LINT, answered_by, question_of
from dagproof.pytest_items.told import Answer, Told
from dagproof.verdict.files import replace


@dataclass(slots=True)
class Evidence:
    """Asks when the first item needs it.

    Attributes:
        settings: of the repository.
        environ: in which DAG files are imported: that of the session before any test ran.
        shared: a folder for the processes of one test session; None where there is one alone.
        examples: confs and values that are generated to try promises; None for the usual number.
        seed: another one gives other confs.
    """

    settings: Settings
    environ: Mapping[str, str] = field(default_factory=dict)
    shared: Path | None = None
    examples: int | None = None
    seed: int = 0
    _told: dict[str, Told] = field(default_factory=dict)

    def about(self, question: str, selection: Selection) -> Told:
        """Return all that is told by whatever answers a question."""
        name = answered_by(question)
        if name not in self._told:
            ask = {LINT: self._lint, AUDIT: self._audit, CONTRACTS: self._prove}[name]
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

    def _ask(self, ask: Callable[[Selection], Told], selection: Selection) -> Told:
        with _undisturbed(selection.directory, self.environ):
            try:
                return ask(selection)
            except DagproofError as error:
                return Told(refusal=str(error))

    def _lint(self, selection: Selection) -> Told:
        from dagproof.lint import LintRequest, lint

        report = lint(self.settings, LintRequest(paths=selection.asked))
        return _told(report, selection, lambda _: LINT)

    def _audit(self, selection: Selection) -> Told:
        from dagproof.audit import AuditRequest, audit

        report = audit(self.settings, AuditRequest(paths=selection.asked))
        return _told(report, selection, question_of)

    def _prove(self, selection: Selection) -> Told:
        from dagproof.proving import ContractsRequest, prove
        from dagproof.proving.request import EXAMPLES
        from dagproof.pytest_items.promised import answers, untried

        examples = EXAMPLES if self.examples is None else self.examples
        request = ContractsRequest(paths=selection.asked, examples=examples, seed=self.seed)
        report = prove(self.settings, request)
        return Told(tuple(answers(report, selection)), report.notes, untried(report, selection))


def _told(report: Report, selection: Selection, question: Callable[[Finding], str]) -> Told:
    owned = ((one, owner(one, report.imports, selection)) for one in report.findings)
    found = (Answer(one, whose, question(one)) for one, whose in owned if whose is not None)
    return Told(tuple(found), report.notes)


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
