"""DP227: the import of the DAG file left state of the whole process changed."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what was changed and not put back."""
    for leak in audited.trace.leaks:
        message = f"The import left {code(leak.name)} changed: it {leak.detail}"
        yield Hit(leak.span, message, leak.chain)


RULE: Final = Rule(
    code="DP227",
    slug="leaked-global",
    severity=Severity.WARNING,
    kind=Kind.ENVIRONMENT,
    on=True,
    why=(
        "Whatever the file sets for the whole process holds for everything else in there: the "
        "task's own code on a worker, and in tests and commands all files that are imported later."
    ),
    fix="Set it where it is needed, put it back, or leave it to the deployment.",
    bad="""\
import sys

from airflow.sdk import DAG

sys.path.insert(0, "/opt/lib")

with DAG("load"):
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("load"):
    pass
""",
    check=check,
)
