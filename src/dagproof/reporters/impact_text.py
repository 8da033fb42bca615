"""What a change can affect, for a person at a terminal: a line for each DAG file."""

from collections.abc import Iterator

from dagproof.model import Affected, Comparison, Impact
from dagproof.reporters.bases import base
from dagproof.reporters.characters import visible
from dagproof.reporters.words import count


def render(impact: Impact, comparison: Comparison, *, explain: bool = False) -> str:
    """Return lines with a final newline.

    Args:
        impact: what the change can affect.
        comparison: what has changed, and what it is compared with.
        explain: whether to show the steps from each DAG file to the changed one.
    """
    return "".join(f"{line}\n" for line in _lines(impact, comparison, explain=explain))


def _lines(impact: Impact, comparison: Comparison, *, explain: bool) -> Iterator[str]:
    if impact.everything:
        yield f"Everything: {visible(impact.everything)}"
    for one in impact.affected:
        same = bool(impact.everything) and one.reason == impact.everything.removesuffix(".")
        reason = "" if same else f": {visible(one.reason)}"
        yield f"{visible(one.path)}{reason}"
        if explain:
            yield from _chain(one)
    if impact.idle and explain:
        yield f"No DAG depends on {', '.join(map(visible, impact.idle))}."
    yield _sum(impact, comparison)


def _chain(one: Affected) -> Iterator[str]:
    arrow = "  "
    for step in one.chain:
        yield f"  {arrow}{visible(step.span.path)}:{step.span.line} {visible(step.message)}"
        arrow = "→ "
    if one.chain and one.changed:
        yield f"  {arrow}{visible(one.changed)}"


def _sum(impact: Impact, comparison: Comparison) -> str:
    affected = f"{len(impact.affected):,} of {count(impact.total, 'DAG file')}"
    if comparison.unknown:
        return f"{affected} can be affected."
    files = count(len(comparison.files), "changed file")
    since = f" since {base(comparison)}" if comparison.asked else ""
    return f"{affected} can be affected by {files}{since}."
