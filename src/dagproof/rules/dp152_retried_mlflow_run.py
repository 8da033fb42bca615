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

_HINT: Final = re.compile(rb"search_runs|get_run|run_id|start_run\(\s*[^)\s]")
"""Functions without any of this resume nothing."""

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
        if not any(says(one, b"start_run") for one in own):
            continue
        if any(_resumes(one) for one in own):
            continue
        for function in own:
            if not says(function, b"start_run"):
                continue
            for node in nodes(function):
                if id(node) in seen or not is_call_of(function, node, "start_run"):
                    continue
                seen.add(id(node))
                if isinstance(node, ast.Call) and not _is_child(node):
                    yield Hit(
                        function.source.span(node),
                        f"Each of the {number + 1} attempts of this task starts an MLflow run of "
                        "its own",
                        (_made(task.event.source.span(task.event.node)),),
                    )


def _made(span: object) -> Related:
    return Related(span, "the task is made here")  # type: ignore[arg-type]


def _is_child(node: ast.Call) -> bool:
    return bool(node.args) or any(one.arg in ("nested", None) for one in node.keywords)


def _resumes(function: Function) -> bool:
    if not _HINT.search(text_of(function)):
        return False
    for node in nodes(function):
        if isinstance(node, ast.Attribute) and node.attr in ("search_runs", "get_run"):
            return True
        if (
            isinstance(node, ast.Call)
            and is_call_of(function, node, "start_run")
            and (node.args or any(one.arg in _RESUMES for one in node.keywords))
        ):
            return True
    return False


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
