"""From a frame to the places of the repository that led there, and to none that did not."""

import sys
import sysconfig
import threading
from functools import partial
from pathlib import Path

import pytest

import dagproof
from dagproof.import_audit.frames import (
    CALLED,
    IMPORTED,
    STARTED,
    Repository,
    Way,
    library_folders,
    place_of,
    way,
)

ROOT = "/repository"
LIBRARY = "/repository/venv/lib/site-packages"
REPOSITORY = Repository([ROOT], [LIBRARY])
IMPORTLIB = "<frozen importlib._bootstrap>"
DAG = f"{ROOT}/dags/a.py"
HELPER = f"{ROOT}/plugins/helper.py"

NEST = """\
def outer(inner):
    return inner()
"""


@pytest.fixture(autouse=True)
def _nothing_started():
    STARTED.clear()
    yield
    STARTED.clear()


def ran(source, path, name="__main__", **names):
    """Execute source as if it stood in a file; return its namespace."""
    names["__name__"] = name
    exec(compile(source, path, "exec"), names)  # noqa: S102 - it is ours
    return names


def here(found):
    """Return a function that writes down the way to whoever calls it."""

    def look():
        found.append(way(sys._getframe(1), REPOSITORY))

    return look


def through(*paths, inner):
    """Call a function through functions of files, the last one next to it."""
    for number, path in enumerate(reversed(paths)):
        outer = ran(NEST, path, name=f"module{len(paths) - number}")["outer"]
        inner = partial(outer, inner)
    return inner()


def looked(*paths):
    """Return the way to a function of the last file, called through the others."""
    found = []

    def look():
        found.append(way(sys._getframe(1), REPOSITORY))

    through(*paths, inner=look)
    return found[0]


def modules(led):
    return [name for name in led.packages if name.startswith("module")]


def short(led):
    return [(Path(place[0]).name, place[1], place[5]) for place in led.places]


# Repository


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        (f"{ROOT}/dags/a.py", True),
        (f"{ROOT}/dags/a.zip/b.py", True),
        (f"{LIBRARY}/pandas/core.py", False),
        (f"{ROOT}/other/lib/python3.11/site-packages/x.py", False),
        ("/repository2/a.py", False),
        ("/elsewhere/a.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", False),
        (ROOT, False),
    ],
)
def test_repository_owns_what_lies_below_its_roots_and_in_no_library(path, owned):
    repository = Repository([f"{ROOT}/"], [f"{LIBRARY}/"])

    assert repository.owns(path) is owned
    assert repository.owns(path) is owned  # remembered as it was


def test_folder_that_begins_like_a_library_is_owned():
    repository = Repository([ROOT], [f"{ROOT}/lib"])

    assert repository.owns(f"{ROOT}/library/a.py")
    assert not repository.owns(f"{ROOT}/lib/a.py")


def test_every_root_counts():
    repository = Repository(["/one", "/two"], [])

    assert repository.owns("/one/a.py")
    assert repository.owns("/two/a.py")


# Ways


def test_way_leads_from_the_outermost_place_to_the_innermost():
    led = looked(DAG, HELPER)

    assert short(led) == [("a.py", 2, CALLED), ("helper.py", 2, "")]
    assert modules(led) == []
    assert not led.importing


def test_libraries_below_the_innermost_place_are_packages_innermost_first():
    led = looked(DAG, "/lib/outer.py", "/lib/inner.py")

    assert modules(led) == ["module3", "module2"]
    assert short(led) == [("a.py", 2, "")]


def test_libraries_between_places_are_no_packages():
    led = looked(DAG, "/lib/between.py", HELPER)

    assert modules(led) == []
    assert short(led) == [("a.py", 2, CALLED), ("helper.py", 2, "")]


def test_without_the_repository_there_is_no_place_and_no_site():
    led = looked("/lib/a.py")

    assert list(led.places) == []
    assert led.site is None
    assert modules(led) == ["module1"]


def test_no_frame_is_no_way():
    led = way(None, REPOSITORY)

    assert list(led.places) == []
    assert led.site is None


def test_library_without_a_name_is_told_as_text():
    found = []
    names = ran("look()", "/lib/a.py", name=None, look=here(found))

    assert names["__name__"] is None
    assert found[0].packages[0] == "None"


def test_import_within_the_repository_is_a_step_of_the_way():
    led = looked(DAG, IMPORTLIB, HELPER)

    assert short(led) == [("a.py", 2, IMPORTED), ("helper.py", 2, "")]
    assert not led.importing


def test_import_and_call_are_told_apart_on_a_long_way():
    led = looked(DAG, IMPORTLIB, HELPER, HELPER, IMPORTLIB, "/lib/x.py", HELPER)

    assert [how for *_, how in led.places] == [IMPORTED, CALLED, IMPORTED, ""]


def test_what_a_library_does_while_it_is_imported_is_not_its_callers():
    led = looked(DAG, IMPORTLIB, "/lib/a.py")

    assert led == Way((), (), importing=True, site=None)


def test_what_a_library_does_while_another_one_imports_it_is_not_the_callers():
    assert looked(DAG, "/lib/a.py", IMPORTLIB, "/lib/b.py").importing


