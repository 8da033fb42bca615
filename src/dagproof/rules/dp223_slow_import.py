"""DP223: the import of the DAG file took more processor time than it may."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Ending, Hit, Kind, ModuleCost, Rule, Severity
from dagproof.rules.audited import Audited, code

_SHOWN: Final = 8
"""Modules that are listed below the message."""


def check(audited: Audited) -> Iterator[Hit]:
    """Yield one hit, at the import that costs most, where the whole is over the budget."""
    trace = audited.trace
    if trace.seconds <= audited.import_seconds or trace.ending is not Ending.IMPORTED:
        return
    modules = costliest(trace.modules)
    span = (modules[0].span if modules else None) or audited.top
    message = (
        f"The import of {audited.file(span)} took {trace.seconds:.2f} s of processor time "
        f"where {audited.import_seconds:g} s is allowed"
    )
    if modules:
        message += f", {modules[0].seconds:.2f} s of it for {chain_of(modules[0])}"
    yield Hit(span, message, detail=table(modules))


def costliest(modules: Sequence[ModuleCost]) -> Sequence[ModuleCost]:
    """Return the modules that cost most, the first one most of all."""
    return sorted(modules, key=lambda module: -module.seconds)[:_SHOWN]


def chain_of(module: ModuleCost) -> str:
    """Return how a module came to be imported, as code."""
    return code(_chain(module))


def _chain(module: ModuleCost) -> str:
    return " > ".join((*module.chain, module.name))


def table(modules: Sequence[ModuleCost]) -> str:
    """Return the modules as lines: seconds of their own, with what they import, the way there."""
    if not modules:
        return ""
    rows = [(f"{one.own:.2f} s", f"{one.seconds:.2f} s", _chain(one)) for one in modules]
    head = ("own", "cumulative", "module")
    return "\n".join(f"{own:>8}  {all_:>10}  {chain}" for own, all_, chain in (head, *rows))


RULE: Final = Rule(
    code="DP223",
    slug="slow-import",
    severity=Severity.WARNING,
    kind=Kind.HEAVY_IMPORT,
    on=True,
    why=(
        "Airflow imports the file in a fresh process again and again, and once more before each "
        "task: every second of it is paid each time, and new DAGs appear that much later."
    ),
    fix=(
        "Import inside the task what only tasks need, or raise `import-seconds` under "
        "`[tool.dagproof.budgets]`."
    ),
    bad="""\
from airflow.sdk import DAG

TOTAL = sum(number * number for number in range(50_000_000))

with DAG("squares", params={"total": TOTAL}):
    pass
""",
    good="""\
from airflow.sdk import DAG, task


@task
def total():
    return sum(number * number for number in range(50_000_000))


with DAG("squares"):
    total()
""",
    check=check,
)
