"""DP154: MLflow is pointed at a folder, a store that it refuses by now."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.nodes import every_node
from dagproof.rules.reading import Reading
from dagproof.rules.surroundings import pins_old_mlflow

_SETTERS: Final = ("set_tracking_uri", "set_registry_uri")
_GIVEN: Final = re.compile(rb"""set_(?:tracking|registry)_uri\([^'")]*['"](?:file:|\.|/|mlruns)""")
_FOLDER: Final = re.compile(r"file:.*|\.{0,2}/.*|(\.{1,2}/)?mlruns/?")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the tracking addresses that are folders."""
    data = reading.source.data
    if b"mlflow" not in data or not _GIVEN.search(data):
        return
    if b"MLFLOW_ALLOW_FILE_STORE" in data:
        return
    for node in every_node(reading.source):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        given = [*node.args, *(one.value for one in node.keywords if one.arg == "uri")]
        if node.func.attr in _SETTERS and len(given) == 1:
            text = _start(given[0])
            if (
                text is not None
                and _FOLDER.fullmatch(text)
                and not pins_old_mlflow(reading.source.path)
            ):
                yield Hit(
                    reading.source.span(node),
                    f"`{node.func.attr}()` names a folder, a store that MLflow refuses since 3.13",
                )


def _start(node: ast.expr) -> str | None:
    """Return a text, or what an f-string or a sum begins with."""
    if isinstance(node, ast.JoinedStr) and node.values:
        first = node.values[0]
        text = first.value if isinstance(first, ast.Constant) else None
        return text if isinstance(text, str) and text.startswith("file:") else None
    if isinstance(node, ast.BinOp):
        text = _start(node.left)
        return text if text is not None and text.startswith("file:") else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


RULE: Final = Rule(
    code="DP154",
    slug="mlflow-file-store",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "The first call to a folder raises unless `MLFLOW_ALLOW_FILE_STORE=true`; and tasks that "
        "run on several machines each write to a folder of their own."
    ),
    fix="Name a server, or a database such as `sqlite:////data/mlflow.db`.",
    bad="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri("file:./mlruns")


with DAG("train"):
    train()
""",
    good="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri("http://mlflow:5000")


with DAG("train"):
    train()
""",
    check=check,
)
