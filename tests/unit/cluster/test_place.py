"""Where a cluster's files are, and whether one runs."""

import os
import stat
from pathlib import Path

import pytest

from dagproof.cluster.place import ClusterPlace, default_place
from dagproof.model import UnavailableError


def test_each_repository_has_a_place_of_its_own_in_the_cache(tmp_path):
    environ = {"DAGPROOF_CACHE": str(tmp_path)}
    one, other = default_place(Path("/one"), environ), default_place(Path("/other"), environ)

    assert one == default_place(Path("/one"), environ)
    assert one != other
    assert one.folder.parent == tmp_path / "clusters"


def test_nobody_else_reads_what_is_in_it(tmp_path):
    place = ClusterPlace(tmp_path / "a" / "b")
    place.make()
    place.renew()

    for folder in (place.folder, place.home, place.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_cluster_finds_nothing_of_the_last(tmp_path):
    place = ClusterPlace(tmp_path)
    place.renew()
    for path in (place.record, place.logs / "old.log", place.home / "airflow.cfg"):
        path.write_text("old")

    place.renew()

    assert not place.record.exists()
    assert list(place.logs.iterdir()) == []
    assert list(place.home.iterdir()) == [place.home / "plugins"]


def test_lock_says_whether_a_cluster_runs(tmp_path):
    place = ClusterPlace(tmp_path)
    assert not place.is_held()

    with place.hold():
        assert place.is_held()
        assert place.hold(patience=0) is None
        assert place.holder() == os.getpid()

    assert not place.is_held()
    assert place.holder() is None
    place.hold().close()


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"cannot be written \(.*DAGPROOF_CACHE"):
        ClusterPlace(tmp_path / "file" / "b").make()


def test_lock_that_cannot_be_written_is_one_sentence(tmp_path):
    place = ClusterPlace(tmp_path)
    place.lock.mkdir()
    with pytest.raises(UnavailableError, match=r"cannot be written \(.*DAGPROOF_CACHE"):
        place.hold()
