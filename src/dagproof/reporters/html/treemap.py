"""Tiles an area: each part as large as its share, and as square as it can be."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle, in the units of the whole."""

    x: float
    y: float
    width: float
    height: float


def tiled(shares: Sequence[float], width: float, height: float) -> list[Tile]:
    """Return a tile for each share (Bruls, Huizing and van Wijk, Squarified Treemaps, 2000).

    Args:
        shares: above 0, the largest first.
        width: of the whole.
        height: of the whole.
    """
    scale = width * height / sum(shares) if shares else 0.0
    areas = [share * scale for share in shares]
    tiles: list[Tile] = []
    x = y = 0.0
    at = 0
    while at < len(areas):
        side = min(width, height)
        end = at + 1
        while end < len(areas) and _ratio(areas[at : end + 1], side) <= _ratio(areas[at:end], side):
            end += 1
        taken = sum(areas[at:end])
        thick = taken / side if side else 0.0
        along = 0.0
        upright = width >= height
        for area in areas[at:end]:
            long = area / thick if thick else 0.0
            tiles.append(
                Tile(x, y + along, thick, long) if upright else Tile(x + along, y, long, thick)
            )
            along += long
        if upright:
            x, width = x + thick, max(0.0, width - thick)
        else:
            y, height = y + thick, max(0.0, height - thick)
        at = end
    return tiles


def _ratio(areas: Sequence[float], side: float) -> float:
    """Return how far the worst of some tiles is from a square, when they fill a side together."""
    total = sum(areas)
    return max(side * side * max(areas) / total**2, total**2 / (side * side * min(areas)))
