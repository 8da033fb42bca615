"""Which DAG files do not import, so that nothing, or not all, of them is proved."""

import pytest

from dagproof.model import Ending, ImportFailure, ImportTrace, Report, Span
from dagproof.reporters.unimported import named, unimported

FAILURE = ImportFailure("ModuleNotFoundError", "no", "", Span("a.py", 1, 1, 1, 2))


def failed(path, ending=Ending.FAILED, **more):
    return ImportTrace(path, ending, **more)


@pytest.mark.parametrize(
    ("imports", "said"),
    [
        ((ImportTrace("a.py", dag_ids=("a",)), ImportTrace("b.py")), ""),
        ((failed("a.py", skipped="safe-mode"),), ""),
        ((failed("a.py"),), "1 DAG file does not import, and nothing of it is proved: a.py"),
        (
            (ImportTrace("a.py", errors=(FAILURE,)), failed("b.py", Ending.CRASHED)),
            "2 DAG files do not import, and nothing of them is proved: a.py, b.py",
        ),
        (
            (ImportTrace("a.py", dag_ids=("a",), errors=(FAILURE,)),),
            "1 DAG file does not import to its end, and not all of it is proved: a.py",
        ),
        (
            (failed("a.py"), ImportTrace("b.py", dag_ids=("b",), errors=(FAILURE,))),
            "2 DAG files do not import to their ends, and not all of them is proved: a.py, b.py",
        ),
        (
            tuple(failed(f"{name}.py", Ending.TIMED_OUT) for name in "abcde"),
            "5 DAG files do not import, and nothing of them is proved: a.py, b.py, c.py and 2 more",
        ),
    ],
)  # fmt: skip
def test_files_that_do_not_import_are_counted_and_named(imports, said):
    assert unimported(Report(imports=imports)) == said


def test_names_are_shown_as_they_are_written_and_the_rest_is_counted():
    assert named(["a"]) == "a"
    assert named(["a\x1b", "b", "c", "d"]) == "a\\x1b, b, c and 1 more"
