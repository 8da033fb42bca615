"""What `dagproof contracts` is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EXAMPLES: Final = 25
"""Confs and values that are generated, where nobody says how many."""


@dataclass(frozen=True, slots=True)
class ContractsRequest:
    """What `dagproof contracts` was asked.

    Attributes:
        paths: files and folders; none for the dags and plugins folders of the settings.
        select: words that name the rules to look for.
        ignore: words that name the rules not to look for.
        extend_select: words that name rules to look for beside the others.
        baseline: a file of known findings.
        write_baseline: write that file anew.
        allow: what is let through, beside what the settings let through.
        dag_id: the only DAG; empty for all.
        task_id: the only task; empty for all.
        conf: the only conf; None for many.
        examples: confs for each DAG, and values for each annotation, that are generated.
        seed: another one gives other confs.
        timeout: wall-clock seconds for the import of each file; None for what the settings say.
    """

    paths: Sequence[Path] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    extend_select: Sequence[str] = ()
    baseline: Path | None = None
    write_baseline: bool = False
    allow: Sequence[str] = ()
    dag_id: str = ""
    task_id: str = ""
    conf: Mapping[str, object] | None = None
    examples: int = EXAMPLES
    seed: int = 0
    timeout: float | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether only a part of what the DAGs promise is asked for."""
        return bool(self.dag_id or self.task_id) or self.conf is not None
