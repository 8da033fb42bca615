"""Pictures of what imports cost: a treemap of libraries, and for each file who imports whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dagproof.model import ImportTrace, ModuleCost
from dagproof.reporters.html.escape import Html, tag
from dagproof.reporters.html.parts import seconds
from dagproof.reporters.html.treemap import tiled
from dagproof.reporters.words import count

_WIDTH: Final = 960.0
_HEIGHT: Final = 240.0
_LOWEST: Final = 60.0
_TILES: Final = 40
_ROW: Final = 24
_NARROWEST: Final = 1.5
"""Percent of the width that a module must take to be drawn."""

_BARS: Final = 36
_TINTS: Final = 6


def treemap(traces: Iterable[ImportTrace]) -> Html:
    """Return what each library costs in all files together, as areas.

    A library is counted once for every file that it is imported for, as if no other file had
    imported it.
    """
    totals: dict[str, float] = {}
    files: dict[str, set[str]] = {}
    for trace in traces:
        for module in trace.modules:
            name = module.name.partition(".")[0]
            totals[name] = totals.get(name, 0.0) + module.own
            files.setdefault(name, set()).add(trace.path)
    ranked = sorted(
        (one for one in totals.items() if one[1] > 0), key=lambda one: (-one[1], one[0])
    )
    if not ranked:
        return Html()
    kept = _TILES if len(ranked) > _TILES + 1 else len(ranked)
    shown, rest = ranked[:kept], ranked[kept:]
    notes = {name: f"{count(len(files[name]), 'file')}" for name, _ in shown}
    if rest:
        name = f"{len(rest)} others"
        shown = sorted([*shown, (name, sum(own for _, own in rest))], key=lambda one: -one[1])
        notes[name] = "together"
    high = min(_HEIGHT, _LOWEST * len(shown))
    tiles = tiled([own for _, own in shown], _WIDTH, high)
    cells = [
        _cell(
            name,
            f"{seconds(own)}, {notes[name]}",
            at % _TINTS,
            x=f"{100 * tile.x / _WIDTH:.2f}%",
            y=tile.y,
            width=f"{100 * tile.width / _WIDTH:.2f}%",
            height=tile.height,
        )
        for at, ((name, own), tile) in enumerate(zip(shown, tiles, strict=True))
    ]
    label = f"Import cost by library: {shown[0][0]} costs most, {seconds(shown[0][1])}"
    return tag("svg", *cells, class_="map", height=high, role="img", aria_label=label)


@dataclass(frozen=True, slots=True)
class _Bar:
    """A module in the flame: its place in percent, and its depth."""

    module: ModuleCost
    x: float
    width: float
    depth: int


def flame(trace: ImportTrace) -> Html:
    """Return the modules of one file, each below its importer and as wide as its time."""
    bars = _bars(trace)
    if not bars:
        return Html()
    rows = [
        _cell(
            bar.module.name,
            f"{seconds(bar.module.seconds)}, {seconds(bar.module.own)} of its own",
            bar.depth % _TINTS,
            x=f"{bar.x:.2f}%",
            y=bar.depth * _ROW,
            width=f"{bar.width:.2f}%",
            height=_ROW - 2,
        )
        for bar in bars
    ]
    height = _ROW * (1 + max(bar.depth for bar in bars))
    label = f"Who imports whom in {trace.path}"
    return tag("svg", *rows, class_="map", height=height, role="img", aria_label=label)


def _bars(trace: ImportTrace) -> list[_Bar]:
    modules = {module.name: module for module in trace.modules}
    below: dict[str, list[ModuleCost]] = {}
    for module in modules.values():
        parent = next((name for name in reversed(module.chain) if name in modules), "")
        below.setdefault(parent if parent != module.name else "", []).append(module)
    whole = max(trace.seconds, sum(one.seconds for one in below.get("", ())))
    bars: list[_Bar] = []
    stack = [(below.get("", []), 0.0, 100.0, 0)]
    while stack and len(bars) < _BARS and whole > 0:
        children, left, most, depth = stack.pop(0)
        stack += _laid(children, left, most, depth, whole, below, bars)
    return bars


def _laid(
    children: Sequence[ModuleCost],
    left: float,
    most: float,
    depth: int,
    whole: float,
    below: dict[str, list[ModuleCost]],
    bars: list[_Bar],
) -> list[tuple[list[ModuleCost], float, float, int]]:
    """Set the modules beside each other, and return what comes below each of them."""
    deeper = []
    right = left + most
    for module in sorted(children, key=lambda one: (-one.seconds, one.name)):
        width = min(100 * module.seconds / whole, right - left)
        if width < _NARROWEST or len(bars) >= _BARS:
            break
        bars.append(_Bar(module, left, width, depth))
        deeper.append((below.get(module.name, []), left, width, depth + 1))
        left += width
    return deeper


def _cell(name: str, note: str, tint: int, **at: str | float) -> Html:
    """Return a rectangle whose texts end where it ends."""
    height = float(at["height"])
    second = tag("text", note, x=7, y=32, class_="sub") if height >= 38 else None  # noqa: PLR2004
    first = tag("text", name, x=7, y=min(16.0, height / 2 + 4)) if height >= 14 else None  # noqa: PLR2004
    rect = tag("rect", class_=f"tint{tint}")
    return tag("svg", tag("title", f"{name}: {note}"), rect, first, second, **at)
