"""What imports of DAG files did and cost."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Effect, Ending, ImportFailure, ImportTrace, Report
from dagproof.reporters.html.costs import flame, treemap
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import (
    fold,
    marked,
    more,
    place,
    pre,
    room,
    row,
    seconds,
    section,
    table,
)
from dagproof.reporters.words import count, sentence

_ENDINGS: Final = {
    Ending.IMPORTED: ("✓", "ok", "imported"),
    Ending.FAILED: ("✗", "bad", "failed"),
    Ending.TIMED_OUT: ("✗", "bad", "timed out"),
    Ending.CRASHED: ("✗", "bad", "crashed"),
}
_SHOWN: Final = 40
_DETAILED: Final = 400
"""Files that are told in detail."""


def imports(report: Report) -> Html:
    """Return the part of the page that tells of imports: costs, effects, failures."""
    imported = [trace for trace in report.imports if not trace.skipped]
    skipped = [trace for trace in report.imports if trace.skipped]
    ranked = sorted(
        imported, key=lambda one: (one.ending is Ending.IMPORTED, -one.seconds, one.path)
    )
    total = sum(trace.seconds for trace in imported)
    most = max((trace.seconds for trace in imported), default=0.0)
    note = f"{count(len(imported), 'file')}, {seconds(total)} of CPU time without Airflow itself"
    limit = room(sum(len(one.errors) + len(one.unserializable) for one in imported))
    by_library = treemap(imported)
    return section(
        "imports",
        "Imports",
        note,
        tag("h3", "Cost by library") if by_library else None,
        by_library,
        tag("h3", "By file, failed and most expensive first") if ranked else None,
        *(_file(trace, limit, most) for trace in ranked[:_DETAILED]),
        more(len(ranked) - _DETAILED, "file"),
        _skipped(skipped) if skipped else None,
    )


def _file(trace: ImportTrace, limit: int, most: float) -> Html:
    sign, kind, word = _ENDINGS[trace.ending]
    share = f"{100 * trace.seconds / most:.1f}%" if most > 0 else "0%"
    bar = tag("svg", tag("rect", width=share), class_="bar", aria_hidden="true")
    facts = [count(len(trace.dag_ids), "DAG")]
    facts += [count(len(trace.effects), "effect")] if trace.effects else []
    facts += [count(len(trace.differences), "difference")] if trace.differences else []
    summary = joined(
        (
            tag("span", marked(sign, kind, word), " ", tag("code", trace.path)),
            tag("span", ", ".join(facts), class_="muted"),
            bar,
            tag("span", seconds(trace.seconds), class_="time"),
        ),
        " ",
    )
    parts = [part for part in _parts(trace, limit) if part]
    return fold(summary, *parts, kind="line") if parts else tag("div", summary, class_="line")


def _parts(trace: ImportTrace, limit: int) -> Iterator[Html | None]:
    if len(trace.dag_ids) > 1 or (trace.dag_ids and trace.modules):
        yield tag("p", "DAGs: ", joined((tag("code", one) for one in trace.dag_ids[:_SHOWN]), ", "))
    for failure in (*trace.errors, *trace.unserializable):
        yield _failure(failure, limit)
    if trace.crash:
        what = joined((prose(sentence(trace.crash.what)), " ", place(trace.crash.span)))
        yield tag("p", marked("✗", "bad", what))
        yield fold("Stack", pre(trace.crash.stack, limit)) if trace.crash.stack.strip() else None
    if who := flame(trace):
        yield tag("p", "Who imports whom, each as wide as its CPU time:", class_="muted")
        yield who
    yield _effects(trace)
    if trace.leaks:
        leaks = (
            row(tag("code", one.name), prose(one.detail, 300), place(one.span))
            for one in trace.leaks[:_SHOWN]
        )
        yield table(f"State that {trace.path} leaves changed", ("state", "how", "where"), leaks)
    if trace.differences:
        told = (
            row(
                tag("code", one.dag_id),
                tag("code", one.where),
                _short(one.first),
                _short(one.second),
            )
            for one in trace.differences[:_SHOWN]
        )
        heads = ("DAG", "place", "first import", "second import")
        yield table(f"How a second import of {trace.path} differs", heads, told)


def _short(text: str) -> Html:
    return prose(text, 300)


def _failure(failure: ImportFailure, limit: int) -> Html:
    what = f"{failure.dag_id} cannot be serialized: " if failure.dag_id else ""
    caused = " (a refusal of the audit is behind it)" if failure.caused else None
    return tag(
        "div",
        tag(
            "p", marked("✗", "bad", what, tag("b", failure.type)), " ", place(failure.span), caused
        ),
        tag("p", prose(failure.message, 600), class_="said"),
        fold("Traceback", pre(failure.traceback, limit)) if failure.traceback.strip() else None,
        class_="error",
    )


def _effects(trace: ImportTrace) -> Html | None:
    if not trace.effects:
        return None
    head = ("what", "event", "of", "where", "")
    shown = table(
        f"What the import of {trace.path} did", head, map(_effect, trace.effects[:_SHOWN])
    )
    return joined((shown, more(len(trace.effects) - _SHOWN, "effect")))


def _effect(effect: Effect) -> Html:
    flags = [*(["refused"] if effect.refused else []), *(["native"] if effect.native else [])]
    return row(
        effect.kind.replace("-", " "),
        tag("code", effect.event),
        prose(effect.detail, 200),
        place(effect.span),
        ", ".join(flags),
    )


def _skipped(traces: list[ImportTrace]) -> Html:
    rows = (row(tag("code", one.path), prose(one.skipped, 200)) for one in traces[:_DETAILED])
    told = table("Files that Airflow never imports", ("file", "kept out by"), rows)
    return fold(f"{count(len(traces), 'file')} that Airflow never imports", told)