def test_library_that_is_imported_by_nobody_of_the_repository_is_being_imported():
    led = looked(IMPORTLIB, "/lib/a.py")

    assert led.importing
    assert list(led.places) == []


def test_library_that_was_imported_before_is_the_callers():
    led = looked(IMPORTLIB, DAG, "/lib/a.py")

    assert not led.importing
    assert short(led) == [("a.py", 2, "")]


def test_columns_are_those_of_the_call_in_bytes():
    found = []
    source = "x = 1\n\u00fc = [look(), 1]\n"
    ran(source, DAG, look=here(found))

    assert found[0].places == [(DAG, 2, 2, 6, 12, "")]


def test_call_over_several_lines_has_its_whole_stretch():
    found = []
    ran("look(\n    *(),\n)\n", DAG, look=here(found))

    assert found[0].places == [(DAG, 1, 3, 0, 1, "")]


def test_code_without_columns_is_the_beginning_of_its_line():
    code = compile("\n\nx = 1\n", DAG, "exec").replace(co_linetable=b"")

    assert place_of(code, 2, 3, CALLED) == (DAG, 3, 3, 0, 0, CALLED)
    assert place_of(code, 2, None, CALLED) == (DAG, 1, 1, 0, 0, CALLED)


def test_instruction_that_was_not_begun_is_the_first_one():
    code = compile("x = 1\n", DAG, "exec")

    assert place_of(code, -1, 1, "")[0] == DAG
    assert place_of(code, 10_000, 7, "") == (DAG, 7, 7, 0, 0, "")


# Sites


def test_two_calls_of_one_line_are_two_sites():
    found = []
    ran("look(); look()\n", DAG, look=here(found))

    assert len({led.site for led in found}) == 2


def test_call_that_is_repeated_is_one_site():
    found = []
    ran("for _ in range(3):\n    look()\n", DAG, look=here(found))

    assert len(found) == 3
    assert len({led.site for led in found}) == 1


def test_identical_code_of_two_files_is_two_sites():
    found = []
    for path in (DAG, HELPER):
        ran("def f():\n    look()\nf()\n", path, look=here(found))

    assert len({led.site for led in found}) == 2


def test_identical_functions_of_one_file_are_two_sites():
    found = []
    ran(
        "class A:\n    def f(self): look()\nclass B:\n    def f(self): look()\nA().f(); B().f()\n",
        DAG, look=here(found),
    )  # fmt: skip

    assert len({led.site for led in found}) == 2


def test_place_that_two_ways_lead_to_is_one_site():
    found = []
    ran("def f():\n    look()\nf()\nf()\n", DAG, look=here(found))

    assert len({led.site for led in found}) == 1
    assert found[0].places != found[1].places


# Threads


def started(thread, led):
    STARTED[id(thread)] = led
    thread.start()
    thread.join()


def test_thread_of_a_library_leads_to_who_started_it():
    found = []
    origin = Way([(DAG, 7, 7, 0, 5, "")], (), importing=False, site=("site", 1, "f", 2))
    thread = threading.Thread(
        target=ran, args=("look()", "/lib/a.py"), kwargs={"look": here(found)}
    )
    started(thread, origin)

    assert list(found[0].places) == list(origin.places)
    assert found[0].site == origin.site
    assert not found[0].importing


def test_packages_of_a_thread_are_those_in_the_thread():
    found = []
    origin = Way([(DAG, 7, 7, 0, 5, "")], ("starter",), importing=False, site=("s", 1, "f", 2))
    names = {"look": here(found), "name": "worker"}
    thread = threading.Thread(target=ran, args=("look()", "/lib/a.py"), kwargs=names)
    started(thread, origin)

    assert "worker" in found[0].packages
    assert "starter" not in found[0].packages


def test_thread_that_an_import_started_is_part_of_it():
    found = []
    thread = threading.Thread(
        target=ran, args=("look()", "/lib/a.py"), kwargs={"look": here(found)}
    )
    started(thread, Way((), (), importing=True, site=None))

    assert found[0].importing
    assert list(found[0].places) == []


def test_thread_that_runs_code_of_the_repository_leads_there():
    found = []
    thread = threading.Thread(target=ran, args=("look()", HELPER), kwargs={"look": here(found)})
    started(thread, Way([(DAG, 7, 7, 0, 5, "")], (), importing=False, site=("s", 1, "f", 2)))

    assert short(found[0]) == [("helper.py", 1, "")]


def test_thread_that_nobody_was_seen_to_start_leads_nowhere():
    found = []
    thread = threading.Thread(
        target=ran, args=("look()", "/lib/a.py"), kwargs={"look": here(found)}
    )
    thread.start()
    thread.join()

    assert list(found[0].places) == []
    assert not found[0].importing


# Libraries


def test_library_folders_are_those_of_python_of_packages_and_ours():
    folders = library_folders()

    assert sysconfig.get_path("stdlib") in folders
    assert sysconfig.get_path("purelib") in folders
    assert str(Path(dagproof.__file__).parent) in folders
    assert len(folders) == len(set(folders))


def test_every_site_folder_on_the_path_is_one_of_libraries(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/a/dist-packages", "/b/site-packages", "/c/mine"])
    folders = library_folders()

    assert "/a/dist-packages" in folders
    assert "/b/site-packages" in folders
    assert "/c/mine" not in folders
