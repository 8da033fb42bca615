"""A file is read as Python reads it, and says where its nodes stand in characters."""

import ast
from pathlib import Path

import pytest

from dagproof.source.file import SourceFile, parse

PATH = Path("/repo/dag.py")


def read(data: bytes) -> SourceFile:
    return parse(PATH, "dag.py", data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        ("é = 1\n".encode(), "é = 1\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
        (b"x = '\xff'\n", "x = '\ufffd'\n"),
        (b"# coding: klingon\n", "# coding: klingon\n"),
        (b"# coding: idna\nx\n", "# coding: idna\nx\n"),
        (b"# coding: undefined\nx\n", "# coding: undefined\nx\n"),
        (b"", ""),
        (b"# coding: utf-7\nx = '+AOk-'\n", "# coding: utf-7\nx = '\xe9'\n"),
        (
            b"\n# vim: set fileencoding=utf-7 :\n'+AOk-'\n",
            "\n# vim: set fileencoding=utf-7 :\n'\xe9'\n",
        ),
    ],
)
def test_text_is_decoded_as_the_file_says(data: bytes, text: str) -> None:
    assert read(data).text == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_where_python_ends_them(end: str) -> None:
    source = read(f"a = 1{end}b = '\x0c\u2028'{end}".encode())
    assert source.lines == ["a = 1", "b = '\x0c\u2028'", ""]
    assert [source.line(number) for number in (0, 1, 2, 4)] == ["", "a = 1", source.lines[1], ""]
    assert source.tree.body[-1].lineno == 2


@pytest.mark.parametrize(
    ("line", "column", "end"),
    [("x = f()", 5, 8), ("é = f()", 5, 8), ("'😀'; f()", 6, 9), ("f('é')", 1, 7), ("  f()", 3, 6)],
)
def test_columns_count_characters_not_bytes(line: str, column: int, end: int) -> None:
    head = "if 1:\n" if line.startswith(" ") else "\n"
    source = read(f"{head}{line}\n".encode())
    [call] = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    span = source.span(call)
    assert (span.path, span.line, span.end_line) == ("dag.py", 2, 2)
    assert (span.column, span.end_column) == (column, end)


def test_a_span_reaches_over_lines() -> None:
    source = read("x = [\n 'é',\n]\n".encode())
    span = source.span(source.tree.body[0])
    assert (span.line, span.column, span.end_line, span.end_column) == (1, 1, 3, 2)


@pytest.mark.parametrize(
    ("data", "says", "place"),
    [
        (b"x = (\n", "'(' was never closed", (1, 5)),
        (b"\n\nx = = 1\n", "invalid syntax", (3, 5)),
        (b"if 1:\nx\n", "expected an indented block", (2, 1)),
        (b"a\n\0\n", "null bytes", (2, 1)),
        (b"\0", "null bytes", (1, 1)),
        (b"x = '\xff'\n", "UTF-8", (1, 1)),
        (b"\nx = 'C:\\Users'\n", "truncated \\UXXXXXXXX escape", (2, 5)),
        (b"x = " + b"(" * 500 + b")" * 500, "nested", (1, 1)),
        (b"return = 1\nx = (", "invalid syntax", (1, 8)),
    ],
)
def test_what_is_no_python_says_why_and_where(
    data: bytes, says: str, place: tuple[int, int]
) -> None:
    source = read(data)
    assert source.problem is not None
    assert says in source.problem
    assert source.tree.body == []
    span = source.span_of_problem()
    assert span.line == place[0]
    assert (span.end_line, span.end_column) >= (span.line, 1)


def test_what_is_python_has_no_problem() -> None:
    assert read(b"return 1\n").problem is None
    assert read(b"").problem is None
    assert read(b"# coding: latin-1\nx = '\xe9'\n").problem is None
    assert read("# é\n".encode()).problem is None


def test_bytes_that_are_no_text_are_no_python_even_in_comments() -> None:
    source = read(b"x = 1\n# \xff\n")
    assert source.problem is not None
    assert source.place == (2, 1, 2, 1)
