"""A promise that does not hold, as it is known in the process that tried it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

UNPROVED: Final = "unproved-contract"
"""The offence of what cannot be tried: it is said, and the rest goes on."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that does not hold, with the smallest input that shows it.

    Attributes:
        offence: the slug of the rule that it breaks, or `UNPROVED`.
        message: a fact, one sentence without a full stop, code in backticks.
        dag_id: of the DAG.
        task_id: empty for what is the DAG's own.
        field: a Param's name, a template field such as `op_kwargs.month`, or a key of XCom.
        text: a string literal of the repository that the finding is to point at: the template, or
            the Param's name; empty where the task, the DAG or the `place` is to be pointed at.
        place: absolute path and line of a definition, such as a callable's; None for none.
        conf: the smallest conf that was found; None where every conf does it.
        detail: more than one line: a difference, what was rendered.
    """

    offence: str
    message: str
    dag_id: str = ""
    task_id: str = ""
    field: str = ""
    text: str = ""
    place: tuple[str, int] | None = None
    conf: Mapping[str, object] | None = None
    detail: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as plain data that crosses processes."""
        return asdict(self)
