"""A folder stands in for the data root, and the configured one is never written to."""

import shutil

import pytest

from dagproof.model import UsageError
from dagproof.repeating import roots
from dagproof.repeating.roots import data_root


@pytest.mark.parametrize("environment", [{}, {"DATA_ROOT": "s3://bucket"}])
def test_a_root_that_is_no_folder_needs_none(environment):
    with data_root(environment) as root:
        assert root is None


def test_copy_is_written_to_and_made_anew_while_the_original_stays(tmp_path):
    original = tmp_path / "my data"
    (original / "in").mkdir(parents=True)
    (original / "in" / "a.txt").write_text("given")

    with data_root({"DATA_ROOT": original.as_uri()}) as root:
        assert root.environment == {"DATA_ROOT": root.folder.as_uri()}
        (root.folder / "in" / "a.txt").write_text("changed")
        (root.folder / "out.txt").write_text("new")
        root.reset()
        assert (root.folder / "in" / "a.txt").read_text() == "given"
        assert not (root.folder / "out.txt").exists()
        folder = root.folder

    assert not folder.exists()
    assert [path.name for path in original.rglob("*")] == ["in", "a.txt"]


def test_a_root_that_is_not_there_begins_as_empty(tmp_path):
    with data_root({"DATA_ROOT": (tmp_path / "none").as_uri()}) as root:
        assert list(root.folder.iterdir()) == []
    assert not (tmp_path / "none").exists()


def test_too_much_is_refused_before_it_is_copied(tmp_path, monkeypatch):
    (tmp_path / "big").write_bytes(b"12345")
    monkeypatch.setattr(roots, "MOST", 4)
    with (
        pytest.raises(UsageError, match=r"holds .* GB that would have to be copied; give an empty"),
        data_root({"DATA_ROOT": tmp_path.as_uri()}),
    ):
        pytest.fail("copied")


def test_what_cannot_be_copied_is_one_sentence(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise shutil.Error("no")

    monkeypatch.setattr(roots.shutil, "copytree", refuse)
    with (
        pytest.raises(UsageError, match=r"cannot be copied \(no\); give an empty folder by"),
        data_root({"DATA_ROOT": tmp_path.as_uri()}),
    ):
        pytest.fail("copied")
