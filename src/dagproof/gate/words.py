"""Sentences of a gate: with what it compares, what it looks at, what it leaves out."""

from dagproof.config import Settings
from dagproof.gate.selection import Selection
from dagproof.model import Comparison, Impact
from dagproof.reporters.bases import base
from dagproof.reporters.words import count


def looked_at(comparison: Comparison, impact: Impact) -> str:
    """Return what is compared, and what is looked at."""
    files = count(impact.total, "DAG file")
    if impact.everything:
        return f"Everything is checked, {files}: {impact.everything}"
    changed = count(len(comparison.files), "changed file")
    later = sum(not one.imports for one in impact.affected)
    tasks = f", {later} of them by their tasks alone" if later else ""
    return f"{changed} since {base(comparison)} can affect {len(impact.affected)} of {files}{tasks}"


def nothing_affected(selection: Selection) -> str:
    """Return why no DAG is looked at; nothing where one is."""
    if not selection.nothing:
        return ""
    if selection.later:
        return "No import of a DAG file runs what has changed: tasks alone do."
    return "No DAG depends on what has changed."


def no_runs(settings: Settings, selection: Selection) -> str:
    """Return why nothing is run; nothing where something is."""
    if selection.runs:
        return ""
    if not settings.runs:
        return "No runs are listed: `[[tool.dagproof.runs]]` in pyproject.toml names DAGs to run."
    return f"Not affected: {', '.join(selection.left_out)}."
