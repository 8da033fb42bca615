"""DP229: the import of the DAG file costs more than it did in the commit compared with."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Ending, Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited
from dagproof.rules.dp223_slow_import import chain_of, costliest, table

_NOISE: Final = 0.3
"""The part of its cost by which an import varies on a machine that is busy."""


def check(audited: Audited) -> Iterator[Hit]:
    """Yield one hit, at the import that costs most, where the whole has grown beyond the budget."""
    trace, before = audited.trace, audited.before
    if before is None or trace.ending is not Ending.IMPORTED:
        return
    if trace.seconds - before <= max(audited.import_growth, _NOISE * before):
        return
    modules = costliest(trace.modules)
    span = (modules[0].span if modules else None) or audited.top
    message = (
        f"The import of {audited.file(span)} took {trace.seconds:.2f} s of processor time, and "
        f"{before:.2f} s before"
    )
    if modules:
        message += f"; {chain_of(modules[0])} costs most"
    yield Hit(span, message, detail=table(modules))


RULE: Final = Rule(
    code="DP229",
    slug="grown-import",
    severity=Severity.WARNING,
    kind=Kind.HEAVY_IMPORT,
    on=True,
    why=(
        "Airflow imports the file again and again: what a change adds to that is paid for ever, "
        "and is cheapest to take out while the change is looked at."
    ),
    fix=(
        "Import inside the task what only tasks need, or raise `import-growth` under "
        "`[tool.dagproof.budgets]`."
    ),
    bad="""\
import pandas as pd
from airflow.sdk import DAG, task

with DAG("rows"):

    @task
    def rows():
        return len(pd.read_csv("/data/rows.csv"))

    rows()
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("rows"):

    @task
    def rows():
        import pandas as pd

        return len(pd.read_csv("/data/rows.csv"))

    rows()
""",
    check=check,
)
