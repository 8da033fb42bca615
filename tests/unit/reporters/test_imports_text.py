"""The table of what imports cost, to the character."""

import pytest

from dagproof.model import Ending, ImportTrace, ModuleCost, Report
from dagproof.reporters.imports_text import cost_table
from dagproof.reporters.text import plain, render


def trace(path="dags/x.py", seconds=1.0, dags=1, **more):
    return ImportTrace(path, dag_ids=tuple(map(str, range(dags))), seconds=seconds, **more)


def files(number):
    return [trace(f"dags/{place:02}.py", place / 8, place) for place in range(1, number + 1)]


def test_most_expensive_file_comes_first_with_its_most_expensive_module():
    modules = (ModuleCost("sklearn.ensemble", 1.904, 0.2), ModuleCost("numpy", 1.0, 1.0))
    traces = [
        trace("dags/bare.py", 0.012, 12),
        trace("dags/taxi/dag.py", 12.418, 0, modules=modules),
    ]

    assert cost_table(traces) == (
        "Import cost (CPU seconds, Airflow itself not counted)\n"
        "seconds  DAGs  file              most expensive module  seconds\n"
        "───────  ────  ────────────────  ─────────────────────  ───────\n"
        "  12.42     0  dags/taxi/dag.py  sklearn.ensemble          1.90\n"
        "   0.01    12  dags/bare.py"
    )


def test_files_of_one_cost_keep_their_order():
    traces = [trace("b.py"), trace("a.py"), trace("c.py"), trace("d.py", 2.0)]

    lines = cost_table(traces).splitlines()

    assert [line.split()[2] for line in lines[3:]] == ["d.py", "b.py", "a.py", "c.py"]


@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        (Ending.IMPORTED, "dags/x.py"),
        (Ending.FAILED, "dags/x.py (failed)"),
        (Ending.TIMED_OUT, "dags/x.py (timed out)"),
        (Ending.CRASHED, "dags/x.py (crashed)"),
    ],
)
def test_file_that_was_not_imported_says_how_it_ended(ending, shown):
    last = cost_table([trace(ending=ending)]).splitlines()[-1]

    assert last == f"   1.00     1  {shown}"


def test_ten_files_have_rows_of_their_own():
    lines = cost_table(files(10)).splitlines()

    assert len(lines) == 13
    assert lines[3] == "   1.25    10  dags/10.py"
    assert lines[-1] == "   0.12     1  dags/01.py"


@pytest.mark.parametrize(
    ("number", "last"),
    [(11, "   0.12     1  1 more file"), (14, "   1.25    10  4 more files")],
)
def test_cheaper_files_are_counted_together(number, last):
    lines = cost_table(files(number)).splitlines()

    assert len(lines) == 14
    assert lines[-1] == last


def test_files_that_airflow_never_imports_have_no_cost():
    text = cost_table([trace("dags/old.py", skipped="safe-mode"), trace("dags/new.py")])

    assert "old.py" not in text
    assert text.endswith("  dags/new.py")


@pytest.mark.parametrize("traces", [(), (trace(skipped="safe-mode"),)])
def test_nothing_imported_is_no_table(traces):
    assert cost_table(traces) == ""
    assert render(Report(files=1, imports=traces)) == "1 file is clean\n"


def test_report_of_imports_ends_in_its_count():
    assert render(Report(files=1, imports=(trace(),))) == (
        "Import cost (CPU seconds, Airflow itself not counted)\n"
        "seconds  DAGs  file       most expensive module  seconds\n"
        "───────  ────  ─────────  ─────────────────────  ───────\n"
        "   1.00     1  dags/x.py\n"
        "\n"
        "1 file is clean\n"
    )


def test_file_that_does_not_import_is_not_called_clean():
    failed = trace(ending=Ending.FAILED)
    last = [
        render(Report(files=2, imports=(trace(), *more))).splitlines()[-1]
        for more in ((), (failed,), (failed, failed))
    ]
    assert last == [
        "2 files are clean",
        "No findings in 2 files; 1 does not import",
        "No findings in 2 files; 2 do not import",
    ]


def test_table_stays_aligned_on_an_ascii_terminal():
    slow = trace(ending=Ending.TIMED_OUT, modules=(ModuleCost("numpy", 0.5, 0.5),))
    text = cost_table([*files(12), slow])

    assert plain(text) == text.replace("─", "-")
    assert plain(text).isascii()


def test_names_command_no_terminal():
    text = cost_table([trace("\x1b.py", modules=(ModuleCost("\u202em", 1.0, 1.0),))])

    assert text.splitlines()[-1] == "   1.00     1  \\x1b.py  \\u202em                   1.00"
