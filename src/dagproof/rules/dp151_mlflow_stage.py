"""DP151: the stages of MLflow's model registry are used, which aliases have replaced."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.nodes import every_node
from dagproof.rules.reading import Reading

_TOKENS: Final = (b"transition_model_version_stage", b"get_latest_versions", b"models:/")
_STAGED: Final = re.compile(r"models:/.+/(Staging|Production|Archived)/?", re.IGNORECASE)


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the calls and addresses that name a stage."""
    data = reading.source.data
    if not any(token in data for token in _TOKENS):
        return
    inside: set[int] = set()
    for node in every_node(reading.source):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Call):
            message = _of_call(node)
        elif isinstance(node, ast.JoinedStr):
            inside.update(id(piece) for piece in node.values)
            message = _of_text("".join(_piece(piece) for piece in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            message = _of_text(node.value)
        else:
            continue
        if message is not None:
            yield Hit(reading.source.span(node), message)


def _of_call(node: ast.Call) -> str | None:
    if not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr == "transition_model_version_stage":
        return "`transition_model_version_stage()` sets a stage, and MLflow is removing stages"
    named = any(keyword.arg == "stages" for keyword in node.keywords)
    if node.func.attr == "get_latest_versions" and (named or len(node.args) > 1):
        return "`get_latest_versions()` asks for a stage, and MLflow is removing stages"
    return None


def _of_text(text: str) -> str | None:
    found = _STAGED.fullmatch(text)
    if found is None:
        return None
    return f"This address names the stage `{found.group(1)}`, and MLflow is removing stages"


def _piece(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "x"


RULE: Final = Rule(
    code="DP151",
    slug="mlflow-stage",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "Stages are deprecated since MLflow 2.9 and will go; a version has one stage but as many "
        "aliases as are needed, and an alias moves in one step."
    ),
    fix=(
        'Use an alias: `client.set_registered_model_alias(name, "champion", version)` and '
        "`models:/name@champion`."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task
def predict():
    import mlflow

    mlflow.pyfunc.load_model("models:/taxi/Production")


with DAG("predict"):
    predict()
""",
    good="""\
from airflow.sdk import DAG, task


@task
def predict():
    import mlflow

    mlflow.pyfunc.load_model("models:/taxi@champion")


with DAG("predict"):
    predict()
""",
    check=check,
)
