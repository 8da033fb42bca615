"""What the templates of a task gave: plain nouns."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outcome:
    """What one template gave.

    Attributes:
        source: its text, or the name of its file.
        is_file: whether it is a file.
        native: whether values are kept as they are, not as text.
        value: what it gave; None where it failed.
        error: why it failed.
        printed: the values of its expressions, in order.
        unknown: whether something that only a run can know had a part in it.
        pulled: the tasks of the same DAG whose XComs it asked for.
        depends: whether another conf may give something else.
    """

    source: str
    is_file: bool
    native: bool
    value: Any = None
    error: BaseException | None = None
    printed: list[Any] = field(default_factory=list)
    unknown: bool = False
    pulled: tuple[str, ...] = ()
    depends: bool = True


@dataclass(frozen=True, slots=True)
class RenderedTask:
    """One task instance whose templates were rendered.

    Attributes:
        task: the operator, with what was rendered in its fields; None where there is none.
        outcomes: of its templates, in the order in which Airflow renders them.
        error: what went wrong beside the templates.
        unknown: whether something that only a run can know may be behind that.
    """

    task: Any
    outcomes: tuple[Outcome, ...]
    error: BaseException | None = None
    unknown: bool = False
