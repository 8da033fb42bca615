"""Folders, keys and sockets."""

import os
import stat
from pathlib import Path

import pytest

from dagproof.model import UnavailableError
from dagproof.services import places


def test_dagproof_cache_wins_over_xdg_cache_home():
    environ = {"DAGPROOF_CACHE": "/one", "XDG_CACHE_HOME": "/two"}

    assert places.cache_folder(environ) == Path("/one")


def test_xdg_cache_home_is_respected():
    assert places.cache_folder({"XDG_CACHE_HOME": "/two"}) == Path("/two/dagproof")


def test_without_settings_the_cache_is_below_the_home_folder():
    assert places.cache_folder({}) == Path.home() / ".cache" / "dagproof"


def test_another_version_of_anything_is_another_key():
    versions = {"apache-airflow": "3.3.2", "mlflow": "3.17.2"}

    assert places.key(versions) == places.key(dict(reversed(versions.items())))
    assert places.key(versions) != places.key({**versions, "mlflow": "3.17.3"})


def test_versions_name_the_environment_and_tell_what_is_missing(monkeypatch):
    monkeypatch.setattr(places, "_VERSIONED", ("pytest", "no-such-package"))
    found = places.versions()

    assert found["pytest"] == pytest.__version__
    assert found["no-such-package"] == "-"
    assert found["prefix"]


def test_nobody_else_can_enter_a_place(tmp_path):
    place = places.place(tmp_path / "cache")

    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_written_is_one_sentence_with_a_way_out(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(
        UnavailableError,
        match=r"^The cache folder `.*file.cache` cannot be written .*`DAGPROOF_CACHE`",
    ):
        places.place(tmp_path / "file" / "cache")


def test_a_socket_stays_below_the_length_that_the_kernel_takes(tmp_path):
    deep = tmp_path / ("x" * 120)
    path = places.socket_path(deep)
    try:
        assert len(os.fsencode(path)) < 104
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path != places.socket_path(tmp_path / ("y" * 120))
    finally:
        path.parent.rmdir()
        places.socket_path(tmp_path / ("y" * 120)).parent.rmdir()


def test_a_short_folder_holds_its_own_socket():
    assert places.socket_path(Path("/short")) == Path("/short/keeper.sock")


def test_a_socket_folder_that_is_somebody_elses_link_is_refused(tmp_path):
    deep = tmp_path / ("z" * 120)
    short = places.socket_path(deep).parent
    short.rmdir()
    short.symlink_to(tmp_path)
    try:
        with pytest.raises(UnavailableError, match="belongs to somebody else"):
            places.socket_path(deep)
    finally:
        short.unlink()


def test_traces_of_a_keeper_go_and_its_cache_stays(tmp_path):
    short = tmp_path / "short"
    short.mkdir()
    place = places.Place(tmp_path / "folder", short / "keeper.sock")
    place.scratch.mkdir(parents=True)
    place.cluster.mkdir()
    place.remove_traces()

    assert not short.exists()
    assert not place.scratch.exists()
    assert place.cluster.exists()
