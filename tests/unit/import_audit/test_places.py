"""Places are shown by characters, also in archives, and stacks by the repository's lines."""

import zipfile

import pytest

from dagproof.import_audit.frames import CALLED, IMPORTED
from dagproof.import_audit.places import Sources
from dagproof.model import Related, Span


@pytest.fixture
def sources(tmp_path):
    def show(path):
        return str(path.relative_to(tmp_path)) if path.is_relative_to(tmp_path) else str(path)

    return Sources(show)


@pytest.fixture
def file(tmp_path):
    """Write a file; return its path as text."""

    def file(text, name="a.py"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return file


def place(path, line, end_line, column, end_column, how=""):
    return [path, line, end_line, column, end_column, how]


# Columns


def test_columns_are_counted_in_characters_from_one(sources, file):
    path = file('größe = "ü"; f()\n')
    begin = len('größe = "ü"; '.encode())

    assert sources.span(place(path, 1, 1, begin, begin + 3)) == Span("a.py", 1, 14, 1, 17)


def test_stretch_over_lines_ends_by_the_characters_of_its_last_line(sources, file):
    path = file('f(\n    "ü",\n    "äöü")\n')
    end = len('    "äöü")'.encode())

    assert sources.span(place(path, 1, 3, 0, end)) == Span("a.py", 1, 1, 3, 11)


def test_place_without_columns_is_what_stands_on_its_line(sources, file):
    path = file("if x:\n    ü = 1   \n")

    assert sources.span(place(path, 2, 2, 0, 0)) == Span("a.py", 2, 5, 2, 10)


def test_place_without_columns_on_an_empty_line_is_its_beginning(sources, file):
    assert sources.span(place(file("\n   \n"), 1, 1, 0, 0)) == Span("a.py", 1, 1, 1, 1)
    assert sources.span(place(file("\n   \n"), 2, 2, 0, 0)) == Span("a.py", 2, 4, 2, 4)


@pytest.mark.parametrize("line", [0, 3, 99])
def test_line_that_is_not_there_is_its_beginning(sources, file, line):
    assert sources.span(place(file("x\ny\n"), line, line, 3, 9)) == Span("a.py", line, 1, line, 1)


def test_file_that_is_gone_has_lines_all_the_same(sources):
    assert sources.span(place("/gone.py", 7, 7, 4, 9)) == Span("/gone.py", 7, 1, 7, 1)


def test_bytes_that_are_no_text_count_as_characters(sources, file):
    path = file(b'x = "\xff\xfe"; f()\n')

    assert sources.span(place(path, 1, 1, 9, 12)) == Span("a.py", 1, 10, 1, 13)


def test_file_is_read_once(sources, file):
    path = file("äh; f()\n")
    first = sources.span(place(path, 1, 1, 5, 8))
    file("changed\n")

    assert sources.span(place(path, 1, 1, 5, 8)) == first == Span("a.py", 1, 5, 1, 8)


# Archives


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("inner/b.py", "ü = f()\n")
    return str(path)


def test_member_of_an_archive_is_read(sources, archive):
    assert sources.span(place(f"{archive}/inner/b.py", 1, 1, 5, 8)) == Span(
        "a.zip/inner/b.py", 1, 5, 1, 8
    )


@pytest.mark.parametrize("member", ["inner/none.py", "none"])
def test_member_that_is_not_there_has_lines_all_the_same(sources, archive, member):
    assert sources.span(place(f"{archive}/{member}", 2, 2, 1, 2)).line == 2


def test_archive_that_is_none_has_lines_all_the_same(sources, file):
    path = file("no archive", "bad.zip")

    assert sources.span(place(f"{path}/b.py", 2, 2, 1, 2)) == Span("bad.zip/b.py", 2, 1, 2, 1)


# Ways


def test_innermost_place_is_told_and_the_way_there_outermost_first(sources, file):
    a, b = file("f()\n"), file("x\ng()\n", "b.py")
    places = [
        place(a, 1, 1, 0, 3, IMPORTED), place(b, 2, 2, 0, 3, ""), place(b, 1, 1, 0, 1, CALLED),
    ]  # fmt: skip

    assert sources.located(places, a) == (
        Span("b.py", 1, 1, 1, 2),
        (Related(Span("a.py", 1, 1, 1, 4), IMPORTED), Related(Span("b.py", 2, 1, 2, 4), CALLED)),
    )


def test_without_places_it_is_the_beginning_of_the_file(sources, file):
    assert sources.located([], file("x\n")) == (Span("a.py", 1, 1, 1, 1), ())


def test_way_that_goes_round_is_told_once_and_a_long_one_in_part(sources, file):
    path = file("x\n" * 100)
    step = place(path, 1, 1, 0, 1, CALLED)

    assert len(sources.located([step] * 50, path)[1]) == 1
    long = [place(path, line, line, 0, 1, CALLED) for line in range(1, 100)]
    _, chain = sources.located(long, path)
    assert [related.span.line for related in chain] == list(range(1, 21))


def test_beginning_of_a_line_is_a_place(sources):
    assert sources.whole("/x.py") == Span("/x.py", 1, 1, 1, 1)
    assert sources.whole("/x.py", 7) == Span("/x.py", 7, 1, 7, 1)


# Stacks

CRASH = """\
Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/lib/ctypes.py", line 3 in string_at
  File "/repo/dags/a.py", line 7 in inner
  File "/repo/dags/a.py", line 9 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "/src/dagproof/import_audit/child.py", line 180 in _run

Thread 0x00007e (most recent call first):
  File "/repo/dags/thread.py", line 1 in work
"""
HANG = """\
Timeout (0:00:08)!
Thread 0x00007e (most recent call first):
  File "/repo/dags/thread.py", line 1 in work

Thread 0x00007f (most recent call first):
  File "/repo/dags/a.py", line 4 in <module>
  File "/src/dagproof/import_audit/child.py", line 180 in _run
"""


def owns(path):
    return path.startswith("/repo/")


def test_stack_of_a_crash_is_that_of_the_current_thread(sources):
    assert sources.stack(CRASH, owns) == [
        ("/repo/dags/a.py", 9, 9, 0, 0, CALLED), ("/repo/dags/a.py", 7, 7, 0, 0, CALLED),
    ]  # fmt: skip


def test_stack_of_a_hang_is_that_of_the_last_thread_which_is_the_main_one(sources):
    assert sources.stack(HANG, owns) == [("/repo/dags/a.py", 4, 4, 0, 0, CALLED)]


@pytest.mark.parametrize("text", ["", "Killed", "Thread 1 (most recent call first):\n"])
def test_without_a_stack_there_is_none(sources, text):
    assert sources.stack(text, owns) == []


def test_path_with_spaces_and_quotes_is_read(sources):
    text = 'Current thread 1 (most recent call first):\n  File "/repo/a "b" c.py", line 3 in f\n'

    assert sources.stack(text, owns) == [('/repo/a "b" c.py', 3, 3, 0, 0, CALLED)]


def test_what_python_said_is_told_without_the_frames_that_led_to_the_import(sources):
    assert sources.told(CRASH) == "\n".join(CRASH.splitlines()[:6])


def test_what_is_no_stack_is_told_as_it_is(sources):
    assert sources.told("  Killed\n\n") == "Killed"
    assert sources.told("") == ""


def test_stack_that_only_we_are_in_is_told_by_its_head(sources):
    text = (
        'Timeout!\nThread 1 (most recent call first):\n  File "<frozen importlib._b>", line 1 in x'
    )

    assert sources.told(text) == "Timeout!\nThread 1 (most recent call first):"
