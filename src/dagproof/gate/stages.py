"""The stages of a gate: each has its work done by a process, and says what came of it."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dagproof.audit.request import AuditRequest
from dagproof.config import Settings
from dagproof.gate import words
from dagproof.gate.judging import judged_stage
from dagproof.gate.messages import Message, RunBegins, RunEnded, Said, Told, Unable, Work
from dagproof.gate.past import Past
from dagproof.gate.process import Crew, Ended
from dagproof.gate.question import Question, broken
from dagproof.gate.request import GateRequest
from dagproof.gate.runs import run_all
from dagproof.gate.selection import Selection
from dagproof.judging_runs import with_findings
from dagproof.lint import LintRequest
from dagproof.model import Comparison, Finding, Progress, Report, Stage, StageState
from dagproof.proving import ContractsRequest

OnStage = Callable[[Stage], None]
"""Told what came of a stage."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a stage.

    Attributes:
        stage: its state.
        report: what it found; None where it was left out or could not look.
        past: what was there at the base; None where nobody looked.
    """

    stage: Stage
    report: Report | None = None
    past: Past | None = None


@dataclass(slots=True)
class Stages:
    """Has the work of each stage done, and says what came of it.

    Attributes:
        settings: of the repository.
        request: what was asked.
        comparison: what has changed.
        selection: what is looked at.
        question: what is asked of the base.
        files: absolute paths of DAG files by the ids of their DAGs, as far as they are known.
        crew: does the work.
        progress: told what is being done.
        on_stage: told what came of each stage.
        stopped: whether no other stage is to begin.
    """

    settings: Settings
    request: GateRequest
    comparison: Comparison
    selection: Selection
    question: Question
    files: Mapping[str, str]
    progress: Progress
    on_stage: OnStage
    crew: Crew = field(default_factory=Crew)
    stopped: bool = False

    def stop(self) -> None:
        """Begin no other stage, and interrupt those that are at work."""
        self.stopped = True
        self.crew.stop()

    def all(self) -> list[Callable[[], Done]]:
        """Return the stages, those that take longest first."""
        asked = dict(self.question.asked)
        whole: dict[str, Any] = {**asked, "baseline": self.request.baseline}
        imports = {"paths": self.selection.paths, "allow": self.request.allow, **whole}
        needless = words.nothing_affected(self.selection)
        works: dict[str, tuple[Any, str]] = {
            "lint": (LintRequest(**whole), ""),
            "audit": (AuditRequest(**imports), needless),
            "contracts": (ContractsRequest(**imports), needless),
            "diff": (self.question, "" if self.comparison.commit else self.comparison.unknown),
        }
        return [self.runs, *(partial(self._looked, name, *work) for name, work in works.items())]

    def tried_before(self, findings: Iterable[Finding]) -> Past | None:
        """Return what is known of the promises at the base; None where nobody needs to know."""
        tried = broken(findings)
        if not tried or self.stopped:
            return None
        work = Work("contracts at the base", self.settings, replace(self.question, tried=tried))
        ended = self.crew.carry_out(work, lambda message: self._hear(work.stage, message))
        return ended.answer.past if isinstance(ended.answer, Told) else None

    def runs(self) -> Done:
        """Run the configured DAGs that are affected."""
        if why := self._left_out("run") or words.no_runs(self.settings, self.selection):
            return self._skipped("run", why)
        started = time.monotonic()
        answer = run_all(
            self.settings,
            self.selection.runs,
            self.request.backend,
            lambda message: self._hear("run", message),
            self.files,
            self.crew.carry_out,
        )
        if isinstance(answer, Told):
            answer = replace(answer, report=with_findings(self.settings, answer.report))
        return self._ended("run", answer, started)

    def _looked(self, name: str, work: Any, needless: str) -> Done:
        if why := self._left_out(name) or needless:
            return self._skipped(name, why)
        started = time.monotonic()
        ended = self.crew.carry_out(
            Work(name, self.settings, work), lambda message: self._hear(name, message)
        )
        return self._ended(name, ended.answer or _died(ended), started)

    def _left_out(self, name: str) -> str:
        if self.stopped:
            return "Interrupted."
        return f"`--skip {name}` was asked for." if name in self.request.skipped else ""

    def _skipped(self, name: str, why: str) -> Done:
        stage = Stage(name, StageState.SKIPPED, why)
        self.on_stage(stage)
        return Done(stage)

    def _ended(self, name: str, answer: Told | Unable, started: float) -> Done:
        stage, report = judged_stage(name, answer, time.monotonic() - started, self.selection)
        self.on_stage(stage)
        return Done(stage, report, answer.past if isinstance(answer, Told) else None)

    def _hear(self, name: str, message: Message) -> None:
        if isinstance(message, Said):
            self.progress(f"{name}: {message.text}")
        elif isinstance(message, RunBegins):
            self.progress(f"{name}: {message.dag} begins")
        elif isinstance(message, RunEnded):
            self.progress(f"{name}: {message.outcome.dag_id} ended: {message.outcome.state}")


def _died(ended: Ended) -> Unable:
    return Unable(f"Its process ended in the middle of its work: {ended.told}", 3)
