"""DP225: a file makes a DAG, and Airflow passes it over without a word."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import SAFE_MODE, Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield one hit for a file that would give DAGs if it were imported."""
    trace = audited.trace
    if trace.skipped == SAFE_MODE and trace.dag_ids:
        dags = ", ".join(map(code, trace.dag_ids))
        yield Hit(
            audited.top,
            "Airflow never imports this file, as its text lacks `dag` or `airflow`: there is no "
            f"DAG {dags}",
        )


RULE: Final = Rule(
    code="DP225",
    slug="silent-skip",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "In safe mode, which is the default, Airflow imports a file only where its text holds "
        "`dag` and `airflow`. The DAG does not exist, and nothing tells so."
    ),
    fix="Write both words into the file, for example in a comment at its top.",
    bad="""\
import importlib

# Stands for a module of yours that makes DAGs: this text itself lacks one of the two words.
sdk = importlib.import_module("".join(["air", "flow.sdk"]))

daily = sdk.DAG("daily")
""",
    good="""\
from airflow import sdk

daily = sdk.DAG("daily")
""",
    check=check,
)
