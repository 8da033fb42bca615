"""Edits change what they name and nothing else, or the file is left alone."""

import ast
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import Edit, Finding, Kind, Severity, Span, Unread
from dagproof.verdict.fixes import apply, diff


def offer(*edits, path="a.py"):
    spans = [(Span(path, *place), text) for *place, text in edits]
    return Finding(
        code="DP101",
        slug="slug",
        severity=Severity.ERROR,
        kind=Kind.MLFLOW,
        message="",
        fix="",
        span=spans[0][0] if spans else Span(path, 1, 1, 1, 1),
        edits=tuple(Edit(span, text) for span, text in spans),
    )


def fixed(data, *findings):
    return apply(findings, {"a.py": data}.__getitem__)


def after(data, *findings):
    result = fixed(data, *findings)
    assert result.refused == ()
    return result.contents.get("a.py", data)


def test_span_is_replaced():
    assert after(b"x = 1\ny = 2\n", offer((2, 5, 2, 6, "33"))) == b"x = 1\ny = 33\n"


def test_empty_span_inserts():
    assert after(b"x = 1\n", offer((1, 1, 1, 1, "import a\n"))) == b"import a\nx = 1\n"


def test_span_over_lines_is_removed():
    assert after(b"x = 1\ny = 2\nz = 3\n", offer((2, 1, 3, 1, ""))) == b"x = 1\nz = 3\n"


def test_last_line_without_an_end_is_removed():
    assert after(b"x = 1\n# y", offer((2, 1, 3, 1, ""))) == b"x = 1\n"


def test_several_edits_do_not_shift_each_other():
    findings = [offer((1, 1, 1, 2, "long")), offer((1, 5, 1, 6, "2")), offer((2, 1, 2, 2, ""))]

    assert after(b"x = 1\n#\n", *findings) == b"long = 2\n\n"


def test_columns_count_characters():
    assert after("a = 'ü😀'; b\n".encode(), offer((1, 11, 1, 12, "c"))) == "a = 'ü😀'; c\n".encode()


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_line_ends_stay_as_they_are(end):
    data = b"x = 1" + end + b"y = '\x0c'" + end

    assert after(data, offer((2, 1, 2, 1, "import a\n"))) == (
        b"x = 1" + end + b"import a" + end + b"y = '\x0c'" + end
    )


def test_file_without_a_line_end_gets_the_usual_one():
    assert after(b"x = 1", offer((1, 1, 1, 1, "import a\r\n"))) == b"import a\nx = 1"


def test_mark_and_encoding_stay_as_they_are():
    marked = codecs.BOM_UTF8 + "x = 'ü'\n".encode()
    latin = "# -*- coding: latin-1 -*-\nx = 'ü'\n".encode("latin-1")

    assert after(marked, offer((1, 1, 1, 2, "y"))) == codecs.BOM_UTF8 + "y = 'ü'\n".encode()
    assert after(latin, offer((2, 1, 2, 2, "y"))) == latin.replace(b"\nx", b"\ny")


def test_edits_that_overlap_are_skipped_and_counted():
    first, second = offer((1, 1, 1, 4, "a")), offer((1, 3, 1, 6, "b"))
    result = fixed(b"xxxxxx\n", first, second)

    assert (result.contents, result.mended, result.skipped) == (
        {"a.py": b"axxx\n"},
        (first,),
        1,
    )


def test_insertion_inside_a_replaced_span_is_skipped():
    assert fixed(b"xxxx\n", offer((1, 1, 1, 5, "a")), offer((1, 3, 1, 3, "b"))).skipped == 1


def test_edits_that_touch_do_not_overlap():
    findings = [offer((1, 1, 1, 3, "a")), offer((1, 3, 1, 5, "b")), offer((1, 3, 1, 3, "_"))]

    assert after(b"xxxx\n", *findings) == b"a_b\n"


