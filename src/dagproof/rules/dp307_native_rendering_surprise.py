"""DP307: native rendering makes another type of what is text."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the templates that give it."""
    return contracted.hits("native-rendering-surprise")


RULE: Final = Rule(
    code="DP307",
    slug="native-rendering-surprise",
    severity=Severity.WARNING,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "With `render_template_as_native_obj` Jinja reads its result as a Python literal: "
        "`20240229` becomes a number, and `007` does not, so that the type depends on the "
        "value."
    ),
    fix="Use the value with other text around it, such as `{{ ds }}`, or take it from the context.",
    bad="""\
from airflow.sdk import DAG, task

with DAG("load", schedule="@daily", render_template_as_native_obj=True):

    @task
    def load(day):
        return f"part={day}"

    load("{{ ds_nodash }}")
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("load", schedule="@daily", render_template_as_native_obj=True):

    @task
    def load(day):
        return f"part={day}"

    load("{{ ds }}")
""",
    check=check,
)
