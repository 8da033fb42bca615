"""Pictures of graphs: everything has a place, nothing overlaps, the same graph looks the same."""

import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.reporters.html.layers import layered
from dagproof.reporters.html.layout import HEIGHT, laid_out

NODES = st.lists(st.integers(0, 30).map(str), unique=True, max_size=16)
EDGES = st.lists(st.tuples(st.integers(0, 30).map(str), st.integers(0, 30).map(str)), max_size=40)


def widths(*nodes):
    return dict.fromkeys(nodes, 100.0)


def test_chain_runs_from_left_to_right_on_one_line():
    layout = laid_out(widths("a", "b", "c"), [("a", "b"), ("b", "c")])
    assert [layout.places[node] for node in "abc"] == [(0, 0), (148, 0), (296, 0)]
    assert layout.routes["a", "b"] == ((100, 21), (148, 21))
    assert (layout.width, layout.height) == (396, 42)


def test_nothing_has_no_size():
    assert laid_out({}, [("a", "b")]).places == {}


def test_node_stands_between_its_neighbours():
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    layout = laid_out(widths(*"abcd"), edges)
    middle = (layout.places["b"][1] + layout.places["c"][1]) / 2
    assert layout.places["a"][1] == layout.places["d"][1] == middle


def test_edges_that_need_not_cross_do_not():
    edges = [("a", "y"), ("b", "x")]
    layout = laid_out(widths("a", "b", "x", "y"), edges)
    over = layout.places["a"][1] < layout.places["b"][1]
    assert over == (layout.places["y"][1] < layout.places["x"][1])


def test_long_edge_passes_beside_the_nodes_between():
    layout = laid_out(widths(*"abc"), [("a", "b"), ("b", "c"), ("a", "c")])
    left, top = layout.places["b"]
    bend = [y for x, y in layout.routes["a", "c"] if left <= x <= left + 100]
    assert len(bend) == 2
    assert all(not top <= y <= top + HEIGHT for y in bend)


def test_line_leaves_its_column_before_it_bends():
    layout = laid_out({"a": 50.0, "b": 100.0, "c": 100.0}, [("a", "c"), ("b", "c")])
    (start, corner, _), y = layout.routes["a", "c"], layout.places["a"][1] + HEIGHT / 2
    assert (start, corner) == ((50, y), (100, y))
    assert len(layout.routes["b", "c"]) == 2


def test_source_stands_right_before_what_it_feeds():
    graph = layered("abcd", [("a", "b"), ("b", "c"), ("d", "c")])
    assert graph.layers == (("a",), ("b", "d"), ("c",))


def test_edge_of_a_cycle_leads_back():
    layout = laid_out(widths("a", "b"), [("a", "b"), ("b", "a")])
    assert layout.routes["a", "b"] == ((100, 21), (148, 21))
    assert layout.routes["b", "a"] == ((148, 21), (100, 21))


def test_edges_to_nowhere_and_to_oneself_are_left_out():
    assert laid_out(widths("a"), [("a", "a"), ("a", "gone"), ("gone", "a")]).routes == {}


def test_edges_go_straight_where_too_many_are_long():
    nodes = [f"n{at}" for at in range(120)]
    edges = [*pairwise(nodes), *((nodes[0], node) for node in nodes[2:])]
    assert all(len(path) == 2 for path in layered(nodes, edges).paths.values())
    assert len(laid_out(widths(*nodes), edges).routes) == len(edges)


@given(NODES, EDGES)
@settings(max_examples=200, deadline=None)
def test_any_graph_is_laid_out_without_overlap(nodes, edges):
    layout = laid_out(widths(*nodes), edges)
    assert layout == laid_out(widths(*nodes), edges)
    assert set(layout.places) == set(nodes)
    kept = {edge for edge in edges if edge[0] != edge[1] and {*edge} <= {*nodes}}
    assert set(layout.routes) == kept
    places = list(layout.places.values())
    for at, (x, y) in enumerate(places):
        assert 0 <= x <= layout.width - 100
        assert -1e-6 <= y <= layout.height - HEIGHT + 1e-6
        for other_x, other_y in places[at + 1 :]:
            assert x != other_x or abs(y - other_y) > HEIGHT


def test_a_thousand_tasks_are_laid_out_within_seconds():
    nodes = [str(at) for at in range(1_000)]
    edges = [(str(at // 3), str(at)) for at in range(1, 1_000)]
    began = time.perf_counter()
    laid_out(widths(*nodes), edges)
    assert time.perf_counter() - began < 10
