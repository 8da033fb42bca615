"""What runs told MLflow: its runs with their metrics, model versions and aliases."""

from collections.abc import Iterable, Mapping
from typing import Final

from dagproof.model import DagOutcome, Report, TrackedRun, Tracking
from dagproof.reporters.html.escape import Html, joined, tag
from dagproof.reporters.html.parts import fold, marked, more, row, table

_STATES: Final = {"FINISHED": ("✓", "ok"), "FAILED": ("✗", "bad"), "KILLED": ("✗", "bad")}
_METRICS: Final = 40
_RUNS: Final = 60


def tracked(run: DagOutcome, tracking: Tracking) -> Html:
    """Return the MLflow runs that began in the tasks of a run, with the tasks."""
    known = {one.run_id: one for one in tracking.runs}
    began = [
        (task.label, known[run_id], run_id in task.open_mlflow_runs)
        for task in run.tasks
        for run_id in task.mlflow_runs
        if run_id in known
    ]
    if not began:
        return Html()
    versions = _versions(tracking)
    rows = [
        _row(tag("code", label), one, versions, left_open=left_open)
        for label, one, left_open in began[:_RUNS]
    ]
    head = ("task", "run", "status", "metrics", "registered as")
    shown = table(f"MLflow runs of {run.dag_id}", head, rows)
    return joined((shown, more(len(began) - _RUNS, "MLflow run")))


def others(report: Report) -> Html:
    """Return the MLflow runs and model versions that no task is known to have begun."""
    told = {run_id for run in report.runs for task in run.tasks for run_id in task.mlflow_runs}
    runs = [one for one in report.tracking.runs if one.run_id not in told]
    ids = {one.run_id for one in report.tracking.runs}
    orphans = [one for one in report.tracking.versions if one.run_id not in ids]
    if not runs and not orphans:
        return Html()
    versions = _versions(report.tracking)
    head = ("experiment", "run", "status", "metrics", "registered as")
    parts: list[Html | None] = []
    if runs:
        rows = [_row(one.experiment, one, versions) for one in runs[:_RUNS]]
        parts += [table("Other MLflow runs", head, rows), more(len(runs) - _RUNS, "MLflow run")]
    if orphans:
        listed = (
            row(tag("code", one.name), one.version, ", ".join(one.aliases))
            for one in orphans[:_RUNS]
        )
        parts.append(table("Model versions", ("model", "version", "aliases"), listed))
    return fold("Other MLflow runs, such as nested ones", *parts, kind="card")


def _versions(tracking: Tracking) -> dict[str, list[Html]]:
    """Return the model versions of each MLflow run."""
    versions: dict[str, list[Html]] = {}
    for one in tracking.versions:
        aliases = (tag("span", f"@{alias}", class_="badge") for alias in one.aliases)
        named = joined((tag("code", one.name), f"version {one.version}", *aliases), " ")
        versions.setdefault(one.run_id, []).append(tag("div", named))
    return versions


def _row(
    first: Html | str,
    one: TrackedRun,
    versions: Mapping[str, Iterable[Html]],
    *,
    left_open: bool = False,
) -> Html:
    sign, kind = ("▲", "warn") if left_open else _STATES.get(one.status, ("…", "warn"))
    status = marked(sign, kind, "left open" if left_open else one.status.lower())
    metrics = [
        tag("div", tag("code", name), f" {value:.6g}")
        for name, value in sorted(one.metrics.items())[:_METRICS]
    ]
    left = more(len(one.metrics) - _METRICS, "metric")
    return row(
        first, one.name, status, joined((*metrics, left)), joined(versions.get(one.run_id, ()))
    )
