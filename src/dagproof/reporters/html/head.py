"""The top of the page: the verdict in one sentence, and what it rests on."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Report, Stage, StageState
from dagproof.reporters.html.compared import affected, compared
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.findings import counted
from dagproof.reporters.html.parts import (
    MINUS,
    fold,
    marked,
    row,
    seconds,
    table,
    terms,
)
from dagproof.reporters.unimported import unimported
from dagproof.reporters.words import count, sentence

_VERDICTS: Final = {0: ("✓", "ok", "PASS"), 1: ("✗", "bad", "FAIL")}
_STAGES: Final = {
    StageState.CLEAN: ("✓", "ok", "clean"),
    StageState.FOUND: ("✗", "bad", "failed"),
    StageState.UNABLE: ("?", "warn", "could not look"),
    StageState.SKIPPED: (MINUS, "off", "left out"),
}


def verdict(report: Report) -> tuple[str, str, str]:
    """Return the verdict: a mark, the class that colours it, and a word or three."""
    if report.exit_code == 0 and unimported(report):
        return "!", "warn", "PASS, but not of all"
    return _VERDICTS.get(report.exit_code, ("?", "warn", "COULD NOT LOOK"))


def head(report: Report) -> Html:
    """Return the verdict, the stages, and what was compared."""
    sign, kind, word = verdict(report)
    said = tag("p", prose(_sentence(report)), class_="verdict-said")
    badge = tag("span", sign, class_="seal", aria_hidden="true")
    return tag(
        "header",
        tag("div", badge, tag("div", tag("h1", word), said), class_=f"verdict {kind}"),
        tag("ol", *map(_stage, report.stages), class_="stages") if report.stages else None,
        terms(_facts(report)),
        *(tag("p", prose(note), class_="muted") for note in report.notes),
    )


def _sentence(report: Report) -> str:
    parts = [
        f"{stage.name}: {stage.note}" if stage.note else f"{stage.name} could not look"
        for stage in report.stages
        if stage.state is StageState.UNABLE
    ]
    if found := counted(report.findings):
        new = sum(finding.new is True for finding in report.findings)
        compared = any(finding.new is not None for finding in report.findings)
        files = count(len({finding.span.path for finding in report.findings}), "file")
        parts.append(f"{found} in {files}{f', {new} new' if compared else ''}")
    failed = sum(not run.succeeded for run in report.runs)
    if failed:
        parts.append(f"{failed} of {count(len(report.runs), 'run')} failed")
    elif report.runs:
        parts.append(f"{count(len(report.runs), 'run')} succeeded")
    if failures := sum(bool(one.failure) for one in report.contracts):
        parts.append(f"{count(failures, 'file')} not tried to the end")
    if unproved := unimported(report):
        parts.append(unproved)
    if not parts and report.exit_code:
        parts += [f"{stage.name}: {stage.note}" for stage in report.stages if stage.exit_code]
    if not parts:
        parts.append(f"nothing found in {count(report.files, 'file')}")
    text = "; ".join(part.removesuffix(".") for part in parts)
    return sentence(text[:1].upper() + text[1:])


def _stage(stage: Stage) -> Html:
    sign, kind, word = _STAGES[stage.state]
    return tag(
        "li",
        marked(sign, kind, tag("b", stage.name), " ", word),
        tag("span", seconds(stage.seconds), class_="time") if stage.seconds else None,
        tag("span", prose(stage.note, 300), class_="note") if stage.note else None,
        class_=kind,
    )


def _facts(report: Report) -> Iterator[tuple[str, Html | None]]:
    if report.comparison:
        yield "Compared with", compared(report, report.comparison)
    if report.impact:
        yield "Affected", affected(report.impact)
    yield "Looked at", joined(_looked_at(report))


def _looked_at(report: Report) -> Iterator[str | Html]:
    dags = sum(len(trace.dag_ids) for trace in report.imports)
    of_dags = f", {count(dags, 'DAG')}" if dags else ""
    of_runs = f", {count(len(report.runs), 'run')}" if report.runs else ""
    files = report.files or len({run.dag_id for run in report.runs})
    yield f"{count(files, 'file')}{of_dags}{of_runs} in {seconds(report.seconds)}"
    if report.timings:
        rows = (
            row(what, seconds(took), numbers=(1,))
            for what, took in sorted(report.timings.items(), key=lambda one: (-one[1], one[0]))
        )
        yield fold("What took the time", table("Times", ("what", "time#"), rows))
