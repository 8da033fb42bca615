"""Every state is read, and a change of it is seen and described."""

import builtins
import locale
import logging
import os
import random
import signal
import socket
import sys
import time
import warnings
from types import ModuleType

import numpy as np
import pytest
from forked import forked

from dagproof.import_audit import state


def handler(*_):
    """Handle a signal."""


class Finder:
    """Finds nothing."""


def numpy_seeded():
    np.random.seed(1)  # noqa: NPY002 - that is what is looked for


def gone():
    folder = os.path.join(os.environ["TMP_OF_TEST"], "gone")  # noqa: PTH118
    os.mkdir(folder)  # noqa: PTH102
    os.chdir(folder)
    os.rmdir(folder)  # noqa: PTH106


def other_zone():
    os.environ["TZ"] = "Asia/Kathmandu"
    time.tzset()


CHANGES = {
    "sys.path": (lambda: sys.path.insert(0, "/opt/lib"), "has `/opt/lib` now"),
    "the working directory": (lambda: os.chdir("/"), "and is `/` now"),
    "logging": (lambda: logging.getLogger().setLevel(7), "has `level Level 7` now"),
    "warnings": (lambda: warnings.simplefilter("error"), "has `filter error Warning` now"),
    "random": (lambda: random.seed(1), "was seeded"),
    "numpy.random": (numpy_seeded, "was seeded"),
    "the locale": (lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"), "was `"),
    "the time zone": (other_zone, "and is `('+0545', '+0545')` now"),
    "signal handlers": (
        lambda: signal.signal(signal.SIGTERM, handler),
        "SIGTERM is handled by `handler` now",
    ),
    "the alarm": (lambda: signal.setitimer(signal.ITIMER_REAL, 600), "is set now"),
    "the umask": (lambda: os.umask(0o055), "and is `45` now"),
    "the recursion limit": (lambda: sys.setrecursionlimit(1234), "and is `1234` now"),
    "the socket timeout": (
        lambda: socket.setdefaulttimeout(5), "was `None` and is `5.0` now",
    ),
    "sys.excepthook": (lambda: setattr(sys, "excepthook", handler), "and is `handler` now"),
    "sys.stdin": (lambda: setattr(sys, "stdin", None), "was another stream"),
    "sys.stdout": (lambda: setattr(sys, "stdout", sys.stderr), "was another stream"),
    "sys.stderr": (lambda: setattr(sys, "stderr", None), "was another stream"),
    "sys.meta_path": (lambda: sys.meta_path.append(Finder()), "has `Finder` now"),
    "builtins": (lambda: setattr(builtins, "print", handler), "had other functions"),
}  # fmt: skip


def seen(change):
    """Return the names of what a function changes, and how the first is described."""
    before = state.snapshot()
    change()
    after = state.snapshot()
    changed = state.changes(before, after)
    return changed, [state.described(name, before, after) for name in changed]


def test_every_reader_has_a_change_here():
    assert set(CHANGES) == set(state.snapshot())


@pytest.mark.parametrize("name", CHANGES)
def test_change_is_seen_alone_and_described(name):
    change, words = CHANGES[name]

    changed, described = forked(seen, change)

    assert changed == [name]
    assert words in described[0]


def test_process_that_nobody_touches_does_not_change():
    assert forked(seen, lambda: state.read("logging")) == ([], [])


def test_one_part_is_read_alone():
    assert state.read("the recursion limit") == sys.getrecursionlimit()


def test_reading_the_umask_does_not_set_it():
    def masks():
        os.umask(0o027)
        state.snapshot()
        return os.umask(0)

    assert forked(masks) == 0o027


def test_folder_that_is_gone_is_a_change(tmp_path, monkeypatch):
    monkeypatch.setenv("TMP_OF_TEST", str(tmp_path))

    changed, [described] = forked(seen, gone)

    assert changed == ["the working directory"]
    assert described.endswith("is `a folder that is gone` now")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: logging.getLogger().addHandler(logging.NullHandler()), "`handler NullHandler`"),
        (lambda: logging.disable(logging.INFO), "has `disabled up to 20` now"),
    ],
)
def test_each_part_of_logging_counts(change, words):
    changed, [described] = forked(seen, change)

    assert changed == ["logging"]
    assert words in described


def test_each_timer_counts():
    changed, _ = forked(seen, lambda: signal.setitimer(signal.ITIMER_PROF, 600))

    assert changed == ["the alarm"]


def test_numpy_that_is_not_loaded_is_no_change(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy.random", None)

    assert state.read("numpy.random") == 0


# Words


def test_several_items_are_told_and_not_all_of_them():
    before, after = {"sys.path": ("a", "b", "c", "d")}, {"sys.path": ("d", "x", "y", "z")}

    assert state.described("sys.path", before, after) == (
        "has `x` now, has `y` now, lost `a`, lost `b`"
    )


def test_same_items_in_another_order_are_told_as_that():
    before, after = {"sys.path": ("a", "b")}, {"sys.path": ("b", "a")}

    assert state.described("sys.path", before, after) == "has another order now"


def test_several_signals_are_told():
    def change():
        signal.signal(signal.SIGUSR1, handler)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    _, [described] = forked(seen, change)

    assert described == (
        "SIGTERM is handled by `Handlers` now, SIGUSR1 is handled by `handler` now"
    )


def test_long_values_are_shortened():
    before, after = {"the locale": "a" * 300}, {"the locale": 7}

    assert state.described("the locale", before, after) == f"was `{'a' * 80}` and is `7` now"


# What is forgiven


def test_what_a_library_changed_is_taken_as_given():
    baseline = {"x": 1, "y": 1}

    assert state.forgive(baseline, {"x": 1, "y": 1}, {"x": 2, "y": 1}) == {"x": 2, "y": 1}


def test_what_the_file_changed_before_is_not_forgiven():
    assert state.forgive({"x": 1}, {"x": 2}, {"x": 2}) == {"x": 1}
    assert state.forgive({"x": 1}, {"x": 2}, {"x": 3}) == {"x": 1}


def test_order_of_changes_is_that_of_the_state():
    assert state.changes({"a": 1, "b": 2, "c": 3}, {"c": 0, "b": 2, "a": 0}) == ["a", "c"]


# What is put back


def put_back(change):
    """Change something; return what is said of it, and what cannot be seen to be back."""
    kept = state.Kept()
    before = state.snapshot()
    named = {"print": print, "json": sys.modules["json"]}
    change()
    replaced = kept.put_back()
    after = state.snapshot()
    wrong = [name for name in ("builtins", "sys.stdin", "sys.stdout", "sys.stderr")
             if before[name] != after[name]]  # fmt: skip
    if print is not named["print"] or sys.modules.get("json") is not named["json"]:
        wrong.append("names")
    return replaced, wrong


def nothing():
    """Change nothing."""


def emptied():
    names = builtins.__dict__
    clear = names.clear
    clear()


@pytest.mark.parametrize(
    ("change", "replaced"),
    [
        (nothing, []),
        (lambda: setattr(builtins, "print", handler), ["builtins"]),
        (lambda: setattr(builtins, "extra", 1), ["builtins"]),
        (lambda: delattr(builtins, "len"), ["builtins"]),
        (emptied, ["builtins"]),
        (lambda: setattr(sys, "stdout", None), ["sys.stdout"]),
        (lambda: delattr(sys, "stderr"), ["sys.stderr"]),
        (
            lambda: [setattr(sys, "stdin", 1), setattr(sys, "stderr", 1)],
            ["sys.stdin", "sys.stderr"],
        ),
        (lambda: sys.modules.pop("json"), [state.MODULES]),
        (lambda: sys.modules.clear(), [state.MODULES]),  # noqa: PLW0108 - called in the child
    ],
)
def test_what_everything_stands_on_is_put_back(change, replaced):
    __import__("json")

    assert forked(put_back, change) == (replaced, [])


def test_module_that_was_replaced_is_put_back():
    import json

    def replace():
        kept = state.Kept()
        sys.modules["json"] = ModuleType("json")
        return kept.put_back(), sys.modules["json"] is json

    assert forked(replace) == ([state.MODULES], True)


def test_module_that_was_loaded_meanwhile_stays():
    def load():
        kept = state.Kept()
        sys.modules["brand_new"] = ModuleType("brand_new")
        kept.put_back()
        return "brand_new" in sys.modules

    assert forked(load)
