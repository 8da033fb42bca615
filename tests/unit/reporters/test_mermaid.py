"""Flowcharts that Mermaid draws, whatever tasks are called."""

import re

import pytest
from fixtures.reports import diff, run, shape
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import DagDiff, DagOutcome, DagShape, Fate, TaskOutcome, TaskShape
from dagproof.reporters.mermaid import (
    MOST_CHARACTERS,
    MOST_EDGES,
    Box,
    diff_charts,
    flowchart,
    run_chart,
)

LABEL = r'"[^"`\n<>&;]*(?:#\d+;[^"`\n<>&;]*)*"'
LINE = re.compile(rf"  (?:t\d+\[{LABEL}\](?::::\w+)?|t\d+ --> t\d+|classDef \w+ [\w:#,-]+)")


def test_run_is_drawn_with_its_states():
    assert run_chart(shape(), run()).splitlines() == [
        "flowchart LR",
        '  t0["✓ download (x2)"]:::success',
        '  t1["✗ fit"]:::failed',
        '  t2["· register"]:::upstream',
        "  t0 --> t1",
        "  t1 --> t2",
        "  classDef success fill:#1a7f37,stroke:#116329,color:#ffffff",
        "  classDef failed fill:#cf222e,stroke:#a40e26,color:#ffffff",
        "  classDef upstream fill:#fff8c5,stroke:#9a6700,color:#24292f,stroke-dasharray:4",
    ]


@pytest.mark.parametrize(
    ("states", "mark"),
    [
        (("success", "success"), "✓"),
        (("success", "failed"), "✗"),
        (("skipped", "success"), "○"),
        (("success", "upstream_failed", "skipped"), "·"),
        (("deferred", "success"), "…"),
        (("up_for_retry",), "…"),
    ],
)
def test_box_of_mapped_instances_has_their_worst_state(states, mark):
    tasks = tuple(TaskOutcome("a", n, state, 1, 0.0) for n, state in enumerate(states))
    drawn = run_chart(DagShape("d", tasks=(TaskShape("a"),)), DagOutcome("d", "r", "x", tasks, 1.0))

    assert f'["{mark} a' in drawn


def test_task_that_never_ran_has_no_mark():
    drawn = run_chart(DagShape("d", tasks=(TaskShape("a"),)), DagOutcome("d", "r", "x", (), 1.0))

    assert '  t0["a"]:::other' in drawn


def test_both_states_of_a_dag_are_drawn_with_what_differs():
    before, after = diff_charts(diff())

    assert '["✎ download [mapped]"]:::changed' in before.replace("\N{LOWER RIGHT PENCIL}", "✎")
    assert '["fit"]\n' in after


def test_tasks_that_came_and_went_are_marked():
    old = DagShape("d", tasks=(TaskShape("a"), TaskShape("b", upstream=("a",))))
    new = DagShape("d", tasks=(TaskShape("a"), TaskShape("c", upstream=("a",))))
    before, after = diff_charts(DagDiff("d", Fate.CHANGED, old, new))

    assert '["\N{HEAVY MINUS SIGN} b"]:::removed' in before
    assert '["\N{HEAVY PLUS SIGN} c"]:::added' in after
    assert '["a"]\n' in before


def test_new_dag_has_no_picture_of_before():
    before, after = diff_charts(DagDiff("d", Fate.ADDED, None, shape()))

    assert before == ""
    assert after.count(":::added") == 3


@given(st.text(st.characters(codec=None)))
def test_no_label_breaks_out_of_its_box(words):
    first, *lines = flowchart([Box("a", words, "added"), Box("b", words)], [("a", "b")]).split("\n")

    assert first == "flowchart LR"
    assert len(lines) == 4
    assert all(LINE.fullmatch(line) for line in lines)


@pytest.mark.parametrize("label", ["- x", "+ x", "1. x", "`x`", "<b>", '"', "a#quot;b", "end", "]"])
def test_labels_that_mermaid_would_read_are_escaped(label):
    [_, line] = flowchart([Box("a", label)], []).split("\n")

    assert LINE.fullmatch(line)
    assert "`" not in line


def test_edges_of_unknown_tasks_are_left_out():
    assert "-->" not in flowchart([Box("a", "a")], [("a", "b"), ("c", "a")])


def test_nothing_to_draw_is_no_chart():
    assert flowchart([], []) == ""


@pytest.mark.parametrize(("number", "drawn"), [(MOST_EDGES, True), (MOST_EDGES + 1, False)])
def test_too_many_edges_are_not_drawn(number, drawn):
    assert bool(flowchart([Box("a", "a")], [("a", "a")] * number)) is drawn


def test_too_long_a_chart_is_not_drawn():
    boxes = [Box(str(number), "x" * 50) for number in range(900)]

    assert flowchart(boxes, []) == ""
    assert 0 < len(flowchart(boxes[:700], [])) <= MOST_CHARACTERS
