"""DP152: a task that is retried starts a new MLflow run each time."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.callables import option
from dagproof.rules.nodes import text_of
from dagproof.rules.reading import Reading
from dagproof.rules.tracking import is_call_of, nodes, says, tracked
from dagproof.source.values import Function

_ASKS: Final = re.compile(rb"\.(?:search_runs|get_run)\b")
"""A function that looks for a run may resume it."""

_RESUMES: Final = frozenset({"search_runs", "run_id", "parent_run_id"})


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the runs that a retry starts again."""
    seen: set[int] = set()
    for task, body in tracked(reading):
        retries = option(reading, task, "retries")
        number = retries.value if isinstance(retries, ast.Constant) else 0
        if not isinstance(number, int) or number < 1:
            continue
        own = [one for one in body.entered if b"mlflow" in one.source.data]
        starting = [one for one in own if says(one, b"start_run")]
        if not starting or any(_ASKS.search(text_of(one)) for one in own):
            continue
        calls = [(one, call) for one in starting for call in _starts(one)]
        if any(map(_resumes, calls)):
            continue
        for function, call in calls:
            if id(call) not in seen and not _is_child(call):
                seen.add(id(call))
                yield Hit(
                    function.source.span(call),
                    f"Each of the {number + 1} attempts of this task starts an MLflow run of "
                    "its own",
                    (_made(task.event.source.span(task.event.node)),),
                )


def _starts(function: Function) -> list[ast.Call]:
    return [
        node
        for node in nodes(function)
        if type(node) is ast.Call and is_call_of(function, node, "start_run")
    ]


def _made(span: object) -> Related:
    return Related(span, "the task is made here")  # type: ignore[arg-type]


def _is_child(node: ast.Call) -> bool:
    return bool(node.args) or any(one.arg in ("nested", None) for one in node.keywords)


def _resumes(start: tuple[Function, ast.Call]) -> bool:
    _, call = start
    return bool(call.args) or any(one.arg in _RESUMES for one in call.keywords)


RULE: Final = Rule(
    code="DP152",
    slug="retried-mlflow-run",
    severity=Severity.NOTE,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "After a retry the experiment holds a failed run and a finished one for the same work, "
        "and whoever counts or compares runs counts it twice."
    ),
    fix=(
        "Look for a run with a tag of your own, such as the DAG run and the task, and resume it "
        "by `run_id`."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task(retries=2)
def train():
    import mlflow

    with mlflow.start_run():
        mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    good="""\
from airflow.sdk import DAG, task


@task(retries=2)
def train(run_id):
    import mlflow

    found = mlflow.search_runs(filter_string=f"tags.attempt_of = '{run_id}'", output_format="list")
    known = found[0].info.run_id if found else None
    with mlflow.start_run(run_id=known, tags={"attempt_of": run_id}):
        mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    check=check,
)
