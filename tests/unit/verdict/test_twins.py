"""What was read and seen is told once, and what was only seen says so."""

from dataclasses import replace

import pytest

from dagproof.model import Edit, Related, Severity, Span
from dagproof.verdict.twins import merge, twin

ALONE = "it happens; reading the source could not tell"


def step(path, line):
    return Related(Span(path, line, 1, line, 9), "called here")


def told(findings):
    return [
        (found.code, found.span.path, found.span.line, found.also, found.message)
        for found in findings
    ]


@pytest.mark.parametrize("number", range(1, 11))
def test_each_effect_has_one_code_for_each_kind_of_evidence(number):
    assert twin(f"DP1{number:02}") == f"DP2{number:02}"
    assert twin(f"DP2{number:02}") == f"DP1{number:02}"


def test_slow_import_is_the_twin_of_a_heavy_one_and_others_have_none():
    assert (twin("DP112"), twin("DP223")) == ("DP223", "DP112")
    assert [twin(code) for code in ("DP100", "DP111", "DP113", "DP200", "DP211")] == [None] * 5


def test_what_was_read_and_seen_is_told_once(finding):
    edit = Edit(Span("dags/a.py", 1, 1, 1, 2), "")
    read = finding("DP102", line=3, edits=(edit,), related=(step("dags/x.py", 1),))

    [one] = merge([read], [finding("DP202", line=3)])

    assert told([one]) == [("DP102", "dags/a.py", 3, ("DP202",), "it happens")]
    assert (one.edits, one.related) == (read.edits, read.related)
    assert one.detail == "it happens"


def test_message_and_detail_of_what_was_seen_stand_below(finding):
    read = finding("DP112", detail="read")
    seen = finding("DP223", detail="own  cumulative\n0.1  0.2")

    [one] = merge([read], [seen])

    assert one.detail == "read\nit happens\nown  cumulative\n0.1  0.2"


@pytest.mark.parametrize(
    ("read", "seen", "together"),
    [
        ((3, 5), (3, 3), True),
        ((3, 5), (5, 7), True),
        ((3, 5), (1, 3), True),
        ((3, 5), (4, 4), True),
        ((4, 4), (3, 5), True),
        ((3, 5), (6, 6), False),
        ((3, 5), (2, 2), False),
    ],
)
def test_twins_overlap(finding, read, seen, together):
    one = finding("DP102", line=read[0], end_line=read[1])
    other = finding("DP202", line=seen[0], end_line=seen[1])

    [found] = merge([one], [other])

    assert found.also == (("DP202",) if together else ())
    assert found.code == ("DP102" if together else "DP202")


def test_twins_are_of_one_file(finding):
    assert told(merge([finding("DP102")], [finding("DP202", path="dags/b.py")])) == [
        ("DP202", "dags/b.py", 1, (), ALONE)
    ]


def test_twins_are_of_one_kind(finding):
    [found] = merge([finding("DP102")], [finding("DP203")])

    assert (found.code, found.also) == ("DP203", ())


def test_place_on_the_way_counts(finding):
    outer, inner = step("dags/a.py", 9), finding("DP202", path="plugins/b.py", line=4)
    read_inside = finding("DP102", path="plugins/b.py", line=4, related=(outer,))
    seen_inside = finding("DP202", path="plugins/b.py", line=4, related=(outer,))

    assert told(merge([read_inside], [finding("DP202", line=9)]))[0][3] == ("DP202",)
    assert told(merge([finding("DP102", line=9)], [seen_inside]))[0][3] == ("DP202",)
    assert told(merge([finding("DP102", line=9)], [inner]))[0][4] == ALONE
    assert told(merge([read_inside], [finding("DP202", line=8)]))[0][4] == ALONE
    assert told(merge([read_inside], [finding("DP202", path="dags/b.py", line=9)]))[0][4] == ALONE


def test_way_does_not_count_for_what_an_import_costs(finding):
    read = finding("DP112", path="plugins/b.py", related=(step("dags/a.py", 9),))

    [found] = merge([read], [finding("DP223", line=9)])

    assert (found.code, found.also) == ("DP223", ())


