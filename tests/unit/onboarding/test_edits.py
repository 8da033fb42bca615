"""Files grow at their end, are shown first, and are never written over."""

import os

import pytest

from dagproof.model import UnavailableError
from dagproof.onboarding import Edit, carry_out, diff
from dagproof.onboarding.edits import BOM, Unwritable, appended, content


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"x\ny\n"),
        (b"a\n", b"a\nx\ny\n"),
        (b"a", b"a\nx\ny\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\nx\r\ny\r\n"),
        (b"a\r\nb", b"a\r\nb\r\nx\r\ny\r\n"),
        (b"a\nb\nc\r\n", b"a\nb\nc\r\nx\ny\n"),
        (BOM, BOM + b"x\ny\n"),
        (BOM + b"a", BOM + b"a\nx\ny\n"),
        ("# grün".encode(), "# grün\nx\ny\n".encode()),
    ],
)
def test_lines_are_appended_and_nothing_before_them_changes(before, after):
    assert appended(before, "x\ny\n") == after


def test_name_that_is_no_text_is_refused():
    with pytest.raises(Unwritable, match="no UTF-8"):
        appended(b"", "dags = ['\udcff']")


def test_content_is_the_bytes_and_none_where_there_is_no_file(tmp_path):
    (tmp_path / "a").write_bytes(b"\r\nx")

    assert content(tmp_path / "a", tmp_path) == b"\r\nx"
    assert content(tmp_path / "b", tmp_path) is None
    assert content(tmp_path / "c" / "d", tmp_path) is None


def test_link_within_the_repository_is_followed(tmp_path):
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")

    assert content(tmp_path / "link", tmp_path) == b"x"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "a link that leads out"),
        (lambda path: path.symlink_to("nothing"), "a link to nothing"),
        (lambda path: path.mkdir(), "no regular file"),
        (lambda path: path.symlink_to(path), "cannot be read: links in a circle|link to nothing"),
        (lambda path: path.write_bytes("ä".encode("utf-16")), "not UTF-8"),
        (lambda path: path.write_bytes(b"\xff"), "not UTF-8"),
    ],
)
def test_what_is_no_text_of_the_repository_is_refused(tmp_path, make, why):
    make(tmp_path / "a")

    with pytest.raises(Unwritable, match=why):
        content(tmp_path / "a", tmp_path)


def test_file_that_nobody_may_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"x")

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "read_bytes", refused)

    with pytest.raises(Unwritable, match="`a` cannot be read: Permission denied"):
        content(tmp_path / "a", tmp_path)


def test_diff_of_a_grown_file_shows_one_line_around_it(tmp_path):
    shown = diff(Edit(tmp_path / "a", b"1\n2\n3\n", b"1\n2\n3\n4\n"), tmp_path)

    assert shown == "--- a/a\n+++ b/a\n@@ -3 +3,2 @@\n 3\n+4\n"


def test_diff_of_a_new_file_shows_all_of_it_and_obeys_nothing(tmp_path):
    shown = diff(Edit(tmp_path / "f" / "a", None, b"x\x1b[31m\r\ny"), tmp_path)

    assert shown == "--- /dev/null\n+++ b/f/a\n@@ -0,0 +1,2 @@\n+x\\x1b[31m\n+y\n"


def test_files_are_written_with_their_folders(tmp_path):
    edit = Edit(tmp_path / "a" / "b" / "c", None, b"x")

    assert list(carry_out([edit], tmp_path)) == [edit]
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"x"


def test_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")

    list(carry_out([Edit(tmp_path / "link", b"x", b"xy")], tmp_path))

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"xy"


@pytest.mark.parametrize("before", [None, b"old"])
def test_file_that_has_changed_since_it_was_shown_stays_as_it_is(tmp_path, before):
    (tmp_path / "a").write_bytes(b"new")
    first = Edit(tmp_path / "z", None, b"x")

    with pytest.raises(UnavailableError, match="has changed since it was shown"):
        list(carry_out([first, Edit(tmp_path / "a", before, b"mine")], tmp_path))

    assert (tmp_path / "a").read_bytes() == b"new"
    assert not (tmp_path / "z").exists()  # all are looked at before the first is written


def test_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / ".github").write_bytes(b"")

    with pytest.raises(UnavailableError, match=r"is no folder\. Move or remove it"):
        list(carry_out([Edit(tmp_path / ".github" / "w" / "a", None, b"x")], tmp_path))


def test_read_only_folder_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    (tmp_path / "shut").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: "shut" not in str(path))
    edits = [Edit(tmp_path / "z", None, b""), Edit(tmp_path / "shut" / "a", None, b"x")]

    with pytest.raises(UnavailableError, match=r"a cannot be written: the folder .*shut is read"):
        list(carry_out(edits, tmp_path))

    assert not (tmp_path / "z").exists()


def test_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(tmp_path), "mkdir", refused)

    with pytest.raises(UnavailableError, match="a cannot be written: No space left"):
        list(carry_out([Edit(tmp_path / "a", None, b"x")], tmp_path))


def test_file_that_becomes_unreadable_after_it_was_shown_is_told(tmp_path):
    (tmp_path / "a").mkdir()

    with pytest.raises(UnavailableError, match="no regular file; look at it"):
        list(carry_out([Edit(tmp_path / "a", None, b"x")], tmp_path))
