"""Imports on the page: what they cost and did."""

from dataclasses import replace

import pytest
from fixtures.markup import read
from fixtures.reports import span, trace
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import Crash, Effect, Ending, ImportTrace, Kind, ModuleCost, Report
from dagproof.reporters.html.costs import flame, treemap
from dagproof.reporters.html.imports import imports
from dagproof.reporters.html.treemap import tiled


def costs(*modules, path="dag.py", seconds=10.0):
    return ImportTrace(path, dag_ids=("x",), seconds=seconds, modules=modules)


def cells(markup):
    """Return name, left, top and width of each rectangle."""
    return [
        (one.all("text")[0].text, one.attributes["x"], one.attributes["y"], one.attributes["width"])
        for one in read(markup).all("svg")[1:]
    ]


@given(st.lists(st.floats(0.001, 1_000), min_size=1, max_size=40))
def test_tiles_cover_the_whole_and_each_has_its_share(shares):
    ranked = sorted(shares, reverse=True)
    tiles = tiled(ranked, 900, 300)
    for share, tile in zip(ranked, tiles, strict=True):
        assert tile.width * tile.height == pytest.approx(share / sum(shares) * 270_000, rel=1e-6)
        assert -1e-6 <= tile.x <= 900 - tile.width + 1e-6
        assert -1e-6 <= tile.y <= 300 - tile.height + 1e-6


def test_tiles_do_not_overlap():
    tiles = tiled([6, 6, 4, 3, 2, 2, 1], 600, 400)
    for at, one in enumerate(tiles):
        for other in tiles[at + 1 :]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(wide, high) < 1e-6


def test_nothing_has_no_tiles():
    assert tiled([], 10, 10) == []


def test_libraries_are_summed_over_files():
    one = costs(ModuleCost("pandas", 3, 1), ModuleCost("pandas.core", 2, 2))
    other = costs(ModuleCost("pandas", 1, 1), ModuleCost("numpy", 4, 1), path="other.py")
    page = treemap([one, other])
    assert [(name, width) for name, _, _, width in cells(page)] == [
        ("pandas", "80.00%"), ("numpy", "20.00%"),
    ]  # fmt: skip
    assert [one.text for one in read(page).all("title")] == [
        "pandas: 4.00 s, 2 files", "numpy: 1.00 s, 1 file",
    ]  # fmt: skip


def test_small_libraries_are_put_together():
    many = [ModuleCost(f"lib{at:02}", 1, 1.0 + (at == 0)) for at in range(43)]
    names = [one.text for one in read(treemap([costs(*many)])).all("title")]
    assert names[:2] == ["3 others: 3.00 s, together", "lib00: 2.00 s, 1 file"]
    assert len(names) == 41
    one_more = [one.text for one in read(treemap([costs(*many[:41])])).all("title")]
    assert "lib40: 1.00 s, 1 file" in one_more


def test_free_imports_have_no_map():
    assert treemap([costs(ModuleCost("free", 0, 0))]) == ""
    assert flame(costs()) == ""


def test_module_stands_below_the_one_that_imports_it():
    page = flame(
        costs(
            ModuleCost("pandas", 6, 1, ("dag.py",)),
            ModuleCost("numpy", 4, 4, ("dag.py", "pandas")),
            ModuleCost("six", 2, 2, ("dag.py", "gone")),
        )
    )
    assert cells(page) == [
        ("pandas", "0.00%", "0", "60.00%"),
        ("six", "60.00%", "0", "20.00%"),
        ("numpy", "0.00%", "24", "40.00%"),
    ]
    assert read(page).all("title")[0].text == "pandas: 6.00 s, 1.00 s of its own"


def test_module_is_never_wider_than_its_importer():
    page = flame(costs(ModuleCost("a", 2, 1, ("f",)), ModuleCost("b", 9, 9, ("f", "a")), seconds=4))
    assert [cell[3] for cell in cells(page)] == ["50.00%", "50.00%"]


def test_narrow_modules_and_those_beyond_the_36th_are_left_out():
    assert len(cells(flame(costs(*(ModuleCost(f"m{at}", 0.2, 0.2) for at in range(45)))))) == 36
    assert flame(costs(ModuleCost("m", 0.1, 0.1))) == ""


def test_module_that_names_itself_is_no_endless_chain():
    assert len(cells(flame(costs(ModuleCost("a", 5, 5, ("f", "a")))))) == 1


def test_files_are_failed_first_then_most_expensive():
    page = read(
        imports(
            Report(
                imports=(
                    costs(path="cheap.py", seconds=1.0),
                    costs(path="dear.py", seconds=4.0),
                    ImportTrace("gone.py", Ending.TIMED_OUT),
                    ImportTrace("kept_out.py", skipped="safe-mode", seconds=100.0),
                )
            )
        )
    )
    files = page.classed("line")
    assert [one.all("code")[0].text for one in files] == ["gone.py", "dear.py", "cheap.py"]
    assert files[0].classed("m")[0].text == "timed out"
    assert [one.one("rect").attributes["width"] for one in files] == ["0.0%", "100.0%", "25.0%"]
    assert page.one("h2").text == "Imports3 files, 5.00 s of CPU time without Airflow itself"
    assert "kept_out.py" in page.all("details")[-1].text


def test_file_of_which_nothing_is_to_be_told_cannot_be_opened():
    page = read(imports(Report(imports=(ImportTrace("x.py"),))))
    assert page.classed("line")[0].name == "div"
    assert page.one("rect").attributes["width"] == "0%"


def test_all_that_an_import_did_is_told():
    seen = replace(trace(), crash=Crash("signal SIGSEGV", span(), stack="Fatal Python error"))
    text = read(imports(Report(imports=(seen,)))).text
    for words in (
        "ImportError dags/taxi/dag.py:12:5", "x cannot be serialized", "no module", "Traceback",
        "signal SIGSEGV.", "Fatal Python error", "socket.connect", "host:443", "sys.path",
        "now has /opt/lib", "tasks.fit.retries", "1 effect, 1 difference",
    ):  # fmt: skip
        assert words in text


def test_effects_say_what_was_refused_and_what_python_did_not_see():
    effect = Effect(Kind.NETWORK, "connect", "h", span(), refused=True, native=True)
    page = imports(Report(imports=(ImportTrace("x.py", effects=(effect,) * 45),)))
    assert "refused, native" in page
    assert "5 more effects in report.json." in page


def test_refusal_behind_a_failure_is_told():
    failure = replace(trace().errors[0], caused=True, traceback="", dag_id="")
    shown = read(imports(Report(imports=(ImportTrace("x.py", errors=(failure,)),)))).classed(
        "error"
    )
    assert "a refusal of the audit is behind it" in shown[0].text
    assert not shown[0].all("details")
