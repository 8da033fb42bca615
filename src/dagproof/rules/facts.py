"""What one module tells the rest of its repository: plain data that crosses processes."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from dagproof.rules.arguments import keyword_node, text
from dagproof.rules.definitions import Made, definitions, unconditional
from dagproof.rules.mentions import Mention, mention
from dagproof.rules.names import Names, names_of
from dagproof.rules.nodes import every_node
from dagproof.rules.reading import Reading
from dagproof.source.values import Container, Event, Value

_CROSSING: Final = re.compile("TriggerDagRunOperator|ExternalTask(?:Sensor|Marker)")
_MAYBE: Final = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.IfExp)


@dataclass(frozen=True, slots=True)
class DagFact:
    """A DAG that a module makes.

    Attributes:
        id: its id, and where.
        sure: whether it is made each time, by a statement of the file itself.
    """

    id: Mention
    sure: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """A sensor or marker that names a DAG, and some of its tasks."""

    dag: Mention
    tasks: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one module tells the others.

    Attributes:
        path: as it is shown.
        imported: whether it was read because another module imports it.
        dags: those whose ids are known.
        dags_known: whether these are all.
        tasks: ids of its tasks, of tasks in groups without those of the groups; None where there
            may be others.
        triggers: ids of the DAGs that its tasks trigger.
        waits: what its tasks wait for.
        names: pools, connections and variables.
    """

    path: str
    imported: bool
    dags: tuple[DagFact, ...]
    dags_known: bool
    tasks: frozenset[str] | None
    triggers: tuple[Mention, ...]
    waits: tuple[Wait, ...]
    names: Names


def facts(reading: Reading, *, names: bool = False) -> Facts:
    """Return what a module tells the others.

    Args:
        reading: the module, as it was read.
        names: whether to look for pools, connections and variables: they cost a walk.
    """
    defined = definitions(reading)
    sure = _sure(reading, defined.dags)
    crossing = [event for event in reading.unit.events if _CROSSING.search(event.name)]
    return Facts(
        path=reading.source.shown,
        imported=bool(reading.imported),
        dags=tuple(
            DagFact(Mention(made.id, made.span, made.excerpt), id(made) in sure)
            for made in defined.dags
            if made.id is not None
        ),
        dags_known=defined.dags_known and reading.source.problem is None,
        tasks=defined.task_ids if defined.tasks_known else None,
        triggers=tuple(_triggers(crossing)),
        waits=tuple(_waits(crossing)),
        names=names_of(reading) if names else Names(),
    )


def _sure(reading: Reading, dags: tuple[Made, ...]) -> set[int]:
    """Return which DAGs are made by a statement that surely runs, once, if that matters."""
    counts = Counter(made.id for made in dags)
    if max(counts.values(), default=0) < 2:  # noqa: PLR2004 - none has the id of another one
        return {id(made) for made in dags}
    spans = [
        (statement.lineno, _end_of_head(statement))
        for statement, _ in unconditional(reading.source.tree.body)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    perhaps = [
        (inner.lineno, inner.end_lineno or 0)
        for inner in every_node(reading.source)
        if isinstance(inner, _MAYBE)
    ]
    return {
        id(made)
        for made in dags
        if not made.event.chain
        and any(first <= made.event.node.lineno <= last for first, last in spans)
        and not any(first <= made.event.node.lineno <= last for first, last in perhaps)
    }


def _end_of_head(statement: ast.stmt) -> int:
    if isinstance(statement, ast.With | ast.AsyncWith):
        return statement.items[-1].context_expr.end_lineno or statement.lineno
    return statement.end_lineno or statement.lineno


def _calls(events: Iterable[Event], *names: str) -> Iterator[Event]:
    for event in events:
        if event.name.removesuffix(".partial").endswith(names) and isinstance(event.node, ast.Call):
            yield event


def _triggers(events: Iterable[Event]) -> Iterator[Mention]:
    for event in _calls(events, ".TriggerDagRunOperator"):
        found = text(event.arguments.get("trigger_dag_id"))
        if found and _is_plain(found):
            yield mention(found, event.source, keyword_node(event, "trigger_dag_id"))


def _waits(events: Iterable[Event]) -> Iterator[Wait]:
    for event in _calls(events, ".ExternalTaskSensor", ".ExternalTaskMarker"):
        dag = text(event.arguments.get("external_dag_id"))
        if not dag or not _is_plain(dag):
            continue
        node = keyword_node(event, "external_task_id", "external_task_ids")
        tasks = [
            mention(one, event.source, node)
            for name in ("external_task_id", "external_task_ids")
            for one in _texts(event.arguments.get(name))
            if _is_plain(one)
        ]
        place = keyword_node(event, "external_dag_id")
        yield Wait(mention(dag, event.source, place), tuple(tasks))


def _texts(value: Value) -> list[str]:
    values = value.items.values() if isinstance(value, Container) else [value]
    return [found for found in map(text, values) if found is not None]


def _is_plain(name: str) -> bool:
    return "{" not in name
