"""DP311: a Param has a schema that no value can be validated against, or that allows none."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the Params with which no run can be created, for their schema alone."""
    return contracted.hits("unusable-param-schema")


RULE: Final = Rule(
    code="DP311",
    slug="unusable-param-schema",
    severity=Severity.ERROR,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "Airflow takes any keywords for a schema and looks at them first when a run is created: it "
        "then refuses every conf, also a good one."
    ),
    fix=(
        "Write the schema in JSON Schema's own words: names of types as texts, a list for `enum`, "
        "references within the schema, and bounds that leave something."
    ),
    bad="""\
from airflow.sdk import DAG, Param

with DAG("report", schedule=None, params={"kind": Param("day", enum=("day", "month"))}):
    pass
""",
    good="""\
from airflow.sdk import DAG, Param

with DAG("report", schedule=None, params={"kind": Param("day", enum=["day", "month"])}):
    pass
""",
    check=check,
)
