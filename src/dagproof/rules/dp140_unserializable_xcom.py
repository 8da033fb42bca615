"""DP140: a task gives XCom a value that Airflow cannot serialize."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.bodies import Known
from dagproof.rules.outputs import Output, outputs
from dagproof.rules.reading import Reading
from dagproof.rules.results import refused
from dagproof.rules.surroundings import has_xcom_backend
from dagproof.source.values import Container

_DEEPEST: Final = 4


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the values that tasks return or push and that cannot be serialized."""
    for output in outputs(reading):
        found = _refused(output.value)
        if found is not None and not has_xcom_backend(reading.source.path):
            yield _hit(output, *found)


def _hit(output: Output, words: str, inside: bool) -> Hit:
    function = output.task.function.node
    name = f"`{function.name}`" if not isinstance(function, ast.Lambda) else "This task"
    what = f"a value that holds {words}" if inside else words
    return Hit(
        output.source.span(output.node),
        f"{name} {output.how} {what}, which XCom cannot serialize",
        (_made(output.task.event.source.span(output.task.event.node)),),
    )


def _made(span: object) -> Related:
    return Related(span, "the task is made here")  # type: ignore[arg-type]


def _refused(value: Known, depth: int = 0) -> tuple[str, bool] | None:
    if isinstance(value, str):
        words = refused(value)
        return None if words is None else (words, depth > 0)
    if isinstance(value, ast.Constant) and isinstance(value.value, bytes | complex):
        return type(value.value).__name__, depth > 0
    if isinstance(value, Container) and depth < _DEEPEST:
        for item in value.items.values():
            found = _refused(item, depth + 1)
            if found is not None:
                return found
    return None


RULE: Final = Rule(
    code="DP140",
    slug="unserializable-xcom",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "Airflow stores XCom values as JSON. Arrays, sparse matrices, Series, models, bytes, "
        "paths and connections have no form there: the task does its work, and then fails with a "
        "`TypeError`."
    ),
    fix=(
        "Write the value to storage and return its path, return plain numbers and lists, or "
        "configure an XCom backend that knows the type."
    ),
    bad="""\
from airflow.sdk import dag, task
from sklearn.feature_extraction import DictVectorizer


@dag
def train():
    @task
    def features():
        return DictVectorizer().fit_transform([{"zone": 1}])

    features()


train()
""",
    good="""\
from airflow.sdk import dag, task
from scipy.sparse import save_npz
from sklearn.feature_extraction import DictVectorizer


@dag
def train():
    @task
    def features():
        save_npz("/data/features.npz", DictVectorizer().fit_transform([{"zone": 1}]))
        return "/data/features.npz"

    features()


train()
""",
    check=check,
)
