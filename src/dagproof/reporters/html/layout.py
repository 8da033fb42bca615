"""Lays out a graph in layers from left to right: the same graph always gives the same picture."""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dagproof.reporters.html.layers import Layers, layered

Point = tuple[float, float]

HEIGHT: Final = 42.0
"""Of a node."""

_BETWEEN: Final = 48.0
_ABOVE: Final = 14.0
_BEND: Final = 8.0
"""Height of the place where a long edge passes a layer."""

_SWEEPS: Final = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is, in pixels.

    Attributes:
        width: of the whole picture.
        height: of the whole picture.
        places: of each node, its left upper corner.
        routes: of each edge, from the right of its first node to the left of its second.
    """

    width: float
    height: float
    places: Mapping[str, Point]
    routes: Mapping[tuple[str, str], tuple[Point, ...]]


def laid_out(widths: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> Layout:
    """Return where to draw nodes and edges.

    Args:
        widths: of each node, in pixels.
        edges: pairs of nodes, the earlier first; cycles and nodes that are not there do no harm.
    """
    if not widths:
        return Layout(0, 0, {}, {})
    graph = layered(tuple(widths), edges)
    orders = _ordered(graph)
    columns = [max(widths.get(node, 0.0) for node in layer) for layer in orders]
    lefts = [sum(columns[:at]) + _BETWEEN * at for at in range(len(columns))]
    middles = _middles(orders, graph, widths)
    places: dict[str, Point] = {}
    passing: dict[str, tuple[Point, Point]] = {}
    ends: dict[str, float] = {}
    for layer, left, width in zip(orders, lefts, columns, strict=True):
        for node in layer:
            if node in widths:
                places[node] = (left, middles[node] - HEIGHT / 2)
                ends[node] = width
            else:
                passing[node] = ((left, middles[node]), (left + width, middles[node]))
    routes = {}
    for edge, path in graph.paths.items():
        points = [point for node in path[1:-1] for point in passing[node]]
        first, last = places[path[0]], places[path[-1]]
        middle = first[1] + HEIGHT / 2
        leaving = [(first[0] + widths[path[0]], middle), (first[0] + ends[path[0]], middle)]
        route = (*dict.fromkeys(leaving), *points, (last[0], last[1] + HEIGHT / 2))
        routes[edge] = route if path[0] == edge[0] else route[::-1]
    height = max(middles.values()) + HEIGHT / 2
    return Layout(lefts[-1] + columns[-1], height, places, routes)


def _ordered(graph: Layers) -> list[list[str]]:
    """Return the layers with their nodes in the order that makes few edges cross."""
    best = layers = [list(layer) for layer in graph.layers]
    least = _crossings(layers, graph)
    for sweep in range(_SWEEPS):
        if not least:
            break
        layers = [list(layer) for layer in layers]
        down = sweep % 2 == 0
        steps = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        near = graph.before if down else graph.after
        for at in steps:
            rank = {node: index for index, node in enumerate(layers[at - 1 if down else at + 1])}
            layers[at].sort(key=_Barycentre({n: i for i, n in enumerate(layers[at])}, rank, near))
        crossed = _crossings(layers, graph)
        if crossed < least:
            best, least = layers, crossed
    return best


@dataclass(frozen=True, slots=True)
class _Barycentre:
    """The mean position of a node's neighbours; its own where it has none."""

    own: Mapping[str, int]
    rank: Mapping[str, int]
    near: Mapping[str, Sequence[str]]

    def __call__(self, node: str) -> float:
        ranks = [self.rank[other] for other in self.near[node]]
        return sum(ranks) / len(ranks) if ranks else float(self.own[node])


def _crossings(layers: Sequence[Sequence[str]], graph: Layers) -> int:
    """Return how many pairs of edges cross."""
    crossed = 0
    for upper, lower in pairwise(layers):
        rank = {node: index for index, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            targets = sorted(rank[other] for other in graph.after[node])
            crossed += sum(len(seen) - bisect_right(seen, target) for target in targets)
            for target in targets:
                insort(seen, target)
    return crossed


def _middles(
    layers: Sequence[Sequence[str]], graph: Layers, widths: Mapping[str, float]
) -> dict[str, float]:
    """Return the height of every node's middle, near the mean of its neighbours."""
    sizes = {node: HEIGHT if node in widths else _BEND for layer in layers for node in layer}
    middles: dict[str, float] = {}
    for layer in layers:
        middles |= _apart(layer, sizes, dict.fromkeys(layer, 0.0))
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {}
            for node in layer:
                near = (*graph.before[node], *graph.after[node])
                wanted[node] = (
                    sum(middles[other] for other in near) / len(near) if near else middles[node]
                )
            middles |= _apart(layer, sizes, wanted)
    top = min(middles[node] - sizes[node] / 2 for node in middles)
    return {node: middle - top for node, middle in middles.items()}


def _apart(
    layer: Sequence[str], sizes: Mapping[str, float], wanted: Mapping[str, float]
) -> dict[str, float]:
    """Return places near the wanted ones that keep the order and do not overlap.

    Neighbours that are too near are moved together around their mean (pool adjacent violators).
    """
    offsets, at = [], 0.0
    for index, node in enumerate(layer):
        if index:
            at += (sizes[layer[index - 1]] + sizes[node]) / 2 + _ABOVE
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for node, offset in zip(layer, offsets, strict=True):
        mean, number = wanted[node] - offset, 1
        while pools and pools[-1][0] > mean:
            earlier, size = pools.pop()
            mean = (mean * number + earlier * size) / (number + size)
            number += size
        pools.append((mean, number))
    means = [mean for mean, number in pools for _ in range(number)]
    return {node: mean + off for node, mean, off in zip(layer, means, offsets, strict=True)}
