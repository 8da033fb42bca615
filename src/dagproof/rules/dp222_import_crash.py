"""DP222: the process that imported the DAG file ended, or had nothing left to run on."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Ending, Hit, Kind, Rule, Severity
from dagproof.rules.audited import EXHAUSTIONS, Audited


def check(audited: Audited) -> Iterator[Hit]:
    """Yield how the process ended, and what would have ended it on a smaller machine."""
    trace = audited.trace
    if trace.ending is Ending.CRASHED:
        if trace.crash is None:
            yield Hit(audited.top, "The import of this file ended its process")
        else:
            crash = trace.crash
            message = f"The import of {audited.file(crash.span)} crashed: {crash.what}"
            yield Hit(crash.span, message, crash.chain, detail=crash.stack.rstrip())
    for failure in trace.errors:
        if failure.type in EXHAUSTIONS and not failure.caused:
            message = f"The import of {audited.file(failure.span)} {EXHAUSTIONS[failure.type]}"
            yield Hit(failure.span, message, failure.chain, detail=failure.traceback.rstrip())


RULE: Final = Rule(
    code="DP222",
    slug="import-crash",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "The process that parses the file dies without an import error that anybody could read: "
        "the DAGs just stop being updated, and each task of theirs dies before it begins."
    ),
    fix="Take out what ends the process, or move it into a task, where a retry can help.",
    bad="""\
import os

from airflow.sdk import DAG

if "SHOP_REGION" not in os.environ:
    os._exit(3)

with DAG("load"):
    pass
""",
    good="""\
import os

from airflow.sdk import DAG, task


@task
def load():
    return os.environ["SHOP_REGION"]


with DAG("load"):
    load()
""",
    check=check,
)
