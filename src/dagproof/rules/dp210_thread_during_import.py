"""DP210: a thread was started while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, code, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.THREAD):
        if effect.event.startswith(_STARTS) and effect.detail:
            yield hit(audited, effect, f"A thread that runs {code(effect.detail)}", "was started")
        else:
            yield hit(audited, effect, called(effect))


_STARTS: Final = ("_thread.", "threading.Thread")


RULE: Final = Rule(
    code="DP210",
    slug="thread-during-import",
    severity=Severity.ERROR,
    kind=Kind.THREAD,
    on=True,
    why=(
        "The DAG processor and the workers fork: in the child a thread is lost while the locks "
        "that it held stay locked, and each import starts it anew."
    ),
    fix="Start it inside a task.",
    bad="""\
import threading

from airflow.sdk import DAG

threading.Thread(target=print).start()

with DAG("background"):
    pass
""",
    good="""\
import threading

from airflow.sdk import DAG, task


@task
def work():
    threading.Thread(target=print).start()


with DAG("background"):
    work()
""",
    check=check,
)
