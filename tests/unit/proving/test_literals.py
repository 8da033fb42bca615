"""Texts are found where they stand in a file, nearest to what they belong to."""

import pytest

from dagproof.model import Span
from dagproof.proving.literals import Literals

SOURCE = '''\
first = "{{ x }}"
second = load(
    "{{ x }}",
    é="{{ y }}", z="{{ z }}",
)
params = dict(month=1, **{"day": 2}, tést=3)
load(year=1)
"""Two
lines"""
joined = "a" "b"
f"{first} {{ w }}"
last = "{{ x }}"
'''


@pytest.fixture
def literals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(SOURCE, "utf-8")
    return Literals()


def near(line, end_line=None, path="a.py"):
    return Span(path, line, 1, end_line or line, 2)


def lines(literals, text, place=None):
    span = literals.find("a.py", text, place)
    return span and (span.line, span.column, span.end_line, span.end_column)


def test_text_is_found_with_its_columns_in_characters(literals):
    assert literals.find("a.py", "{{ z }}", None) == Span("a.py", 4, 20, 4, 29)


def test_text_of_several_lines_and_parts_is_found_whole(literals):
    assert lines(literals, "Two\nlines") == (8, 1, 9, 9)
    assert lines(literals, "ab") == (10, 10, 10, 17)


def test_names_of_params_are_keywords_of_dict_alone(literals):
    assert lines(literals, "month") == (6, 15, 6, 20)
    assert lines(literals, "tést") == (6, 38, 6, 42)
    assert lines(literals, "day") == (6, 27, 6, 32)
    assert lines(literals, "year") is None


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (None, 1),
        (near(2, path="b.py"), 1),
        (near(2, 5), 3),
        (near(4), 3),
        (near(2), 1),
        (near(8), 12),
        (near(11, 12), 12),
        (near(1, 12), 1),
        (near(5, 9), 3),
    ],
)
def test_nearest_text_is_found_and_the_first_of_several(literals, place, line):
    assert literals.find("a.py", "{{ x }}", place).line == line


def test_text_that_is_not_there_is_not_found(literals):
    assert literals.find("a.py", "{{ nowhere }}", None) is None
    assert literals.find("a.py", "{{ nowhere }}", near(3)) is None


@pytest.mark.parametrize("data", [b"def", b"\xff\xfe\0", b"a = '\0'", None])
def test_file_that_cannot_be_read_has_no_texts(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    if data is not None:
        (tmp_path / "b.py").write_bytes(data)

    assert Literals().find("b.py", "a", None) is None


def test_file_is_read_once(literals, tmp_path):
    assert lines(literals, "month") is not None
    (tmp_path / "a.py").unlink()

    assert lines(literals, "day") is not None
