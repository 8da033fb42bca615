"""What is found: where, what, why it matters, and what to do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Evidence = TypeVar("Evidence")


class Severity(StrEnum):
    """How much harm a finding does; findings below `WARNING` do not fail a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """What a finding is about."""

    MLFLOW = "mlflow"
    NETWORK = "network"
    DATABASE = "database"
    AIRFLOW_METADATA = "airflow-metadata"
    FILESYSTEM_WRITE = "filesystem-write"
    FILESYSTEM_READ = "filesystem-read"
    SUBPROCESS = "subprocess"
    ENVIRONMENT = "environment"
    SLEEP = "sleep"
    THREAD = "thread"
    RUNTIME_VARYING = "runtime-varying"
    HEAVY_IMPORT = "heavy-import"
    DAG_STRUCTURE = "dag-structure"
    TEMPLATE = "template"
    PARAMS = "params"
    XCOM = "xcom"
    RUN = "run"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file.

    Attributes:
        path: as it is shown, with forward slashes: relative to the working directory where it
            lies below that, else absolute.
        line: from one.
        column: from one, in characters.
        end_line: from one.
        end_column: from one, in characters; the first one behind the stretch.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding, such as one call of the chain that leads to it."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A small safe change: the text of a span is replaced; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule's check yields.

    Attributes:
        span: where it is.
        message: a fact, one sentence without a full stop, code in backticks.
        related: the way there, outermost call first.
        edits: what `--fix` does about it, if that is safe.
        detail: more than one line to show below: a traceback, a difference, a table.
    """

    span: Span
    message: str
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit with its rule's words: plain data that crosses processes.

    Attributes:
        code: such as `DP101`.
        slug: the offence in words, such as `mlflow-call-at-import`.
        severity: after the repository's own settings.
        kind: what it is about.
        message: a fact, one sentence.
        fix: an act, one sentence.
        span: where it is.
        excerpt: the source line that the span begins on, without its end of line.
        related: the way there, outermost call first.
        edits: what `--fix` does about it, if that is safe.
        also: codes of the same finding known by other evidence, such as `DP201`.
        detail: more than one line to show below: a traceback, a difference, a table.
        new: whether it was not there in the state that this one is compared with; None where
            nobody compared.
    """

    code: str
    slug: str
    severity: Severity
    kind: Kind
    message: str
    fix: str
    span: Span
    excerpt: str = ""
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    also: tuple[str, ...] = ()
    detail: str = ""
    new: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Evidence]):
    """One offence, documented. Nothing has a default, so that nothing is forgotten.

    Attributes:
        code: `DP` and three digits; the first says how we know.
        slug: the offence in words, as in "allow SLUG".
        severity: by the harm it does.
        kind: what it is about.
        on: whether it is looked for unless somebody asks otherwise; matters of taste are not.
        why: what goes wrong, in a sentence or two.
        fix: an act, one sentence.
        bad: the shortest DAG file that offends.
        good: the same file, mended.
        check: evidence in, hits out.
    """

    code: str
    slug: str
    severity: Severity
    kind: Kind
    on: bool
    why: str
    fix: str
    bad: str
    good: str
    check: Callable[[Evidence], Iterable[Hit]]

    def finding(self, hit: Hit, excerpt: str = "") -> Finding:
        """Return a hit with the words of this rule.

        Args:
            hit: what its check yielded.
            excerpt: the source line that the hit begins on.
        """
        return Finding(
            self.code, self.slug, self.severity, self.kind, hit.message, self.fix, hit.span,
            excerpt, hit.related, hit.edits, detail=hit.detail,
        )  # fmt: skip
