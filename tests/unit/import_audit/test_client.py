"""Every file gets its trace, whichever process ends with whichever file."""

import time

import pytest

from dagproof.import_audit.client import Target, Watchers, Watching
from dagproof.import_audit.conditions import usual
from dagproof.import_audit.orders import Mode
from dagproof.model import Ending


@pytest.fixture
def traced(tmp_path):
    """Have files imported; return what is seen of each by its name."""

    def traced(*names, twice=True):
        watching = Watching(
            [str(tmp_path)], [], {}, tmp_path, tmp_path, str(tmp_path), lambda path: path.name
        )
        targets = [Target(f"{tmp_path}/{name}", str(tmp_path), twice=twice) for name in names]
        with Watchers(watching) as watchers:
            return {trace.path: trace for trace in watchers.traces(targets, [], lambda: None)}

    return traced


def test_every_file_is_imported_by_both_processes(zygotes, traced):
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert sorted(zygotes.started) == ["first", "second"]
    assert len(zygotes.done) == 6


@pytest.mark.parametrize("twice", [True, False])
def test_file_with_which_every_process_ends_is_to_blame_and_is_asked_for_no_more(
    zygotes, traced, twice
):
    zygotes.deadly = lambda _, job: job.path.endswith("b")
    traces = traced("a", "b", "c", twice=twice)

    assert {path: trace.ending for path, trace in traces.items()} == {
        "a": Ending.IMPORTED, "b": Ending.CRASHED, "c": Ending.IMPORTED,
    }  # fmt: skip
    assert traces["b"].crash.span.path == "b"
    assert traces["b"].crash.what.endswith("twice: signal SIGKILL")
    assert zygotes.started.count("first") == 3
    assert zygotes.started.count("second") == (3 if twice else 0)


def test_file_with_which_only_the_second_process_ends_differs(zygotes, traced):
    zygotes.deadly = lambda name, job: name == "second" and job.path.endswith("b")
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert [(one.where, one.second) for one in traces["b"].differences] == [
        ("the import", "SIGKILL")
    ]
    assert not traces["a"].differences
    assert not traces["c"].differences


@pytest.mark.parametrize("which", ["first", "second"])
def test_process_that_ends_once_changes_nothing(zygotes, traced, which):
    def once(name, job):
        return name == which and job.path.endswith("b") and zygotes.started.count(which) == 1

    zygotes.deadly = once
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert sorted(zygotes.started) == sorted(["first", "second", which])
    assert [mode for name, path, mode in zygotes.done if path.endswith("b")].count(Mode.ALONE) == 1


def test_first_process_may_end_with_its_last_file_before_the_second_is_done(zygotes, traced):
    def last_of_first(name, job):
        if name == "second":
            time.sleep(0.1)
        return name == "first" and job.path.endswith("c")

    zygotes.deadly = last_of_first
    traces = traced("a", "b", "c")

    assert [trace.ending for _, trace in sorted(traces.items())] == [
        Ending.IMPORTED, Ending.IMPORTED, Ending.CRASHED,
    ]  # fmt: skip
    assert zygotes.started.count("first") == 2


def test_folders_by_which_the_same_dags_would_differ_are_hidden(tmp_path):
    """A copy shows its files as those of the repository, which may be the working directory."""
    copy, here = tmp_path / "copy", tmp_path / "repository"

    def hidden(roots):
        watching = Watching(roots, [], {}, tmp_path / "s", tmp_path / "s" / "home", str(here),
                            lambda path: str(here / path.relative_to(copy)))  # fmt: skip
        return dict(Watchers(watching)._surroundings(usual()).hidden)

    scratch = {f"{tmp_path}/s/files": "$TMPDIR", f"{tmp_path}/s/home": "$AIRFLOW_HOME"}
    assert hidden([]) == scratch
    assert hidden([str(copy), "/other"]) == {str(copy): ".", str(here): ".", **scratch}
