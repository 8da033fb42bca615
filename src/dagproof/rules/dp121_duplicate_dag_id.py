"""DP121: two DAGs of one Airflow have the same id.

The finding stands at the second one, in order of path and line. Within one file only DAGs count
that are surely made, both of them: not those in an `if`, a loop or a function.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.facts import DagFact, Facts
from dagproof.rules.repository import Repository


def check(repository: Repository) -> Iterator[Hit]:
    """Yield the DAGs whose id another one has already."""
    for name, same in repository.dags.items():
        by_deployment: dict[str, list[tuple[Facts, DagFact]]] = {}
        for facts, dag in same:
            by_deployment.setdefault(repository.deployment(facts.path), []).append((facts, dag))
        for group in by_deployment.values():
            seen = set()
            for one, other in pairwise(group):
                seen.add(one[1].id.span)
                if other[1].id.span not in seen and _clash(one, other):
                    yield Hit(
                        other[1].id.span,
                        f"Another DAG has the id `{name}` too, in {_where(one, other)}",
                        (Related(one[1].id.span, "the other DAG"),),
                    )


def _clash(one: tuple[Facts, DagFact], other: tuple[Facts, DagFact]) -> bool:
    return one[0].path != other[0].path or (one[1].sure and other[1].sure)


def _where(one: tuple[Facts, DagFact], other: tuple[Facts, DagFact]) -> str:
    if one[0].path == other[0].path:
        return f"line {one[1].id.span.line}"
    return f"`{one[0].path}`"


RULE: Final = Rule(
    code="DP121",
    slug="duplicate-dag-id",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "Airflow keeps one DAG for each id: the two take turns at being the one that is there, or "
        "one of them is never seen."
    ),
    fix="Give one of them another id.",
    bad="""\
from airflow.sdk import DAG

with DAG("load"):
    pass

with DAG("load"):
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("load"):
    pass

with DAG("load_again"):
    pass
""",
    check=check,
)
