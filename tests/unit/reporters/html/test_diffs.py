"""Changed DAGs on the page: both states, and the changes."""

from dataclasses import replace

import pytest
from fixtures.markup import read
from fixtures.reports import diff, shape

from dagproof.model import DagDiff, DagShape, Fate, Report, Severity, ShapeChange, TaskShape
from dagproof.reporters.html.diffs import diffs

BEFORE = DagShape(
    "x", tasks=(TaskShape("a"), TaskShape("b", "@task", ("a",)), TaskShape("c", "", ("b",)))
)
AFTER = DagShape(
    "x",
    tasks=(
        TaskShape("a"),
        TaskShape("b", "@task", ("a",), mapped=True),
        TaskShape("d", "", ("a",)),
    ),
)


def shown(*changed):
    return read(diffs(Report(diffs=changed)))


def boxes(figure):
    return {box.all("text")[0].text: box for box in figure.classed("box")}


def test_tasks_are_marked_by_what_became_of_them():
    before, after = shown(DagDiff("x", Fate.CHANGED, BEFORE, AFTER)).all("figure")
    assert {name: box.attributes["class"] for name, box in boxes(before).items()} == {
        "a": "box off", "~ b": "box warn", "\N{MINUS SIGN} c": "box bad",
    }  # fmt: skip
    assert {name: box.attributes["class"] for name, box in boxes(after).items()} == {
        "a": "box off", "~ b": "box warn", "+ d": "box ok",
    }  # fmt: skip
    assert boxes(after)["~ b"].all("text")[1].text == "@task [mapped]"


def test_tasks_of_both_states_stand_at_the_same_place():
    before, after = shown(DagDiff("x", Fate.CHANGED, BEFORE, AFTER)).all("figure")
    for name in ("a", "~ b"):
        places = {boxes(side)[name].attributes["transform"] for side in (before, after)}
        assert len(places) == 1


def test_lines_that_come_and_go_are_marked():
    before, after = shown(DagDiff("x", Fate.CHANGED, BEFORE, AFTER)).all("figure")
    assert [one.attributes["class"] for one in before.all("path")] == ["edge", "edge gone"]
    assert [one.attributes["class"] for one in after.all("path")] == ["edge", "edge come"]


def test_other_fields_make_a_task_a_changed_one():
    changed = replace(BEFORE, tasks=(TaskShape("a", fields={"retries": "1"}), *BEFORE.tasks[1:]))
    _, after = shown(DagDiff("x", Fate.CHANGED, BEFORE, changed)).all("figure")
    assert "~ a" in boxes(after)
    assert "b" in boxes(after)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (DagDiff("x", Fate.ADDED, None, AFTER), "x added"),
        (DagDiff("x", Fate.REMOVED, BEFORE, None), "x removed"),
        (DagDiff("x", Fate.RENAMED, replace(BEFORE, dag_id="old"), AFTER), "x renamed was old"),
        (DagDiff("x", Fate.CHANGED, None, None), "x changed"),
        (DagDiff("x", Fate.CHANGED, DagShape("x"), DagShape("x")), "x changed"),
    ],
)
def test_fate_is_told(changed, said):
    page = shown(changed)
    assert page.one("summary").text.strip() == said
    drawn = sum(bool(side and side.tasks) for side in (changed.before, changed.after))
    assert len(page.all("figure")) == drawn


def test_changes_are_told_with_their_harm():
    page = shown(diff())
    assert [cell.text for cell in page.all("td")] == [
        "warning", "tasks.fit.retries",
        "fit is not retried any moreA lost connection fails the run.",
        "3", "0", "note", "tags", "The tags are others", "", "taxi",
    ]  # fmt: skip
    assert page.one("h2").text == "Changed DAGs1 DAG differs"
    assert [one.text for one in page.one("summary").classed("m")] == ["taxi changed", "warning"]


def test_harmful_changes_are_open_and_others_are_closed_behind_the_second():
    harmless = DagDiff("x", Fate.CHANGED, None, None)
    harmful = replace(harmless, changes=(ShapeChange("a", "", "", "m", Severity.ERROR),))
    cards = shown(harmless, harmless, harmless, harmful).classed("card")
    assert ["open" in card.attributes for card in cards] == [True, True, False, True]


def chain(number, changed=(), last=True):
    """Return a DAG of tasks one behind the other, some of them with another field."""
    tasks = (
        TaskShape(
            f"t{at}", upstream=(f"t{at - 1}",) if at else (), fields={"x": str(at in changed)}
        )
        for at in range(number)
    )
    return DagShape("x", tasks=tuple(tasks) if last else tuple(tasks)[:-1])


def test_of_a_large_dag_what_changed_and_its_neighbours_are_drawn():
    page = shown(DagDiff("x", Fate.CHANGED, chain(20), chain(20, changed={7})))
    _, after = page.all("figure")
    assert list(boxes(after)) == ["t6", "~ t7", "t8"]
    assert page.classed("legend")[0].text == "changed17 other tasks not drawn"


def test_tasks_at_the_ends_of_changed_edges_are_drawn():
    page = shown(DagDiff("x", Fate.CHANGED, chain(20), chain(20, last=False)))
    before, after = page.all("figure")
    assert list(boxes(before)) == ["t17", "t18", "\N{MINUS SIGN} t19"]
    assert list(boxes(after)) == ["t17", "t18"]
    moved = chain(20)
    moved = replace(moved, tasks=(*moved.tasks[:-1], replace(moved.tasks[-1], upstream=("t3",))))
    _, after = shown(DagDiff("x", Fate.CHANGED, chain(20), moved)).all("figure")
    assert list(boxes(after)) == ["t2", "t3", "t4", "t17", "t18", "t19"]


def test_large_dag_whose_tasks_are_the_same_is_not_drawn():
    assert not shown(DagDiff("x", Fate.CHANGED, chain(15), chain(15))).all("figure")
    assert len(shown(DagDiff("x", Fate.CHANGED, chain(14), chain(14))).all("figure")) == 2


def test_large_dag_that_is_new_is_drawn_whole():
    (after,) = shown(DagDiff("x", Fate.ADDED, None, chain(20))).all("figure")
    assert len(boxes(after)) == 20


def test_wide_pictures_stand_one_below_the_other():
    assert shown(DagDiff("x", Fate.CHANGED, chain(3), chain(3))).classed("pair")
    assert not shown(DagDiff("x", Fate.CHANGED, chain(9), chain(9))).classed("pair")


def test_groups_are_closed_where_tasks_are_many():
    tasks = tuple(TaskShape(f"g.t{at}") for at in range(60))
    before = DagShape("x", tasks=tasks)
    after = DagShape("x", tasks=tuple(replace(task, mapped=True) for task in tasks))
    first, second = shown(DagDiff("x", Fate.CHANGED, before, after)).all("figure")
    assert list(boxes(first)) == list(boxes(second)) == ["~ g ▸"]
    assert first.classed("sub")[0].text == "60 tasks"
    mixed = DagShape("x", tasks=(*after.tasks[:-1], TaskShape("g.more")))
    _, second = shown(DagDiff("x", Fate.CHANGED, before, mixed)).all("figure")
    assert list(boxes(second)) == ["~ g ▸"]


def test_many_dags_are_counted_and_not_all_are_drawn():
    page = shown(*[DagDiff("x", Fate.ADDED, None, shape())] * 305)
    assert len(page.classed("card")) == 300
    assert len(page.all("figure")) == 60
    assert "5 more DAGs in report.json." in page.text
    changes = replace(diff(), changes=diff().changes * 60)
    assert "20 more changes in report.json." in shown(changes).text
