"""DP211: a native library was called past Python while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield the calls of native code, whatever they are about."""
    for effect in audited.trace.effects:
        if effect.native:
            yield hit(audited, effect, called(effect))


RULE: Final = Rule(
    code="DP211",
    slug="native-call-during-import",
    severity=Severity.ERROR,
    kind=Kind.SUBPROCESS,
    on=True,
    why=(
        "What a native library does happens out of Python's sight: nobody can tell whether the "
        "import connects, writes or waits, and where it crashes it takes the process with it."
    ),
    fix="Load the library inside the task that needs it.",
    bad="""\
import ctypes

from airflow.sdk import DAG

libc = ctypes.CDLL("libc.so.6")

with DAG("native"):
    pass
""",
    good="""\
from airflow.sdk import DAG, task


@task
def call():
    import ctypes

    return ctypes.CDLL("libc.so.6").getpid()


with DAG("native"):
    call()
""",
    check=check,
)
