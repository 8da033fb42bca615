"""Random repositories: what is affected is what can be reached."""

import os
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

_FORMS = (
    "import {name}",
    "from {name} import x",
    "def f():\n    import {name}",
    "def f():\n    from {name} import *",
    "import importlib\nimportlib.import_module('{name}')",
    "try:\n    import {name} as other\nexcept ImportError:\n    pass",
)


@st.composite
def graphs(draw):
    """Return which of some modules imports which, in what words, and which are DAG files."""
    size = draw(st.integers(2, 9))
    numbers = st.integers(0, size - 1)
    edges = draw(st.sets(st.tuples(numbers, numbers), max_size=3 * size))
    dags = draw(st.sets(numbers, min_size=1))
    folders = draw(
        st.lists(st.sampled_from(["", "a.", "a.b.", "c."]), min_size=size, max_size=size)
    )
    forms = draw(st.lists(st.sampled_from(_FORMS), min_size=len(edges), max_size=len(edges)))
    changed = draw(st.sets(numbers, max_size=3))
    return size, sorted(edges), dags, folders, forms, changed


def _reachable(start, edges):
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for source, target in edges:
            if source == here and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_impact_is_reachability(new_repository, graph):
    size, edges, dags, folders, forms, changed = graph
    repository = new_repository()
    names = [f"{folder}m{number}" for number, folder in enumerate(folders)]
    paths = [f"dags/{name.replace('.', '/')}.py" for name in names]
    for number in range(size):
        lines = [
            form.format(name=names[target])
            for (source, target), form in zip(edges, forms, strict=True)
            if source == number
        ]
        # The form imports modules of packages without `__init__.py`, which runs nothing else.
        text = "\n".join(lines)
        if number in dags:
            repository.dag(paths[number], text)
        else:
            repository.file(paths[number], text)

    found = repository.impact(*(paths[number] for number in sorted(changed)))

    root = repository.root
    affected = {os.path.relpath(Path(one.path).absolute(), root) for one in found.affected}
    reached = {number: _reachable(number, edges) for number in dags}
    assert affected == {paths[number] for number in dags if reached[number] & changed}
    idle = {os.path.relpath(Path(one).absolute(), root) for one in found.idle}
    assert idle == {paths[n] for n in changed if not any(n in every for every in reached.values())}
    for one in found.affected:
        _check_chain(one, root, names, paths, edges)


def _check_chain(one, root, names, paths, edges):
    """Every step of the chain is an edge, and the last one leads to the changed file."""
    where = [os.path.relpath(Path(step.span.path).absolute(), root) for step in one.chain]
    where.append(os.path.relpath(Path(one.changed).absolute(), root))
    assert where[0] == os.path.relpath(Path(one.path).absolute(), root)
    for before, after in pairwise(where):
        assert (paths.index(before), paths.index(after)) in edges
