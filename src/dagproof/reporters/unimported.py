"""Says which DAG files do not import: whatever holds that back, nothing of them is proved."""

from collections.abc import Sequence
from typing import Final

from dagproof.model import Ending, ImportTrace, Report
from dagproof.reporters.characters import visible
from dagproof.reporters.words import count

_NAMED: Final = 3
"""Files that are named; of more there is a count."""


def fails(trace: ImportTrace) -> bool:
    """Say whether Airflow does not import a file, or not all of it."""
    return not trace.skipped and (trace.ending is not Ending.IMPORTED or bool(trace.errors))


def unimported(report: Report) -> str:
    """Return which files do not import, as a sentence without its end; nothing where all do."""
    failing = [trace for trace in report.imports if fails(trace)]
    if not failing:
        return ""
    one = len(failing) == 1
    partly = any(trace.dag_ids for trace in failing)
    end = f" to {'its end' if one else 'their ends'}" if partly else ""
    proved = f"{'not all' if partly else 'nothing'} of {'it' if one else 'them'} is proved"
    files = f"{count(len(failing), 'DAG file')} {do_not(len(failing))}{end}"
    return f"{files}, and {proved}: {named([trace.path for trace in failing])}"


def do_not(number: int) -> str:
    """Return the predicate of that many files."""
    return f"{'does' if number == 1 else 'do'} not import"


def named(paths: Sequence[str]) -> str:
    """Return the first paths as they are shown, and how many more there are."""
    more = len(paths) - _NAMED
    told = ", ".join(map(visible, paths[:_NAMED]))
    return f"{told} and {more:,} more" if more > 0 else told
