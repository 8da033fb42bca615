"""DP161: nobody owns the tasks of a DAG; `airflow` is what Airflow writes for nobody."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.arguments import text
from dagproof.rules.governance import dags, defaults, hit, some_task_has
from dagproof.rules.reading import Reading


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs none of whose tasks has an owner."""
    for made in dags(reading):
        given = defaults(made)
        if given is None or ("owner" in given and text(given["owner"]) != "airflow"):
            continue
        if not some_task_has(reading, "owner"):
            yield hit(made, f"The tasks of the DAG `{made.id}` have no owner")


RULE: Final = Rule(
    code="DP161",
    slug="ownerless-dag",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="When a task fails at night, the owner says whom to ask.",
    fix="Name a team or a person as `owner` in `default_args`.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    good=(
        'from airflow.sdk import DAG\n\nwith DAG("load", default_args={"owner": "ml-platform"}):\n'
        "    pass\n"
    ),
    check=check,
)
