"""DP150: a task starts an MLflow run that stays open when the task ends or fails."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading
from dagproof.rules.tracking import functions, is_call_of, modules, nodes, says
from dagproof.source.file import SourceFile
from dagproof.source.values import Function

_OPENED: Final = re.compile(rb"^(?!\s*(?:async )?with\b)[^#\n]*\bstart_run\b", re.MULTILINE)
"""A run that is not opened by `with` on its own line; the rest is looked at more closely."""


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the runs that tasks start and do not surely end."""
    if not any(map(_opens, modules(reading))):
        return
    for _, body, function in functions(reading):
        if not says(function, b"start_run"):
            continue
        ended = [one for one in body.entered if one is not function and _ends(one)]
        for node in _left_open(function):
            if ended:
                continue
            how = "is not ended if a line between fails" if _ends(function) else "is never ended"
            yield Hit(function.source.span(node), f"The run of this `mlflow.start_run()` {how}")


def _opens(source: SourceFile) -> bool:
    return b"start_run" in source.data and _OPENED.search(source.data) is not None


def _left_open(function: Function) -> Iterator[ast.Call]:
    every = nodes(function)
    if any(isinstance(node, ast.Yield) for node in every):
        return
    for tried in every:
        if isinstance(tried, ast.Try):
            careful = [*tried.finalbody, *(one for part in tried.handlers for one in part.body)]
            if any(
                is_call_of(function, inner, "end_run")
                for statement in careful
                for inner in ast.walk(statement)
            ):
                return
    opened = {
        inner.id
        for node in every
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        for inner in ast.walk(item.context_expr)
        if isinstance(inner, ast.Name)
    }
    for node in every:
        call = node.value if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign) else None
        while isinstance(call, ast.Attribute):
            call = call.value  # mlflow.start_run().info.run_id
        if not isinstance(call, ast.Call) or not is_call_of(function, call, "start_run"):
            continue
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if not any(isinstance(one, ast.Name) and one.id in opened for one in targets):
            yield call


def _ends(function: Function) -> bool:
    return any(is_call_of(function, node, "end_run") for node in nodes(function))


RULE: Final = Rule(
    code="DP150",
    slug="unclosed-mlflow-run",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "Airflow ends the process of a task without MLflow's clean-up: the run is shown as "
        "running for ever, and a failed task leaves no failed run."
    ),
    fix="Use `with mlflow.start_run():`, which ends the run and marks it as failed on an error.",
    bad="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.start_run()
    mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    good="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    with mlflow.start_run():
        mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    check=check,
)
