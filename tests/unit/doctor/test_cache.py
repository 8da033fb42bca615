"""The cache folder, its disk, and what keepers have left in it."""

import contextlib
import fcntl
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections import namedtuple

import pytest

from dagproof.doctor import cache
from dagproof.services.places import key, versions

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil has it


@pytest.fixture
def folder(tmp_path):
    """Return the cache folder, made."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder


def _answer(listener, said):
    with contextlib.suppress(OSError):
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            assert json.loads(stream.readline()) == {"op": "status"}
            stream.write(said)
            stream.flush()


def status(kept=(), clients=0):
    said = {"pid": 1, "kept": list(kept), "environment": {}, "clients": clients}
    return json.dumps({"status": said}).encode() + b"\n"


@pytest.fixture
def keeper(folder):
    """Make the folder of a keeper, whose lock may be held."""
    held = []

    def keeper(name="abc", *, alive=False, answers=None):
        place = folder / name
        (place / "postgres").mkdir(parents=True)
        (place / "postgres" / "global").mkdir()
        (place / "postgres" / "global" / "pg_control").touch()
        lock = (place / "keeper.lock").open("w")
        held.append(lock)
        if alive:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if answers is not None:
            listener = socket.socket(socket.AF_UNIX)
            held.append(listener)
            with contextlib.chdir(place):  # the path of a socket is short
                listener.bind("keeper.sock")
            listener.listen()
            threading.Thread(target=_answer, args=(listener, answers), daemon=True).start()
        return place

    yield keeper
    for one in held:
        one.close()


def test_cache_that_is_not_there_yet_is_fine(told, tmp_path):
    assert told(cache.cache) == [("ok", f"{tmp_path}/cache, 0 MB", "")]


def test_cache_is_measured(told, folder):
    (folder / "inner").mkdir()
    (folder / "inner" / "a").write_bytes(b"x" * 3_000_000)
    (folder / "link").symlink_to("/usr")

    ((state, sentence, _),) = told(cache.cache)

    assert state == "ok"
    assert sentence in {f"{folder}, 2 MB", f"{folder}, 3 MB"}


def test_cache_that_takes_long_to_measure_is_told_as_more(told, folder, monkeypatch):
    monkeypatch.setattr(cache, "_PATIENCE", -1)

    assert told(cache.cache)[0][1] == f"{folder}, more than 0 MB"


def test_folder_that_goes_away_meanwhile_ends_nothing(told, folder, monkeypatch):
    def gone(_):
        raise FileNotFoundError

    monkeypatch.setattr(cache.os, "scandir", gone)

    assert told(cache.cache)[0][0] == "ok"


def test_large_cache_with_folders_that_nobody_uses_can_be_emptied(
    told, folder, keeper, monkeypatch
):
    monkeypatch.setattr(cache, "_LARGE", -1)
    keeper("a b")
    keeper("used", alive=True)
    keeper(key(versions()))

    ((state, sentence, command),) = told(cache.cache)

    assert (state, command) == ("warning", f"rm -r '{folder}/a b'")
    assert "1 folder of other environments or versions" in sentence


def test_file_in_place_of_the_cache_is_a_problem(told, tmp_path):
    (tmp_path / "cache").write_text("")

    ((state, sentence, command),) = told(cache.cache)

    assert (state, sentence) == ("problem", f"{tmp_path}/cache is no folder")
    assert command.startswith("export DAGPROOF_CACHE=")


def test_cache_that_cannot_be_written_is_a_problem(told, folder, monkeypatch):
    monkeypatch.setattr(cache.os, "access", lambda *_: False)

    assert told(cache.cache)[0][:2] == ("problem", f"{folder} is not yours to write to")


def test_cache_that_others_may_write_to_is_told(told, folder):
    folder.chmod(0o777)

    ((state, _, command),) = told(cache.cache)

    assert (state, command) == ("warning", f"chmod go-w {folder}")


@pytest.mark.parametrize(
    ("free", "state"), [(10 << 30, "ok"), (1 << 30, "warning"), (100 << 20, "problem")]
)
def test_disk_has_room(told, tmp_path, monkeypatch, free, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))

    ((got, sentence, command),) = told(cache.disk)

    assert got == state
    assert sentence.startswith(f"{free >> 20:,} MB free at {tmp_path}")
    assert bool(command) is (state != "ok")


ENDS = "`dagproof services down` ends it"


@pytest.mark.parametrize(
    ("keepers", "sentence"),
    [
        ([status(["mlflow"])], f"1 keeper of `services up`: {ENDS}"),
        ([status(clients=1)], "in use by 1 run until its end"),
        ([status(clients=1), status(clients=2)], "in use by 3 runs until their end"),
        (
            [status(["s3"], 1), status(["s3"])],
            f"2 keepers of `services up`: {ENDS}; in use by 1 run until its end",
        ),
    ],
)
def test_keepers_are_told_by_whom_they_serve(told, keeper, keepers, sentence):
    for number, answer in enumerate(keepers):
        keeper(str(number), alive=True, answers=answer)
    keeper("none")

    assert told(cache.keepers) == [("ok", sentence, "")]


def test_keeper_that_serves_nobody_and_is_about_to_go_is_not_told(told, keeper):
    keeper(alive=True, answers=status())

    assert told(cache.keepers) == []


@pytest.mark.parametrize("said", [b"", b"{}\n"])
def test_keeper_that_hangs_up_or_says_something_else_does_not_answer(told, keeper, said):
    place = keeper(alive=True, answers=said)

    ((state, sentence, _),) = told(cache.keepers)

    assert (state, sentence.split(",")[0]) == (
        "warning", f"The keeper of {place} does not answer",
    )  # fmt: skip


def test_keeper_that_listens_and_says_nothing_does_not_answer(told, keeper, monkeypatch):
    monkeypatch.setattr(cache, "_FIRST_WORD", 0.05)
    place = keeper(alive=True)
    with socket.socket(socket.AF_UNIX) as listener:
        with contextlib.chdir(place):
            listener.bind("keeper.sock")
        listener.listen()

        assert told(cache.keepers)[0][0] == "warning"


def test_nothing_is_said_where_no_keeper_was(told, folder):
    (folder / "lint").mkdir()

    assert told(cache.keepers) == []


def test_keeper_that_does_not_answer_is_named_by_its_process(told, keeper):
    place = keeper()
    program = (
        "import fcntl, sys, time; lock = open(sys.argv[1]); fcntl.flock(lock, fcntl.LOCK_EX); "
        "print(1, flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, place / "keeper.lock"], stdout=subprocess.PIPE
    )
    try:
        other.stdout.readline()

        ((state, sentence, command),) = told(cache.keepers)
    finally:
        other.kill()
        other.communicate()

    assert state == "warning"
    assert sentence.startswith(f"The keeper of {place} does not answer")
    if sys.platform == "linux":
        assert command == f"kill {other.pid}"


def test_holder_that_linux_does_not_tell_is_left_out(told, keeper, monkeypatch):
    keeper(alive=True)
    monkeypatch.setattr(cache, "_holder", lambda _: "")

    assert told(cache.keepers)[0][2] == ""


def test_lock_that_nobody_holds_has_no_holder(keeper):
    assert cache._holder(keeper() / "keeper.lock") == ""
    assert cache._holder(keeper("b") / "nothing") == ""


def test_lock_that_cannot_be_opened_is_not_held(keeper):
    assert cache._held(keeper() / "nothing") is False


def test_postgres_that_outlived_its_keeper_can_be_ended(told, keeper, monkeypatch):
    place = keeper()
    (place / "postgres" / "postmaster.pid").write_text("4321\nmore\n")
    monkeypatch.setattr(
        cache, "runs", lambda pid, folder: (pid, folder) == (4321, place / "postgres")
    )

    ((state, _, command),) = told(cache.keepers)

    assert (state, command) == ("warning", "kill -INT 4321")


@pytest.mark.parametrize("text", ["", "x", None])
def test_number_of_a_postgres_that_is_none_is_none(keeper, text):
    place = keeper()
    if text is not None:
        (place / "postgres" / "postmaster.pid").write_text(text)

    assert cache._postmaster(place / "postgres") == 0


def test_template_databases_that_are_damaged_are_told(told, keeper):
    place = keeper()
    (place / "postgres" / "global" / "pg_control").unlink()

    ((state, sentence, command),) = told(cache.keepers)

    assert (state, command) == ("warning", f"rm -r {place}/postgres")
    assert "are damaged" in sentence
