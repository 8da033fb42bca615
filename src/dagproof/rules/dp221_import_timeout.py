"""DP221: the import of the DAG file did not end in the time that it had."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Ending, Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited


def check(audited: Audited) -> Iterator[Hit]:
    """Yield the last line that was seen to run, where the time was up."""
    trace = audited.trace
    if trace.ending is not Ending.TIMED_OUT:
        return
    if trace.crash is None:
        yield Hit(audited.top, "The import of this file did not end in time")
        return
    crash = trace.crash
    message = f"The import of {audited.file(crash.span)} did not end in time: {crash.what}"
    yield Hit(crash.span, message, crash.chain, detail=crash.stack.rstrip())


RULE: Final = Rule(
    code="DP221",
    slug="import-timeout",
    severity=Severity.ERROR,
    kind=Kind.HEAVY_IMPORT,
    on=True,
    why=(
        "Airflow ends an import after 30 seconds, by `dagbag_import_timeout`: until then no other "
        "file is parsed by that process, and afterwards the DAGs of the file are gone."
    ),
    fix="Move what waits or computes into a task.",
    bad="""\
from airflow.sdk import DAG

while True:
    pass

with DAG("endless"):
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("endless"):
    pass
""",
    check=check,
)