def test_insertions_at_one_place_keep_the_order_of_the_findings():
    findings = [offer((1, 1, 1, 1, f"import {name}\n")) for name in ("b", "a", "b")]

    assert after(b"x = 1\n", *findings) == b"import b\nimport a\nx = 1\n"
    assert fixed(b"x = 1\n", *findings).mended == tuple(findings)


def test_finding_is_mended_whole_or_not_at_all():
    half = offer((1, 3, 1, 6, "b"), (2, 1, 2, 2, "c"))

    assert after(b"xxxxxx\ny\n", offer((1, 1, 1, 4, "a")), half) == b"axxx\ny\n"


def test_finding_without_edits_changes_nothing():
    assert fixed(b"x", offer()).contents == {}


def test_edit_that_changes_nothing_is_no_change():
    result = fixed(b"x = 1\n", offer((1, 1, 1, 2, "x")))

    assert (result.contents, len(result.mended)) == ({}, 1)


@pytest.mark.parametrize(
    ("data", "text", "why"),
    [
        (b"x = 1\n", "(", "the result is no Python any more (invalid syntax, line 1)"),
        (b"# coding: latin-1\nx\n", "'\u20ac'", "its encoding has no such character"),
        (b"# coding: nonsense\nx\n", "y", "its encoding is unknown or wrong"),
        (b"x = '\xff'\n", "y", "its encoding is unknown or wrong"),
        (b"x\ny\nz = '\xff'\n", "y", "its encoding is unknown or wrong"),
    ],
)
def test_file_that_would_break_is_left_alone(data, text, why):
    result = fixed(data, offer((data.count(b"\n"), 1, data.count(b"\n"), 2, text)))

    assert (result.contents, result.mended) == ({}, ())
    assert result.refused == (Unread("a.py", f"its fixes are not applied: {why}"),)


def test_file_that_went_away_does_not_keep_others_from_being_mended():
    def read(path):
        if path == "b.py":
            raise FileNotFoundError(2, "No such file or directory")
        return b"x\n"

    findings = [offer((1, 1, 1, 2, "y"), path=path) for path in ("b.py", "c.py")]
    result = apply(findings, read)

    assert result.contents == {"c.py": b"y\n"}
    assert result.refused == (
        Unread("b.py", "its fixes are not applied: it cannot be read: No such file or directory"),
    )


def test_warnings_of_the_file_are_not_told(recwarn):
    after(b"x = '\\d'\ny = 1 is 1\n", offer((1, 1, 1, 2, "z")))

    assert not recwarn.list


def test_diff_shows_each_file():
    files = {"b.py": b"x\n", "/a.py": b"y = 1"}
    contents = {"b.py": b"z\n", "/a.py": b"y = 2"}

    assert diff(contents, files.__getitem__) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n"
        "-y = 1\n\\ No newline at end of file\n+y = 2\n\\ No newline at end of file\n"
        "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x\n+z\n"
    )


def test_diff_of_nothing_is_empty():
    assert diff({}, {}.__getitem__) == ""


LINES = st.lists(st.sampled_from(["a = 1", "b = 'ü'", "", "# c", "é = 2"]), min_size=1, max_size=6)


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), data=st.data())
def test_lines_that_no_edit_names_stay(lines, end, data):
    chosen = data.draw(st.sets(st.integers(0, len(lines) - 1)))
    source = end.join(lines).encode()
    findings = [offer((i + 1, 1, i + 1, len(lines[i]) + 1, "pass")) for i in sorted(chosen)]

    expected = ["pass" if i in chosen else line for i, line in enumerate(lines)]
    assert after(source, *findings) == end.join(expected).encode()


@given(
    places=st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
        max_size=5,
    ),
    text=st.text(max_size=3),
)
def test_whatever_is_offered_the_result_is_python_or_nothing(places, text):
    findings = [
        offer((line, column, line + more, column + width, text))
        for line, column, more, width in places
    ]
    result = fixed(b"x = [1, 2]\nif x:\n    pass\n", *findings)

    assert len(result.refused) + len(result.contents) <= 1
    for content in result.contents.values():
        ast.parse(content)
