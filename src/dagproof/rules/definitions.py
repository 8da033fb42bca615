"""What a module defines when it is imported: its DAGs and its tasks, with what they are given.

Where an id or an argument is not known for certain, that is said: rules then keep silent.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from dagproof.model import Span
from dagproof.rules import decorated
from dagproof.rules.arguments import Arguments, argument, hides, keyword_node, text
from dagproof.rules.foreign import foreign_names
from dagproof.rules.reading import Reading
from dagproof.source.file import SourceFile
from dagproof.source.values import Event, Function

_OPERATOR: Final = re.compile(r"(Operator|Sensor|OperatorAsync|SensorAsync|Transfer|Marker)$")
_MAKER: Final = re.compile(
    "dag|task|operator|sensor|group|build|create|make|generat|factor|step|pipeline|^add|^get"
)
_MOST_VARIANTS: Final = 6
"""Calls of one function whose arguments the interpreter tells apart."""

_MAYBE: Final = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match,
)  # fmt: skip
"""Statements that run what is in them never, once or often."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """One DAG or task that is made while a module is imported.

    Attributes:
        id: None where it is not known.
        event: what makes it.
        arguments: of the class or of the decorator.
        hidden: whether there may be arguments that are not known, by `**`.
        function: the decorated function, if it is one.
    """

    id: str | None
    event: Event
    arguments: Arguments
    hidden: bool
    function: Function | None = None

    @property
    def span(self) -> Span:
        """Where the id stands: an argument, the name of the function, else the call."""
        return id_span(self)

    @property
    def excerpt(self) -> str:
        """The source line that the span begins on."""
        return source_of(self).line(self.span.line)


@dataclass(frozen=True, slots=True, eq=False)
class Definitions:
    """What a module defines.

    Attributes:
        dags: in the order in which they are made.
        tasks: the same.
        dags_known: whether all of them are seen, with their ids.
        tasks_known: whether all of them are seen, with their ids.
        grouped: whether there are task groups, which put their id before those of their tasks.
    """

    dags: tuple[Made, ...]
    tasks: tuple[Made, ...]
    dags_known: bool
    tasks_known: bool
    grouped: bool

    @property
    def task_ids(self) -> frozenset[str]:
        """The ids that are known; of tasks in groups without those of the groups."""
        return frozenset(task.id for task in self.tasks if task.id is not None)


_CACHE: Final[WeakKeyDictionary[Reading, Definitions]] = WeakKeyDictionary()


def definitions(reading: Reading) -> Definitions:
    """Return what a module defines."""
    found = _CACHE.get(reading)
    if found is None:
        found = _CACHE[reading] = _read(reading)
    return found


def name_node(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Name:
    """Return the name in a `def` as a node that knows where it stands."""
    column = node.col_offset + (4 if isinstance(node, ast.FunctionDef) else 10)
    end = column + len(node.name.encode())
    return ast.Name(
        node.name, lineno=node.lineno, col_offset=column, end_lineno=node.lineno, end_col_offset=end
    )


def id_span(made: Made) -> Span:
    """Return where the id of a DAG or a task stands."""
    source = source_of(made)
    if made.function is not None and isinstance(
        made.function.node, ast.FunctionDef | ast.AsyncFunctionDef
    ):
        return source.span(name_node(made.function.node))
    node = keyword_node(made.event, "dag_id", "task_id")
    if node is made.event.node and isinstance(node, ast.Call) and 0 in made.arguments and node.args:
        node = node.args[0]
    return source.span(node)


def source_of(made: Made) -> SourceFile:
    """Return the file that a DAG or a task is written in."""
    return made.function.source if made.function is not None else made.event.source


def _read(reading: Reading) -> Definitions:
    events = reading.unit.events
    known = decorated.decorators(events)
    names = foreign_names(reading)
    dags: list[Made] = []
    tasks: list[Made] = []
    grouped = asset = False
    for event in events:
        if event.name == "@dag":
            dags.append(_called(event, decorated.dag(event, known)))
        elif event.name == "@task":
            tasks.append(_called(event, decorated.task(event, known)))
        elif event.name.startswith("airflow.") and isinstance(event.node, ast.Call):
            last = event.name.rpartition(".")[2]
            if last == "DAG":
                dags.append(_dag(event, reading))
            elif last in ("TaskGroup", "task_group"):
                grouped = True
            elif last == "asset" or ".asset." in event.name:
                asset = True
            elif _makes_task(event):
                tasks.append(_made(event, text(event.arguments.get("task_id")), reading))
        elif event.name == "@dag?":
            asset = True
    makers = any(map(_may_make_tasks, names))
    sealed = not any("dag" in name.lower() for name in names) and (
        bool(dags) or reading.imported or not makers
    )
    return Definitions(
        tuple(dags),
        tuple(tasks),
        sealed and not asset and all(one.id for one in dags) and not _crowded(dags),
        not makers and all(one.id for one in tasks)
        and not _crowded(tasks),
        grouped or b"task_group" in reading.source.data,
    )  # fmt: skip


def _called(event: Event, of: decorated.Decorated) -> Made:
    return Made(of.id, event, of.arguments, of.hidden, of.function)


def _makes_task(event: Event) -> bool:
    name = event.name.removesuffix(".partial")
    is_class = name[name.rfind(".") + 1].isupper()
    return is_class and ("task_id" in event.arguments or _OPERATOR.search(name) is not None)


def _may_make_tasks(name: str) -> bool:
    """Return whether an unseen name looks like a class, or like a function that makes tasks."""
    if name.isupper():
        return False
    return name[:1].isupper() or name == "*" or _MAKER.search(name.lower()) is not None


def _crowded(made: list[Made]) -> bool:
    """Return whether a factory is called so often that the interpreter mixes its calls up."""
    counts = Counter(id(one.event.node) for one in made if one.event.chain)
    return any(count > _MOST_VARIANTS for count in counts.values())


def _dag(event: Event, reading: Reading) -> Made:
    written = event.node.func if isinstance(event.node, ast.Call) else None
    name = written.id if isinstance(written, ast.Name) else getattr(written, "attr", "")
    if name not in ("DAG", "__init__"):  # a class of the repository: its arguments are its own
        return Made(None, event, {}, hidden=True)
    return _made(event, text(argument(event.arguments, "dag_id", 0)), reading)


def _made(event: Event, found: str | None, reading: Reading) -> Made:
    if found is not None and event.chain and not _written(found, event, reading):
        found = None
    return Made(found, event, event.arguments, hides(event.node))


def _written(found: str, event: Event, reading: Reading) -> bool:
    """Return whether an id stands in the code of this call, not of another one like it."""
    wanted = found.encode("utf-8", "replace")
    if wanted in reading.source.data:
        return True
    return any(
        isinstance(inner, ast.Constant) and inner.value == found for inner in ast.walk(event.node)
    )


def unconditional(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, tuple[ast.stmt, ...]]]:
    """Yield the statements that surely run, each with the `with` statements around it."""
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield statement, ()
            for inner, around in unconditional(statement.body):
                yield inner, (statement, *around)
        elif not isinstance(statement, _MAYBE):
            yield statement, ()
