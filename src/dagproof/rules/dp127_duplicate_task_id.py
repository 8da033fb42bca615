"""DP127: two tasks of one DAG have the same id.

Found where both are surely made, in one block: not those in an `if`, a loop or a function other
than a `@dag` function. Task functions are not judged: Airflow numbers their calls.
"""

import ast
from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.definitions import Made, definitions, unconditional
from dagproof.rules.reading import Reading

_MAYBE: Final = (
    ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


class _Place(NamedTuple):
    block: tuple[int, ...]
    given: str


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the tasks whose id another one of the same DAG has already."""
    tasks: dict[str, list[Made]] = {}
    for task in definitions(reading).tasks:
        if task.id is not None and task.function is None and task.event.source is reading.source:
            tasks.setdefault(task.id, []).append(task)
    for name, same in tasks.items():
        if len(same) > 1 and len({task.event.node for task in same}) > 1:
            yield from _pairs(reading, name, same)


def _pairs(reading: Reading, name: str, same: list[Made]) -> Iterator[Hit]:
    told = set()
    places = {task: _place(reading, task) for task in same}
    for one, other in combinations(same, 2):
        first, second = places[one], places[other]
        if first is None or second is None or other.event.node in told:
            continue
        if first == second:
            told.add(other.event.node)
            yield Hit(
                other.span,
                f"Another task of this DAG has the id `{name}` too, in line {one.span.line}",
                (Related(one.span, "the other task"),),
            )


def _place(reading: Reading, task: Made) -> _Place | None:
    """Return in which block of which DAG a task is surely made; None if that is not certain."""
    node = task.event.node
    found = definitions(reading)
    bodies = [(0, reading.source.tree.body)] + [
        (id(dag.function.node), dag.function.node.body)
        for dag in found.dags
        if dag.function is not None and isinstance(dag.function.node.body, list)
    ]
    given = {
        one.arg: ast.dump(one.value)
        for one in getattr(node, "keywords", ())
        if one.arg in ("dag", "task_group")
    }
    for key, body in bodies:
        for statement, around in unconditional(body):
            last = statement.end_lineno or statement.lineno
            if isinstance(statement, ast.With | ast.AsyncWith | ast.FunctionDef | ast.ClassDef):
                continue
            if not statement.lineno <= node.lineno <= last or not _has(statement, node):
                continue
            alone = not around and key == 0 and not ("dag" in given and len(found.dags) == 1)
            if alone or any(isinstance(inner, _MAYBE) for inner in ast.walk(statement)):
                return None
            block = (key, *map(id, around))
            return _Place(block, f"{given.get('dag')} {given.get('task_group')}")
    return None


def _has(statement: ast.stmt, node: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(statement))


RULE: Final = Rule(
    code="DP127",
    slug="duplicate-task-id",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why="Airflow refuses the DAG while it imports the file: none of the file's DAGs is there.",
    fix="Give one of them another `task_id`.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="extract", bash_command="echo 1")
    BashOperator(task_id="extract", bash_command="echo 2")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="extract", bash_command="echo 1")
    BashOperator(task_id="extract_more", bash_command="echo 2")
""",
    check=check,
)
