"""Pictures of DAGs: boxes, lines, labels."""

from fixtures.markup import read

from dagproof.model import DagShape, TaskShape
from dagproof.reporters.characters import cells
from dagproof.reporters.html.grouping import by_box, edges_of, owners
from dagproof.reporters.html.picture import Box, arranged, cut, drawn, in_rows

BOXES = {"a": Box("load", "1.0 s", "✓", "ok", "load: 1 success"), "b": Box("fit")}


def test_box_has_mark_name_note_class_and_title():
    layout = arranged(BOXES, [("a", "b")])
    page = read(drawn("Tasks of taxi", BOXES, layout))
    first, second = page.classed("box")
    assert first.attributes["class"] == "box ok"
    assert [text.text for text in first.all("text")] == ["✓ load", "1.0 s"]
    assert first.one("title").text == "load: 1 success"
    assert [text.text for text in second.all("text")] == ["fit"]
    assert page.one("svg").attributes["aria-label"] == "Tasks of taxi"


def test_line_ends_in_a_head_that_points_along_it():
    path = read(drawn("x", BOXES, arranged(BOXES, [("a", "b")]))).one("path")
    assert path.attributes["d"] == "M96 21H144m-6-4l6 4l-6 4"
    back = read(drawn("x", BOXES, arranged(BOXES, [("a", "b"), ("b", "a")]))).one("path")
    assert back.attributes["d"].endswith("M144 21H96m6-4l-6 4l6 4")


def test_line_bends_where_heights_differ():
    boxes = BOXES | {"c": Box("more")}
    path = read(drawn("x", boxes, arranged(boxes, [("a", "b"), ("a", "c")]))).one("path")
    assert path.attributes["d"].count("C") == 2


def test_lines_of_a_kind_are_one_path_and_those_without_are_left_out():
    boxes = BOXES | {"c": Box("more")}
    layout = arranged(boxes, [("a", "b"), ("b", "c"), ("a", "c")])
    kinds = {("a", "b"): "edge", ("b", "c"): "edge", ("a", "c"): ""}
    (path,) = read(drawn("x", boxes, layout, kinds.__getitem__)).all("path")
    assert path.attributes["d"].count("M") == 2


def test_boxes_without_order_stand_in_rows():
    boxes = {str(at): Box(str(at)) for at in range(7)}
    layout = in_rows(boxes)
    assert len({y for _, y in layout.places.values()}) == 2
    assert len(set(layout.places.values())) == 7
    assert in_rows({}).width == 0


def test_long_label_has_its_two_ends():
    assert cut("short") == "short"
    label = cut("transform_all_of_the_trips_of_one_month")
    assert label.startswith("transform_al")
    assert label.endswith("one_month")
    assert "…" in label
    assert cells(label) <= 26
    assert cells(cut("漢" * 40)) <= 26
    assert cut("a\nb\0") == r"a b\x00"


def test_every_task_has_a_box_where_there_are_few():
    assert owners(["a", "g.b"]) == {"a": "a", "g.b": "g.b"}


def test_groups_are_closed_deepest_first_until_the_picture_is_small():
    ids = [f"g{at % 2}.inner.t{at}" for at in range(50)] + ["g0.alone", "top"]
    owned = owners(ids)
    assert owned["g0.inner.t0"] == "g0.inner."
    assert owned["g0.alone"] == "g0.alone"
    assert owned["top"] == "top"
    assert by_box(["g0.inner.t0", "g0.inner.t2"], owned) == {
        "g0.inner.": ["g0.inner.t0", "g0.inner.t2"]
    }
    flat = [f"g{at}.h.t{more}" for at in range(30) for more in "ab"]
    assert set(owners([*flat, *(f"g{at}.x" for at in range(30))]).values()) == {
        f"g{at}." for at in range(30)
    }


def test_lines_lead_from_box_to_box_once():
    tasks = (
        TaskShape("a"),
        TaskShape("g.b", upstream=("a", "gone")),
        TaskShape("g.c", upstream=("a", "g.b")),
    )
    owned = {"a": "a", "g.b": "g.", "g.c": "g."}
    assert edges_of(DagShape("x", tasks=tasks), owned) == [("a", "g.")]


def test_lines_of_a_large_dag_are_all_there():
    boxes = {str(at): Box(str(at)) for at in range(200)}
    page = read(drawn("x", boxes, arranged(boxes, [(str(at), str(at + 1)) for at in range(199)])))
    assert page.one("path").attributes["d"].count("M") == 199
