"""What the import of one DAG file did, as it was seen while it happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dagproof.model.finding import Kind, Related, Span
from dagproof.model.shape import DagShape


class Ending(StrEnum):
    """How the import of a file ended."""

    IMPORTED = "imported"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that the import did to the world, or tried to.

    Attributes:
        kind: what it is about.
        event: what was seen, in the words of Python's audit events where there is one
            (`socket.connect`, `open`), else the function (`mlflow.set_experiment`).
        detail: what it was done to: a host and port, a path, a command, a variable.
        span: where, in the repository's innermost frame.
        chain: the way there, outermost call first.
        refused: whether it was kept from happening.
        native: whether it was a call of native code, out of Python's sight.
    """

    kind: Kind
    event: str
    detail: str
    span: Span
    chain: tuple[Related, ...] = ()
    refused: bool = False
    native: bool = False


@dataclass(frozen=True, slots=True)
class ModuleCost:
    """What a library took to import.

    Attributes:
        name: dotted, such as `pandas.core.frame`.
        seconds: CPU seconds, with all that it imports in turn and nobody before it did.
        own: CPU seconds of its own body.
        chain: the modules that lead to it, outermost first: the file's own are told by their path.
        span: the import statement in the repository that leads to it.
    """

    name: str
    seconds: float
    own: float
    chain: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """An exception that ended an import or a serialization.

    Attributes:
        type: the exception's class name.
        message: its text, possibly of several lines.
        traceback: as Airflow's import errors show it, ready to print.
        span: the repository's innermost frame.
        chain: the way there, outermost call first.
        dag_id: the DAG that cannot be serialized; empty where the file does not import.
        caused: whether a refusal or a stand-in of the audit is behind it.
    """

    type: str
    message: str
    traceback: str
    span: Span
    chain: tuple[Related, ...] = ()
    dag_id: str = ""
    caused: bool = False


@dataclass(frozen=True, slots=True)
class Crash:
    """The end of the process that imported a file, or of the time that it had.

    Attributes:
        what: one sentence part: `it ended its process with exit code 3`, `signal SIGSEGV`.
        span: the last line of the repository that was seen to run.
        chain: the way there, outermost call first.
        stack: what Python or the operating system said last, possibly empty.
    """

    what: str
    span: Span
    chain: tuple[Related, ...] = ()
    stack: str = ""


@dataclass(frozen=True, slots=True)
class GlobalLeak:
    """State of the process that the import left changed.

    Attributes:
        name: such as `sys.path` or `logging`.
        detail: how it changed, as the end of a sentence: ``now has `/opt/lib` ``.
        span: the statement after which it was changed.
        chain: the way there, outermost call first.
    """

    name: str
    detail: str
    span: Span
    chain: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two imports of the same file gave different DAGs.

    Attributes:
        dag_id: the DAG; empty where one import failed and the other did not.
        where: the place in the serialized DAG, such as `tasks.load.retries`.
        first: what the first import gave, as short text.
        second: what the second one gave.
    """

    dag_id: str
    where: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ImportTrace:
    """What was seen of one DAG file.

    Attributes:
        path: of the file, as it is shown.
        ending: how the import ended.
        dag_ids: the DAGs that Airflow gets from it, sorted.
        effects: what it did, in the order in which it did it.
        seconds: CPU seconds of the import, libraries included, Airflow itself not.
        modules: what it imported and Airflow had not, most expensive first.
        errors: why it does not import, or DAGs of it are refused.
        unserializable: DAGs that import and cannot be serialized.
        crash: how its process ended or its time ran out.
        leaks: state of the process that it left changed.
        differences: how a second import differed.
        skipped: why Airflow never imports it: `safe-mode` or the pattern that covers it; empty
            where Airflow does.
        spans: where each of its DAGs is made, by id, as far as that was seen.
        empty: those of its DAGs that have no task.
        dags: what those of its DAGs are made of that can be serialized, in order of id.
    """

    path: str
    ending: Ending = Ending.IMPORTED
    dag_ids: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    seconds: float = 0.0
    modules: tuple[ModuleCost, ...] = ()
    errors: tuple[ImportFailure, ...] = ()
    unserializable: tuple[ImportFailure, ...] = ()
    crash: Crash | None = None
    leaks: tuple[GlobalLeak, ...] = ()
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    spans: Mapping[str, Span] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    dags: tuple[DagShape, ...] = ()
