"""Files below a data root, by path and content."""

import os

from dagproof.services.snapshots import files as module
from dagproof.services.snapshots.digests import Digests
from dagproof.services.snapshots.files import below


def test_files_are_told_by_their_paths_below_the_root(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("one")
    (tmp_path / "y").write_text("two")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "nowhere")
    found = below(tmp_path, Digests(), [])
    assert [(one.address, one.size) for one in found] == [("file:y", 3), ("file:a/x", 3)]
    assert found[0].digest != found[1].digest


def test_same_size_and_other_bytes_are_seen_at_once(tmp_path):
    digests = Digests()
    (tmp_path / "x").write_text("one")
    before = below(tmp_path, digests, [])
    (tmp_path / "x").write_text("two")
    os.utime(tmp_path / "x", ns=(1, 1))
    assert below(tmp_path, digests, []) != before


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert below(tmp_path / "none", Digests(), []) == []


def test_a_listing_is_cut_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    for name in ("a", "b"):
        (tmp_path / name).touch()
    cut = []
    assert len(below(tmp_path, Digests(), cut)) == 1
    assert cut == [f"Of `{tmp_path}` only 1 files were compared."]


def test_a_file_that_cannot_be_read_is_left_out(tmp_path, monkeypatch):
    (tmp_path / "a").touch()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(module.Path, "read_bytes", refuse)
    assert below(tmp_path, Digests(), []) == []
