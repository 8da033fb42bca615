"""DP130: a rendered template, which is text, is used as a number in the task's function."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Edit, Hit, Kind, Related, Rule, Severity
from dagproof.rules.bodies import Body, Known, Text
from dagproof.rules.body_statements import follow
from dagproof.rules.callables import Task, renders_text, tasks, template
from dagproof.rules.numeric_uses import Use, uses
from dagproof.rules.reading import Reading
from dagproof.source.values import Container, Event, Frame, Value

_LONGEST: Final = 60
"""Characters of a template that are shown."""

_DATES: Final = re.compile(r"\b(ds|ts|\w+_ds|\w*date\w*|data_interval\w+|run_id|dag|task)\b")
"""What `int()` would not mend."""

_MOST: Final = 50
"""Tasks of one function that are followed; a loop that makes hundreds says nothing new."""


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the uses of templates as numbers in the functions of tasks."""
    if b"{{" not in reading.source.data:
        return
    seen: set[tuple[str, int, int]] = set()
    followed: Counter[int] = Counter()
    for task in tasks(reading):
        positional = [_texts(value) for value in task.positional]
        named = {name: _texts(value) for name, value in task.named.items()}
        if task.wrapped or not any(map(_has_text, (*positional, *named.values()))):
            continue
        followed[id(task.function.node)] += 1
        if followed[id(task.function.node)] > _MOST or not renders_text(reading, task):
            continue
        found: list[tuple[Body, Use]] = []

        def watch(
            body: Body, node: ast.AST, values: Sequence[Known],
            found: list[tuple[Body, Use]] = found,
        ) -> None:  # fmt: skip
            found.extend((body, use) for use in uses(node, values))

        follow(task.function, positional, named, watch)
        often = Counter((id(body), _name(use.node)) for body, use in found)
        for body, use in found:
            place = (body.source.shown, use.node.lineno, use.node.col_offset)
            if place not in seen:
                seen.add(place)
                yield _hit(task, body, use, once=often[id(body), _name(use.node)] == 1)


def _hit(task: Task, body: Body, use: Use, *, once: bool) -> Hit:
    name = _name(use.node)
    what = f"`{name}`" if name else "A value"
    shown = " ".join(use.text.template.split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
    span = body.source.span(_place(body, use.node))
    edits: tuple[Edit, ...] = ()
    if (
        name is not None
        and once
        and use.cast
        and not use.text.changed
        and not _DATES.search(use.text.template)
        and _stands_at(body, use.node, name)
    ):
        edits = (Edit(span, f"{use.cast}({name})"),)
    related = [_given(task.event, use.text)]
    related += [_called(frame) for frame in body.chain]
    return Hit(
        span,
        f"{what} is the text that the template `{shown}` renders to, and is {use.words}",
        tuple(related),
        edits,
    )


def _place(body: Body, node: ast.expr) -> ast.expr:
    """Return a node, or the text that it stands in: Python 3.11 misplaces parts of long ones."""
    if not isinstance(node, ast.Name) or _stands_at(body, node, node.id):
        return node
    for outer in ast.walk(body.function.node):
        if isinstance(outer, ast.JoinedStr) and any(one is node for one in ast.walk(outer)):
            return outer
    return node


def _stands_at(body: Body, node: ast.expr, name: str) -> bool:
    span = body.source.span(node)
    return body.source.line(span.line)[span.column - 1 : span.end_column - 1] == name


def _given(event: Event, text: Text) -> Related:
    node: ast.AST = event.node
    for inner in ast.walk(event.node):
        if isinstance(inner, ast.Constant) and inner.value == text.template:
            node = inner
    return Related(event.source.span(node), "the template is given here")  # type: ignore[arg-type]


def _called(frame: Frame) -> Related:
    source, node = frame
    return Related(source.span(node), "called here")


def _name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _texts(value: Value) -> Known:
    text = template(value)
    if text is not None:
        return Text(text)
    if isinstance(value, Container):
        items = {key: _texts(item) for key, item in value.items.items()}
        return Container(items, value.node)  # type: ignore[arg-type]
    return value


def _has_text(value: Known) -> bool:
    if isinstance(value, Container):
        return any(_has_text(item) for item in value.items.values())
    return isinstance(value, Text)


RULE: Final = Rule(
    code="DP130",
    slug="uncast-template-param",
    severity=Severity.ERROR,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "Jinja renders every value to text: the year 2024 of a run's conf arrives as '2024', also "
        "behind `| int`. Formats, arithmetic and comparisons then fail, or do something else."
    ),
    fix=(
        "Cast it first, as in `int(month)`, or give the DAG `render_template_as_native_obj=True` "
        "if all its templates should keep their types."
    ),
    bad="""\
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def download(year, month):
    return f"tripdata_{year}-{month:02d}.parquet"


with DAG("trips"):
    PythonOperator(
        task_id="download",
        python_callable=download,
        op_kwargs={
            "year": '{{ dag_run.conf["year"] }}',
            "month": '{{ dag_run.conf["month"] }}',
        },
    )
""",
    good="""\
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def download(year, month):
    return f"tripdata_{year}-{int(month):02d}.parquet"


with DAG("trips"):
    PythonOperator(
        task_id="download",
        python_callable=download,
        op_kwargs={
            "year": '{{ dag_run.conf["year"] }}',
            "month": '{{ dag_run.conf["month"] }}',
        },
    )
""",
    check=check,
)
