"""What imports cost, for a person at a terminal: the most expensive files first."""

from collections.abc import Iterable, Sequence
from typing import Final

from dagproof.model import Ending, ImportTrace
from dagproof.reporters.characters import visible
from dagproof.reporters.table import table
from dagproof.reporters.words import count

_TITLE: Final = "Import cost (CPU seconds, Airflow itself not counted)"
_HEAD: Final = ("seconds", "DAGs", "file", "most expensive module", "seconds")

_SHOWN: Final = 10
"""Files that have a row of their own."""


def cost_table(imports: Iterable[ImportTrace]) -> str:
    """Return the table below its title; nothing where Airflow imports none of the files."""
    imported = [trace for trace in imports if not trace.skipped]
    traces = sorted(imported, key=lambda trace: trace.seconds, reverse=True)
    if not traces:
        return ""
    rows = [(*_sums([trace]), _file(trace), *_module(trace)) for trace in traces[:_SHOWN]]
    if more := traces[_SHOWN:]:
        rows.append((*_sums(more), count(len(more), "more file"), "", ""))
    return f"{_TITLE}\n{table(_HEAD, rows)}"


def _sums(traces: Sequence[ImportTrace]) -> tuple[str, str]:
    """Return the seconds and the number of DAGs, each below the end of its head."""
    dags = sum(len(trace.dag_ids) for trace in traces)
    return _seconds(sum(trace.seconds for trace in traces)), f"{dags:4}"


def _file(trace: ImportTrace) -> str:
    path = visible(trace.path)
    return path if trace.ending is Ending.IMPORTED else f"{path} ({trace.ending.replace('-', ' ')})"


def _module(trace: ImportTrace) -> tuple[str, str]:
    if not trace.modules:
        return "", ""
    first = trace.modules[0]
    return visible(first.name), _seconds(first.seconds)


def _seconds(number: float) -> str:
    return f"{number:7.2f}"
