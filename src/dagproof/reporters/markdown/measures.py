"""What a page says of MLflow, of contracts, and of what imports cost."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Ending, ImportTrace, Report, TrackedRun, Tracking
from dagproof.reporters.markdown.blocks import Block
from dagproof.reporters.markdown.escaping import code, details, table, text
from dagproof.reporters.words import count

_COSTLY: Final = 10
_ROWS: Final = 50
_METRICS: Final = 12


def blocks(report: Report) -> Iterator[Block]:
    """Yield what MLflow holds, how much was tried, and the most expensive imports."""
    yield from _tracked(report.tracking)
    if report.contracts:
        numbers = (
            (sum(len(one.dag_ids) for one in report.contracts), "DAG"),
            (sum(one.templates for one in report.contracts), "template"),
            (sum(one.confs for one in report.contracts), "conf"),
            (sum(one.values for one in report.contracts), "XCom value"),
        )
        dags, *tried = (count(number, noun) for number, noun in numbers)
        yield Block(f"**Tried** {dags}: {', '.join(tried)}.", 6, "trial count")
    yield from _costs(report)


def _tracked(tracking: Tracking) -> Iterator[Block]:
    if tracking.runs:
        rows = [_run(run) for run in tracking.runs[:_ROWS]]
        shown = table(("experiment", "run", "status", "metrics"), rows)
        if more := len(tracking.runs) - len(rows):
            shown += f"\n\n… and {count(more, 'more run')}."
        yield Block(f"### MLflow\n\n{shown}", 5, "MLflow table")
    if tracking.versions:
        versions = [
            (code(one.name), code(one.version), ", ".join(map(code, one.aliases[:10])) or "none")
            for one in tracking.versions[:_ROWS]
        ]
        shown = table(("registered model", "version", "aliases"), versions)
        if more := len(tracking.versions) - len(versions):
            shown += f"\n\n… and {count(more, 'more version')}."
        yield Block(shown, 5, "model table")


def _run(run: TrackedRun) -> tuple[str, ...]:
    metrics = [
        f"{code(name, 60)} {value:.6g}" for name, value in sorted(run.metrics.items())[:_METRICS]
    ]
    if more := max(0, len(run.metrics) - _METRICS):
        metrics.append(f"{more:,} more")
    return (text(run.experiment), text(run.name), text(run.status), "<br>".join(metrics))


def _costs(report: Report) -> Iterator[Block]:
    imported = [trace for trace in report.imports if not trace.skipped]
    costly = sorted(imported, key=lambda one: one.seconds, reverse=True)[:_COSTLY]
    if costly:
        total = f"{sum(trace.seconds for trace in imported):.2f} CPU seconds"
        rows = [
            (code(one.path), _ending(one), f"{one.seconds:.2f}", *_module(one)) for one in costly
        ]
        head = ("DAG file", "import", ">seconds", "most expensive module", ">its seconds")
        summary = f"Import cost: {count(len(imported), 'DAG file')}, {total}"
        yield Block(details(summary, table(head, rows)), 6, "import cost table")


def _ending(trace: ImportTrace) -> str:
    good = trace.ending is Ending.IMPORTED
    return f"{'✅' if good else '❌'} {trace.ending.replace('-', ' ')}"


def _module(trace: ImportTrace) -> tuple[str, str]:
    if not trace.modules:
        return ("", "")
    return code(trace.modules[0].name), f"{trace.modules[0].seconds:.2f}"
