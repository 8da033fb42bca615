"""Puts the nodes of a graph into layers, so that every edge leads to a later one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Edge = tuple[str, str]

_BENDS: Final = 2_000
"""Places where long edges pass layers; edges of graphs with more go straight."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A graph whose edges lead from each layer to the next.

    Attributes:
        layers: the nodes of each, those of no layer of their own (bends) included.
        before: the neighbours of each node in the layer before.
        after: likewise in the layer behind.
        paths: of each edge, the nodes and bends from layer to layer; against the edge's direction
            where that leads back.
    """

    layers: tuple[tuple[str, ...], ...]
    before: Mapping[str, Sequence[str]]
    after: Mapping[str, Sequence[str]]
    paths: Mapping[Edge, tuple[str, ...]]


def layered(nodes: Sequence[str], edges: Iterable[Edge]) -> Layers:
    """Return the graph in layers.

    Args:
        nodes: in the order that layers keep where nothing speaks against it.
        edges: those of nodes that are not there, or to the same node, are left out.
    """
    known = dict.fromkeys(nodes)
    kept = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1] and {*edge} <= known.keys()]
    order = _order(nodes, kept)
    rank = {node: at for at, node in enumerate(order)}
    forward = {edge: edge if rank[edge[0]] < rank[edge[1]] else edge[::-1] for edge in kept}
    depth = _depths(order, forward.values())
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        layers[depth[node]].append(node)
    before: defaultdict[str, list[str]] = defaultdict(list)
    after: defaultdict[str, list[str]] = defaultdict(list)
    paths = {}
    bends = sum(depth[last] - depth[first] - 1 for first, last in forward.values())
    for number, (edge, (first, last)) in enumerate(forward.items()):
        path = [first]
        for layer in range(depth[first] + 1, depth[last]) if bends <= _BENDS else ():
            path.append(f"\0{number}:{layer}")  # no id of a task begins so
            layers[layer].append(path[-1])
        path.append(last)
        for one, other in pairwise(path):
            if bends <= _BENDS or depth[other] == depth[one] + 1:
                after[one].append(other)
                before[other].append(one)
        paths[edge] = tuple(path)
    return Layers(tuple(map(tuple, layers)), before, after, paths)


def _order(nodes: Sequence[str], edges: Iterable[Edge]) -> list[str]:
    """Return the nodes so that as many edges as there is no cycle for lead forward."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for first, last in edges:
        after[first].append(last)
    done: dict[str, None] = {}
    begun: set[str] = set()
    for root in nodes:
        stack = [(root, iter(after[root]))] if root not in begun else []
        begun.add(root)
        while stack:
            node, rest = stack[-1]
            fresh = next((other for other in rest if other not in begun), None)
            if fresh is None:
                done[node] = None
                stack.pop()
            else:
                begun.add(fresh)
                stack.append((fresh, iter(after[fresh])))
    return list(reversed(done))


def _depths(order: Sequence[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Return the layer of each node: behind all before it, and sources right before their next."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    depth = dict.fromkeys(order, 0)
    fed = set()
    for first, last in edges:
        after[first].append(last)
        fed.add(last)
    for node in order:
        for other in after[node]:
            depth[other] = max(depth[other], depth[node] + 1)
    for node in order:
        if node not in fed and after[node]:
            depth[node] = min(depth[other] for other in after[node]) - 1
    return depth
