"""A file is replaced whole or not at all."""

from pathlib import Path

import pytest

from dagproof.model import UnavailableError
from dagproof.verdict.files import replace


def test_file_holds_the_new_bytes(tmp_path):
    file = tmp_path / "a"
    replace(file, b"one")
    replace(file, b"two")

    assert file.read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_mode_is_kept(tmp_path):
    file = tmp_path / "a"
    file.touch()
    file.chmod(0o750)
    replace(file, b"")

    assert file.stat().st_mode & 0o777 == 0o750


def test_new_file_has_the_mode_that_files_have_here(tmp_path):
    (tmp_path / "a").touch()
    replace(tmp_path / "b", b"")

    assert (tmp_path / "b").stat().st_mode == (tmp_path / "a").stat().st_mode


def test_link_is_followed(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").touch()
    (tmp_path / "link").symlink_to("deep/a")
    replace(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "a").read_bytes() == b"new"


def test_failed_write_leaves_everything_as_it_was(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(UnavailableError, match=r"a cannot be written: No space left on device\."):
        replace(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnavailableError, match=r"b cannot be written: No such file or directory\."):
        replace(tmp_path / "a" / "b", b"")
