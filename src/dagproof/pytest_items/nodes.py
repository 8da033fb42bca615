"""The nodes of the collection: a collector for each DAG file, an item for each question."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from dagproof.model import Finding, Severity
from dagproof.pytest_items.belonging import REPOSITORY, Selection
from dagproof.pytest_items.evidence import Evidence
from dagproof.pytest_items.questions import (
    IMPORT,
    OF_CONTRACTS,
    OF_REPOSITORY,
    QUESTIONS,
    answered_by,
)
from dagproof.pytest_items.told import Untried
from dagproof.reporters.characters import visible
from dagproof.reporters.findings_text import finding_text
from dagproof.reporters.words import codes

REPOSITORY_ID: Final = "dagproof::repository"
MARK: Final = "dagproof"
_INSTALL: Final = "Hypothesis is not installed. Install it by `pip install 'dagproof[contracts]'`."
_GRAVEST_FIRST: Final = tuple(Severity)


@dataclass(slots=True)
class Proof:
    """What the items of a session share.

    Attributes:
        evidence: what to ask.
        directory: where the user stands.
        known: every DAG file of the repository.
    """

    evidence: Evidence
    directory: Path
    known: frozenset[Path]
    _selections: dict[str, Selection] = field(default_factory=dict)

    def selection(self, session: pytest.Session, question: str) -> Selection:
        """Return which items run and need the same answer, once it has been decided."""
        source = answered_by(question)
        if source not in self._selections:
            owners = {one.owner for one in _questions(session) if answered_by(one.name) == source}
            self._selections[source] = Selection(
                directory=Path(os.path.realpath(self.directory)),
                known=self.known,
                files=frozenset(map(Path, owners - {REPOSITORY})),
                repository=REPOSITORY in owners,
            )
        return self._selections[source]


def _questions(session: pytest.Session) -> "Iterator[Question]":
    """Yield the items of ours that run."""
    return (item for item in session.items if isinstance(item, Question))


proof = pytest.StashKey[Proof]()


class FindingsError(Exception):
    """Fails an item.

    Attributes:
        summary: one line.
    """

    def __init__(self, summary: str, text: str) -> None:
        super().__init__(text)
        self.summary = summary


class Question(pytest.Item):
    """One question about one DAG file, or about what is no DAG file's."""

    def __init__(self, *, owner: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.owner = owner
        self.add_marker(MARK)

    def runtest(self) -> None:
        """Ask, and fail with what was found.

        Raises:
            FindingsError: there are errors or warnings, or nothing could be found out.
        """
        if self.name in OF_CONTRACTS and find_spec("hypothesis") is None:
            self._skip(_INSTALL)
        shared = self.config.stash[proof]
        told = shared.evidence.about(self.name, shared.selection(self.session, self.name))
        if told.refusal:
            raise FindingsError(told.refusal, told.refusal)
        mine = [
            one.finding
            for one in told.answers
            if one.owner == self.owner and self.name in {one.question, *OF_REPOSITORY}
        ]
        notes = [finding_text(one) for one in mine if one.severity is Severity.NOTE]
        if self.owner == REPOSITORY:
            notes += told.notes
        if notes:
            self.add_report_section("call", "dagproof notes", "\n\n".join(notes))
        grave = [one for one in mine if one.severity is not Severity.NOTE]
        if grave:
            raise FindingsError(_summary(grave), "\n\n".join(map(finding_text, grave)))
        if self.owner in told.untried:
            self._tell(told.untried[self.owner])

    def _tell(self, untried: Untried) -> None:
        """Fail because a file was not tried, or leave that to the first item that says so.

        Raises:
            FindingsError: this is the first.
        """
        names = (IMPORT, *OF_CONTRACTS) if untried.by_import else OF_CONTRACTS
        tellers = {one.name: one for one in _questions(self.session) if one.owner == self.owner}
        first = next(tellers[name] for name in names if name in tellers)
        parent = self.nodeid.removesuffix(f"::{self.name}")
        if first is not self:
            self._skip(f"{parent} could not be tried: {first.nodeid} says why")
        sentence = f"{parent} could not be tried: {untried.why}"
        raise FindingsError(visible(sentence), visible(sentence))

    def _skip(self, reason: str) -> NoReturn:
        """Skip this item at its DAG file, not at the line below.

        Raises:
            pytest.skip.Exception: always.
        """
        raise pytest.skip.Exception(reason, _use_item_location=True)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the findings alone, as terminal, JUnit XML and xdist can all have them."""
        error = excinfo.value
        if not isinstance(error, FindingsError):
            return super().repr_failure(excinfo, style)
        lines = ReprTraceback([ReprEntryNative([f"{error}\n"])], None, style="native")
        return ReprExceptionInfo(lines, ReprFileLocation(str(self.path), 1, error.summary))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file and its first line, from zero, and the headline of a failure."""
        parent = self.nodeid.removesuffix(f"::{self.name}")
        return self.path, 0, f"{self.name} of {parent}"


class DagFile(pytest.File):
    """A DAG file; it is not imported.

    Attributes:
        owner: its path as findings have it, which may differ by links from pytest's.
    """

    def __init__(self, *, owner: Path, **rest: Any) -> None:
        super().__init__(**rest)
        self.owner = str(owner)

    def collect(self) -> Iterator[Question]:
        """Yield the questions."""
        for name in QUESTIONS:
            yield Question.from_parent(self, name=name, owner=self.owner)


class Repository(pytest.Collector):
    """What is found and is no collected DAG file's.

    Attributes:
        names: the questions that are asked.
    """

    def __init__(self, *, names: Sequence[str], **rest: Any) -> None:
        super().__init__(name="repository", nodeid=REPOSITORY_ID, **rest)
        self.names = names

    def collect(self) -> Iterator[Question]:
        """Yield the questions."""
        for name in self.names:
            yield Question.from_parent(self, name=name, owner=REPOSITORY)


class DagPackage(pytest.Package):
    """A package of a dags folder, whose `__init__.py` is Airflow's to import and not pytest's."""

    def setup(self) -> None:
        """Import nothing."""


def _summary(findings: Sequence[Finding]) -> str:
    first, *more = sorted(findings, key=lambda one: _GRAVEST_FIRST.index(one.severity))
    others = f" (and {len(more)} more)" if more else ""
    return f"{codes(first)} {first.slug}: {first.message}{others}"
