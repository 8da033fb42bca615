"""DP301: a Param's default is not allowed by its own schema."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the Params whose default breaks their schema."""
    return contracted.hits("rejected-default")


RULE: Final = Rule(
    code="DP301",
    slug="rejected-default",
    severity=Severity.ERROR,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "Airflow refuses every run that does not give the Param another value. While the DAG has "
        "no schedule it does not look at the default before somebody triggers it."
    ),
    fix="Correct the default, widen the schema, or leave the default out so that it is required.",
    bad="""\
from airflow.sdk import DAG, Param

with DAG("report", schedule=None, params={"month": Param("6", type="integer")}):
    pass
""",
    good="""\
from airflow.sdk import DAG, Param

with DAG("report", schedule=None, params={"month": Param(6, type="integer")}):
    pass
""",
    check=check,
)
