"""What is wrong with one task instance in one run, so that it is known again in another one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dagproof.airflow_compat.alarms import EndlessTemplateError
from dagproof.airflow_compat.rendered import Outcome, RenderedTask
from dagproof.airflow_compat.watched_rendering import Renderer
from dagproof.contracts import templates
from dagproof.contracts.broken import Broken
from dagproof.contracts.casts import UNCAST, Callables
from dagproof.contracts.fields import field_of
from dagproof.contracts.words import with_conf

REFUSED: Final = "refused-conf"
_REFUSED: Final = re.compile(r"Invalid input for param (\S+): (.*)")
"""What a task says to a conf that its own Params do not allow."""


@dataclass(frozen=True, slots=True)
class Offence:
    """Something that is wrong with a task.

    Attributes:
        slug: of the rule.
        source: of the template that is behind it; empty for none.
        name: of the argument that gets it, or of what is not defined; empty for neither.
        what: the end of a sentence about the template, or the task.
        why: what follows behind a colon; empty for nothing.
        depends: whether the conf may be behind it.
        place: absolute path and line of a definition; None for none.
    """

    slug: str
    source: str
    name: str
    what: str
    why: str = ""
    depends: bool = True
    place: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it has in common with itself under another conf."""
        return self.slug, self.source, self.name


def offences(dag: Any, rendered: RenderedTask, task: Any, callables: Callables) -> list[Offence]:
    """Return what is wrong with a task instance.

    Args:
        dag: the task's.
        rendered: what its templates gave.
        task: as it was imported.
        callables: knows what the task's callable wants.
    """
    found = [
        Offence(one.offence, outcome.source, one.name, one.what, one.why, _depends(outcome, one))
        for outcome in rendered.outcomes
        for one in templates.faults(outcome, dag.task_ids)
    ]
    if rendered.error is not None and not rendered.unknown:
        found.append(_of_error(rendered.error))
    missing = {one.source for one in found if one.slug == templates.NONE}
    depends = any(one.depends for one in rendered.outcomes)
    found += [
        Offence(UNCAST, one.source, one.argument, one.what, one.why, depends, one.place)
        for one in callables.faults(task, rendered)
        if one.source not in missing
    ]
    return found


def unreached(renderer: Renderer, dag: Any, task: Any, rendered: RenderedTask) -> Iterator[Offence]:
    """Yield names that templates use where no conf may lead, and nothing defines."""
    params = {*(task.params or {}), *(dag.params or {})}
    for outcome in rendered.outcomes:
        endless = isinstance(outcome.error, EndlessTemplateError)  # also its constants may be
        parsed = None if outcome.is_file or endless else renderer.parsed(task, outcome.source)
        if parsed is not None:
            for one in templates.unreached(parsed, renderer.names, params):
                yield Offence(one.offence, outcome.source, one.name, one.what, depends=False)


def told(dag_id: str, task: Any, offence: Offence, conf: Mapping[str, object] | None) -> Broken:
    """Return an offence in words.

    Args:
        dag_id: the DAG's.
        task: as it was imported.
        offence: what is wrong with it.
        conf: with which it is; None where every conf does it.
    """
    where = offence.name if offence.slug == UNCAST else ""
    field = where or field_of(task, offence.source)
    of_field = f"`{field}` of task" if field and offence.slug != UNCAST else "Task"
    why = f": {offence.why}" if offence.why else ""
    return Broken(
        offence.slug,
        f"{of_field} `{task.task_id}` {offence.what}{with_conf(conf)}{why}",
        dag_id,
        task.task_id,
        field,
        offence.source,
        offence.place,
        conf,
    )


def _depends(outcome: Outcome, fault: templates.Fault) -> bool:
    """Say whether another conf may help; that one may bring a Param along is no promise."""
    return outcome.depends and not fault.name.startswith("params.")


def _of_error(error: BaseException) -> Offence:
    kind = type(error).__name__
    text = str(error).strip().partition("\n")[0].rstrip(".")
    refused = _REFUSED.match(text)
    if refused:
        what = "refuses to start"
        return Offence(REFUSED, refused[1], refused[1], what, f"{refused[2]} (`{refused[1]}`)")
    why = f"{kind}: {text}" if text else kind
    return Offence(templates.BROKEN, "", kind, "cannot be made ready to run", why)
