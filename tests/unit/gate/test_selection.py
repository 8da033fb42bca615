"""What a change makes worth looking at."""

import pytest

from dagproof.config import ConfiguredRun, Settings
from dagproof.gate.selection import Selection, select
from dagproof.model import Affected, Impact

DAG = "from airflow.sdk import DAG\nwith DAG('{}'):\n    ...\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("dags", "plugins"):
        (tmp_path / folder).mkdir()
    for name in ("one", "two"):
        (tmp_path / f"dags/{name}.py").write_text(DAG.format(name))
    return tmp_path


def settings(root, *runs):
    configured = tuple(map(ConfiguredRun, runs))
    return Settings(root, (root / "dags",), root / "plugins", runs=configured)


def of(*paths):
    return Impact(affected=tuple(map(Affected, paths)), total=2)


def ids(selection):
    return [run.dag for run in selection.runs]


def test_everything_names_no_file_and_runs_all(root):
    chosen = select(settings(root, "one", "two"), Impact("unknown", total=2), [])
    assert chosen == Selection(runs=settings(root, "one", "two").runs)


def test_files_that_are_affected_are_looked_at_and_their_dags_run(root):
    chosen = select(settings(root, "one", "two"), of("dags/two.py"), [])
    assert [str(path) for path in chosen.paths] == ["dags/two.py"]
    assert (ids(chosen), chosen.left_out, chosen.nothing) == (["two"], ("one",), False)


def test_nothing_that_is_affected_is_said(root):
    chosen = select(settings(root, "one"), of(), [f"{root}/README.md"])
    assert chosen == Selection(nothing=True, left_out=("one",))


def test_files_of_which_tasks_alone_are_affected_are_run_and_not_imported(root):
    impact = Impact(affected=(Affected("dags/one.py"), Affected("dags/two.py", imports=False)))
    chosen = select(settings(root, "one", "two"), impact, [])
    assert [str(path) for path in chosen.paths] == ["dags/one.py"]
    assert (ids(chosen), chosen.later, chosen.nothing) == (["one", "two"], 1, False)
    alone = select(settings(root), Impact(affected=impact.affected[1:]), [])
    assert (alone.paths, alone.later, alone.nothing) == ((), 1, True)


def test_run_of_a_dag_that_no_file_names_is_run(root):
    assert ids(select(settings(root, "made_in_a_loop"), of("dags/two.py"), [])) == [
        "made_in_a_loop"
    ]


def test_run_that_names_a_file_is_run_where_that_is_affected(root):
    assert ids(select(settings(root, "dags/two.py"), of("dags/two.py"), [])) == ["dags/two.py"]
    assert ids(select(settings(root, "dags/two.py"), of("dags/one.py"), [])) == []


def test_plugins_that_changed_are_imported_too(root):
    plugin = root / "plugins/macros.py"
    plugin.write_text("x = 1\n")
    changed = [str(plugin), f"{root}/plugins/gone.py", f"{root}/plugins/x.sql", f"{root}/x.py"]
    chosen = select(settings(root), of("dags/one.py"), changed)
    assert list(map(str, chosen.paths)) == ["dags/one.py", str(plugin)]