def test_nearest_place_is_the_twin(finding):
    around = finding("DP102", line=3, end_line=9)
    wide = finding("DP102", line=4, end_line=8)
    exact = finding("DP102", line=5)
    on_the_way = finding("DP102", path="plugins/b.py", related=(step("dags/a.py", 5),))

    def chosen(*read, line=5, end_line=5):
        [found] = merge(read, [finding("DP202", line=line, end_line=end_line)])
        return found.span

    assert chosen(on_the_way, around, wide, exact) == exact.span
    assert chosen(on_the_way, around, wide, exact, line=3, end_line=9) == around.span
    assert chosen(on_the_way, around, wide, exact, line=3, end_line=8) == around.span
    assert chosen(on_the_way, around, wide) == wide.span
    assert chosen(on_the_way, around) == around.span
    assert chosen(on_the_way) == on_the_way.span


def test_calls_on_one_line_are_told_apart_by_their_columns(finding):
    first = finding("DP102")
    second = replace(first, span=replace(first.span, column=7, end_column=9))

    [found] = merge([first, second], [replace(finding("DP202"), span=second.span)])

    assert found.span == second.span


def test_several_that_were_seen_at_one_place_collapse(finding):
    read = finding("DP102", line=3, end_line=6)

    [one] = merge([read], [finding("DP202", line=3), finding("DP202", line=5)])

    assert one.also == ("DP202",)
    assert one.detail == "it happens"


def test_graver_severity_counts(finding):
    def of(read, seen):
        one = replace(finding("DP102"), severity=read)
        [found] = merge([one], [replace(finding("DP202"), severity=seen)])
        return found.severity

    assert of(Severity.NOTE, Severity.WARNING) is Severity.WARNING
    assert of(Severity.WARNING, Severity.NOTE) is Severity.WARNING
    assert of(Severity.ERROR, Severity.WARNING) is Severity.ERROR
    assert of(Severity.NOTE, Severity.NOTE) is Severity.NOTE


def test_what_was_read_alone_is_told_only_if_asked_for(finding):
    read = [finding("DP102", line=5), finding("DP160", line=2), finding("DP109", line=1)]
    seen = [finding("DP209", line=1)]

    assert [found.code for found in merge(read, seen)] == ["DP109"]
    assert [(found.code, found.also) for found in merge(read, seen, keep_read=True)] == [
        ("DP109", ("DP209",)),
        ("DP160", ()),
        ("DP102", ()),
    ]


@pytest.mark.parametrize("code", ["DP201", "DP210"])
def test_effect_that_nobody_read_says_so(finding, code):
    assert told(merge([], [finding(code)])) == [(code, "dags/a.py", 1, (), ALONE)]


@pytest.mark.parametrize("code", ["DP211", "DP220", "DP223", "DP227"])
def test_what_no_reading_looks_for_is_left_as_it_is(finding, code):
    assert merge([], [finding(code)]) == (finding(code),)


def test_effect_that_another_rule_read_is_left_as_it_is(finding):
    seen = finding("DP206")

    assert merge([finding("DP113")], [seen]) == (seen,)
    assert merge([finding("DP104")], [seen]) == (seen,)
    assert merge([finding("DP111")], [seen])[0].message == ALONE


def test_effect_that_was_read_and_silenced_is_left_as_it_is(finding):
    seen = finding("DP202")

    assert merge([], [seen], silenced=[finding("DP102")]) == (seen,)
    assert merge([], [seen], silenced=[finding("DP102", line=2)])[0].message == ALONE


def test_place_reached_by_several_files_is_told_once_by_the_shortest_way(finding):
    long = finding("DP202", path="plugins/b.py", related=(step("dags/a.py", 1),) * 2)
    short = finding("DP202", path="plugins/b.py", related=(step("dags/c.py", 1),))
    other = finding("DP203", path="plugins/b.py")

    found = merge([], [long, short, long, other])

    assert [(one.code, one.related) for one in found] == [("DP202", short.related), ("DP203", ())]


@pytest.mark.parametrize(
    ("code", "count"), [("DP123", 2), ("DP224", 2), ("DP226", 2), ("DP227", 2), ("DP220", 1)]
)
def test_several_dags_of_one_place_are_told_each(finding, code, count):
    one = finding(code)
    other = replace(one, message="of another DAG")

    assert len(merge([], [one, other, one])) == count


def test_findings_come_in_order_of_place_and_code(finding):
    read = [finding("DP109", line=4)]
    seen = [finding("DP220", line=9), finding("DP209", line=4), finding("DP202", line=4)]

    found = merge(read, seen)

    assert [(one.span.line, one.code) for one in found] == [
        (4, "DP109"),
        (4, "DP202"),
        (9, "DP220"),
    ]


def test_empty_is_empty():
    assert merge([], [], keep_read=True) == ()
