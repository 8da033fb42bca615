"""docs/reliability.md has a row for each promise that a test keeps, and no other."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.promises import (
    BEGIN,
    END,
    HEAD,
    PAGE,
    PROMISES,
    Measured,
    Promise,
    keys,
    row,
    rows_of,
    write,
)

TESTS = Path(__file__).parents[1] / "integration" / "faults"
SEEN = Measured("mlflow:down", "taxi", "failed", 4.2, 3, 6, 0, 0)


def strings_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_each_promise_is_kept_by_a_test_and_each_test_keeps_one():
    named = set().union(*map(strings_of, TESTS.glob("test_promises_*.py")))
    assert {promise.name for promise in PROMISES} <= named
    calls = [
        node.args[0]
        for path in TESTS.glob("test_promises_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "promise"
    ]
    assert calls
    literal = {call.value for call in calls if isinstance(call, ast.Constant)}
    assert literal <= {promise.name for promise in PROMISES}


def test_the_page_has_a_row_for_each_promise_in_order():
    assert list(rows_of(PAGE.read_text(encoding="utf-8"))) == keys()


def test_no_two_rows_promise_the_same_of_one_pipeline():
    assert len(set(keys())) == len(keys())


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"# Before\n\n{BEGIN}\n{END}\n\nAfter.\n", encoding="utf-8")
    return path


def test_what_is_measured_replaces_its_row_and_nothing_else(page):
    first, second = PROMISES[2], PROMISES[4]
    write(second, replace(SEEN, pipeline="iris"), page)
    write(first, SEEN, page)
    write(first, replace(SEEN, seconds=7.0), page)
    assert page.read_text(encoding="utf-8").splitlines() == [
        "# Before",
        "",
        BEGIN,
        *HEAD,
        row(first, replace(SEEN, seconds=7.0)),
        row(second, replace(SEEN, pipeline="iris")),
        END,
        "",
        "After.",
    ]


@pytest.mark.parametrize(
    ("seconds", "hits", "said"),
    [(0.3, 9, "| 5 s | 3 | 9 |"), (11, 36, "| 20 s | 3 | ≈ 40 |"), (999, 10, "| minutes | 3 |")],
)
def test_figures_are_rounded_so_that_they_stay_the_same(seconds, hits, said):
    told = row(Promise("p", "says", ("taxi",)), replace(SEEN, seconds=seconds, hits=hits))
    assert said in told
    assert told.startswith("| says | taxi | `mlflow:down` | failed |")
