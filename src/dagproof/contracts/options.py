"""What is tried of DAGs: plain data, so that it crosses processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What is tried.

    Attributes:
        examples: generated confs for each DAG, and values for each return annotation.
        dag_id: the only DAG; empty for all.
        task_id: the only task; empty for all.
        conf: the only conf; None for many.
        pure: patterns of `dag_id.task_id` whose callables may be called.
        xcoms: example values of tasks, by `dag_id.task_id`.
        stored: bytes that one XCom value may take.
        seed: another one gives other confs.
        seconds: that one template, or one call of a pure callable, may take.
        skipped: templates that ended the process before: ids of DAG and task, and source.
    """

    examples: int = 25
    dag_id: str = ""
    task_id: str = ""
    conf: Mapping[str, object] | None = None
    pure: Sequence[str] = ()
    xcoms: Mapping[str, Sequence[object]] | None = None
    stored: int = 1024 * 1024
    seed: int = 0
    seconds: float = 2.0
    skipped: Sequence[tuple[str, ...]] = ()
