"""DP163: a scheduled DAG leaves it to Airflow's version whether the past is run too."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, hit, is_scheduled
from dagproof.rules.reading import Reading


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the scheduled DAGs that do not say `catchup`."""
    for made in dags(reading):
        if "catchup" not in made.arguments and is_scheduled(made):
            yield hit(made, f"The DAG `{made.id}` has a schedule and no `catchup`")


RULE: Final = Rule(
    code="DP163",
    slug="unset-catchup",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why=(
        "Airflow 2 runs every interval since `start_date` by default, Airflow 3 only the latest: "
        "what happens on the first day depends on the version and its configuration."
    ),
    fix="Write `catchup=False`, or `catchup=True` if the past is wanted.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load", schedule="@daily"):\n    pass\n',
    good=(
        'from airflow.sdk import DAG\n\nwith DAG("load", schedule="@daily", catchup=False):\n'
        "    pass\n"
    ),
    check=check,
)
