"""What differs between two imports, and what does not."""

import os
import platform
import socket
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from forked import forked

from dagproof.import_audit import conditions as module
from dagproof.import_audit.conditions import LATER, Conditions, other, under, usual


def during(conditions, function):
    """Return what a function returns under circumstances, in a child."""

    def run():
        with under(conditions):
            return function()

    return forked(run)


def test_usual_circumstances_change_nothing(tmp_path):
    (tmp_path / "b").touch()
    listed = os.listdir, os.scandir, os.uname, socket.gethostname, platform.node, time.time

    def look():
        same = os.listdir, os.scandir, os.uname, socket.gethostname, platform.node, time.time
        return [one is two for one, two in zip(listed, same, strict=True)], os.getcwd()  # noqa: PTH109

    assert during(usual(), look) == ([True] * 6, os.getcwd())  # noqa: PTH109


def test_the_two_have_nothing_in_common():
    one, two = usual(), other("/scratch")

    for name in Conditions.__dataclass_fields__:
        assert getattr(one, name) != getattr(two, name), name


def test_clock_is_later_in_every_field():
    now = datetime(2026, 6, 15, 12, 30, 30, 500, tzinfo=UTC)
    later = now + LATER

    for name in ("year", "month", "day", "hour", "minute", "second", "microsecond"):
        assert getattr(now, name) != getattr(later, name), name


def test_clock_is_shifted_and_runs():
    def look():
        first = time.time()
        time.sleep(0.01)
        return first, time.time(), datetime.now(tz=UTC).timestamp()

    first, second, third = during(replace(usual(), later=LATER), look)

    assert abs(first - time.time() - LATER.total_seconds()) < 60
    assert first < second <= third


def test_without_the_library_the_clock_stays_and_the_rest_is_done(monkeypatch):
    monkeypatch.setitem(sys.modules, "time_machine", None)

    told = during(other("/"), lambda: (time.time(), socket.gethostname()))

    assert abs(told[0] - time.time()) < 60
    assert told[1] == "elsewhere"


def test_folder_is_another(tmp_path):
    assert during(replace(usual(), directory=str(tmp_path)), os.getcwd) == str(tmp_path)


def test_machine_has_another_name_however_it_is_asked():
    def names():
        uname = os.uname()
        return {
            uname.nodename, uname[1], socket.gethostname(), socket.getfqdn(), platform.node(),
        }, uname.sysname, socket.getfqdn("asked.test")  # fmt: skip

    assert during(replace(usual(), host="away"), names) == (
        {"away"}, os.uname().sysname, "asked.test",
    )  # fmt: skip


def test_folders_are_listed_the_other_way_round(tmp_path, monkeypatch):
    for name in ("b", "a", "c"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)

    def listed():
        with os.scandir(tmp_path) as entries:
            scanned = [entry.name for entry in entries]
        closed = os.scandir(".")
        first = next(closed).name
        closed.close()
        return (
            os.listdir(tmp_path), os.listdir(), scanned, first,  # noqa: PTH208
            sorted(path.name for path in tmp_path.iterdir()),
            [name for _, _, names in os.walk(tmp_path) for name in names],
        )  # fmt: skip

    backwards = ["c", "b", "a"]
    assert during(replace(usual(), backwards=True), listed) == (
        backwards, backwards, backwards, "c", ["a", "b", "c"], backwards,
    )  # fmt: skip


def test_listing_a_folder_that_is_not_there_fails_as_before(tmp_path):
    def fail():
        failed = []
        for function in (os.listdir, os.scandir):
            try:
                function(tmp_path / "gone")
            except FileNotFoundError:
                failed.append(True)
        return failed

    assert during(replace(usual(), backwards=True), fail) == [True, True]


def test_zone_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("TZ", other("/").environ["TZ"])

    assert during(usual(), lambda: time.localtime(0).tm_gmtoff) == 5.5 * 3600


@pytest.mark.parametrize(("known", "spoken"), [({"tr_TR.UTF-8", "C"}, "tr_TR.UTF-8"), ({"C"}, "C")])
def test_first_language_that_the_machine_knows_is_spoken(known, spoken):
    import locale

    def speak():
        said = []

        def setlocale(_, name):
            if name not in known:
                raise locale.Error
            said.append(name)

        locale.setlocale = setlocale
        with under(replace(usual(), elsewhere=True)):
            return said

    assert forked(speak) == [spoken]


def test_shift_of_nothing_needs_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "time_machine", None)
    with module._later(usual().later):
        assert time.time() > 0
