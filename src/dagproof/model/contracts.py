"""What the DAGs of one file promise, and the inputs with which a promise is broken."""

from collections.abc import Mapping
from dataclasses import dataclass

from dagproof.model.finding import Related, Span


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An input with which a promise of a DAG is broken.

    Attributes:
        offence: the slug of the rule that it breaks, such as `undefined-template-name`.
        message: a fact, one sentence without a full stop, code in backticks.
        span: the template, the Param or the callable, where it is known; else the task or DAG.
        dag_id: of the DAG; empty where the promise is no DAG's.
        task_id: empty for what is the DAG's own.
        field: a Param's name, a template field such as `op_kwargs.month`, or a key of XCom.
        conf: the smallest conf that was found; None where every conf does it.
        related: other places that explain it.
        detail: more than one line: a difference, what was rendered, a command that shows it again.
    """

    offence: str
    message: str
    span: Span
    dag_id: str = ""
    task_id: str = ""
    field: str = ""
    conf: Mapping[str, object] | None = None
    related: tuple[Related, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ContractTrace:
    """What was tried of one DAG file, and what did not hold.

    Attributes:
        path: of the file, as it is shown.
        dag_ids: the DAGs that were looked at, sorted.
        counterexamples: what did not hold, in the order in which it was found.
        confs: how many were tried.
        templates: how many were rendered, each with every conf.
        values: how many went through XCom and back.
        seconds: CPU seconds, without the import.
        failure: why the file could not be looked at, or not to its end; one sentence part.
    """

    path: str
    dag_ids: tuple[str, ...] = ()
    counterexamples: tuple[Counterexample, ...] = ()
    confs: int = 0
    templates: int = 0
    values: int = 0
    seconds: float = 0.0
    failure: str = ""
