"""DP142: a task gives XCom a NaN or an infinite number, which JSON does not have."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.bodies import Known
from dagproof.rules.outputs import outputs
from dagproof.rules.reading import Reading
from dagproof.source.values import Container

_NAMES: Final = ("math.nan", "math.inf", "numpy.nan", "numpy.inf", "#nan")
_TOKENS: Final = (b"nan", b"inf", b"NaN", b"Inf")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the values that tasks return or push and that are no finite numbers."""
    if not any(token in reading.source.data for token in _TOKENS):
        return
    for output in outputs(reading):
        name = _non_finite(output.value)
        if name is not None:
            function = output.task.function.node
            who = f"`{function.name}`" if not isinstance(function, ast.Lambda) else "This task"
            yield Hit(
                output.source.span(output.node),
                f"{who} {output.how} `{name}`, which XCom refuses: JSON has no such number",
            )


def _non_finite(value: Known) -> str | None:
    if isinstance(value, str) and value in _NAMES:
        return value if value != "#nan" else "float('nan')"
    if isinstance(value, Container):
        for item in value.items.values():
            found = _non_finite(item)
            if found is not None:
                return found
    return None


RULE: Final = Rule(
    code="DP142",
    slug="non-finite-xcom",
    severity=Severity.WARNING,
    kind=Kind.XCOM,
    on=True,
    why=(
        "A NaN or an infinity anywhere in a value fails the task when the value is pushed: "
        '"Out of range float values are not JSON compliant".'
    ),
    fix="Return `None` where there is no number.",
    bad="""\
from airflow.sdk import dag, task


@dag
def evaluate():
    @task
    def metrics():
        return {"rmse": float("nan")}

    metrics()


evaluate()
""",
    good="""\
from airflow.sdk import dag, task


@dag
def evaluate():
    @task
    def metrics():
        return {"rmse": None}

    metrics()


evaluate()
""",
    check=check,
)
