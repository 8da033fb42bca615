"""Both states are imported once, as far as they are asked for, and compared under today's paths."""

import subprocess
import textwrap
from pathlib import Path

import pytest

from dagproof.audit import against
from dagproof.audit.request import AuditRequest
from dagproof.audit.seeing import Seen
from dagproof.config import load_settings
from dagproof.diffing import composition, diff
from dagproof.model import DagShape, ImportTrace, TaskShape, UnavailableError, UsageError

DAG = "from airflow.sdk import DAG\nDAG({!r})\n"
X = DAG.format("x")


@pytest.fixture
def root(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def git(root):
    def git(*arguments):
        command = [
            "git",
            "-C",
            str(root),
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@y.z",
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    return git


@pytest.fixture
def add(root):
    def add(name, text=X):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return add


@pytest.fixture
def commit(git):
    def commit():
        git("add", "-A")
        git("commit", "-q", "-m", "x", "--allow-empty")
        return git("rev-parse", "HEAD")

    return commit


@pytest.fixture(autouse=True)
def imports(monkeypatch):
    """Stand for imports: each file has the DAGs whose ids stand in it."""
    asked = []

    def see(settings, request, progress, on_file, shown):
        asked.append((settings, request))
        files = request.paths or sorted(
            path
            for folder in (*settings.dags, *([settings.plugins] if settings.plugins else ()))
            for path in folder.rglob("*")
            if path.suffix in {".py", ".zip"}
        )
        traces = []
        for path in files:
            ids = [line[5:-2] for line in path.read_text().split("\n") if line.startswith("DAG(")]
            name = shown(path)
            dags = tuple(DagShape(one, name, tasks=(TaskShape("t"),)) for one in ids)
            traces.append(ImportTrace(name, dag_ids=tuple(ids), dags=dags, seconds=0.5))
        return Seen(None, tuple(traces))

    monkeypatch.setattr(against, "see", see)
    monkeypatch.setattr(composition, "see", see)
    return asked


def fates(told):
    return {one.dag_id: one.fate for one in told.diffs}


def test_working_tree_is_compared_with_the_commit(root, add, commit):
    add("dags/a.py", DAG.format("old") + "# tells who it is")
    add("dags/b.py", DAG.format("same"))
    base = commit()
    add("dags/a.py", DAG.format("new_dag"))
    add("dags/c.py", DAG.format("more"))

    told = diff(load_settings(root), base)

    assert fates(told) == {"more": "added", "new_dag": "renamed"}
    assert told.before.seconds == {"dags/a.py": 0.5, "dags/b.py": 0.5}
    assert told.files == 3
    assert told.notes == ()


def test_commit_is_imported_once_and_the_working_tree_not_where_it_was_seen(
    root, add, commit, imports
):
    add("dags/a.py")
    base = commit()

    told = diff(load_settings(root), base, now=[ImportTrace("dags/a.py")])

    assert len(imports) == 1
    assert fates(told) == {"x": "removed"}
    assert [trace.path for trace in told.before.traces] == ["dags/a.py"]


@pytest.mark.parametrize(
    ("twice", "now", "wanted"),
    [(True, (), [True]), (False, (), [False]), (True, None, [False, True]),
     (False, None, [False, False])],
)  # fmt: skip
def test_files_are_imported_twice_where_that_tells_something(
    root, add, commit, imports, twice, now, wanted
):
    add("dags/a.py")

    diff(
        load_settings(root), commit(), now=now, request=AuditRequest(twice=twice, allow=["network"])
    )

    assert [request.twice for _, request in imports] == wanted
    assert all(request.allow == ["network"] for _, request in imports)
    assert all(request.against is None for _, request in imports)


def test_files_that_are_gone_are_imported_where_they_were(root, add, commit, imports):
    gone, stays = add("dags/gone.py", DAG.format("gone")), add("dags/stays.py")
    add("dags/other.py", DAG.format("other"))
    base = commit()
    gone.unlink()

    told = diff(load_settings(root), base, [gone, stays, root / "dags" / "never.py"])

    assert fates(told) == {"gone": "removed"}
    assert [[path.name for path in request.paths] for _, request in imports] == [
        ["gone.py", "stays.py"], ["stays.py"],
    ]  # fmt: skip


def test_what_is_gone_and_was_no_dag_file_is_not_imported(root, add, commit, imports):
    gone = [add("dags/helper.py", "x = 1\n"), add("lib/airflow_dag.py"), add("dags/a.py")]
    base = commit()
    for path in gone:
        path.unlink()

    told = diff(load_settings(root), base, gone)

    assert fates(told) == {"x": "removed"}
    assert [[path.name for path in request.paths] for _, request in imports] == [["a.py"]]


def test_nothing_is_imported_where_nothing_is_asked(root, add, commit, imports):
    add("dags/a.py")

    assert diff(load_settings(root), commit(), []).diffs == ()
    assert imports == []


def test_all_dags_may_be_new_or_gone(root, add, commit):
    empty = commit()
    path = add("dags/a.py")
    full = commit()

    assert fates(diff(load_settings(root), empty)) == {"x": "added"}
    path.unlink()
    assert fates(diff(load_settings(root), full)) == {"x": "removed"}
    path.parent.rmdir()
    assert fates(diff(load_settings(root), full)) == {"x": "removed"}


def test_repository_that_never_had_a_dag_file_is_not_compared(root, add, commit, imports):
    add("dags/readme.md", "airflow dag\n")

    with pytest.raises(UnavailableError, match="There is no DAG file in dags"):
        diff(load_settings(root), commit())
    assert imports == []


def test_archives_are_dag_files(root, add, commit, imports):
    add("dags/a.zip", "")

    diff(load_settings(root), commit())

    assert len(imports) == 2


def test_plugins_are_looked_at_without_a_dags_folder(root, add, commit, imports):
    add("pyproject.toml", '[tool.dagproof]\nplugins = "plugins"\n')
    add("plugins/p.py", "x = 1\n")

    diff(load_settings(root), commit())

    assert len(imports) == 2


def test_folder_that_has_moved_is_looked_at_where_it_was(root, add, commit, git):
    add("pyproject.toml", '[tool.dagproof]\ndags = ["old"]\n')
    add("old/a.py")
    base = commit()
    git("mv", "old", "new")
    add("pyproject.toml", '[tool.dagproof]\ndags = ["new"]\n')

    assert diff(load_settings(root), base).diffs == ()
    assert diff(load_settings(root), base).files == 2


def test_settings_of_then_that_cannot_be_read_are_no_obstacle(root, add, commit):
    add("pyproject.toml", "[tool.dagproof]\ndags = 3\n")
    add("old/a.py")
    base = commit()
    add("pyproject.toml", "[tool.dagproof]\n")
    add("dags/a.py")

    assert fates(diff(load_settings(root), base)) == {"x": "added"}


def test_commit_that_is_not_there_is_refused(root, add, commit):
    add("dags/a.py")
    commit()

    with pytest.raises(UsageError, match="has no commit `nowhere`"):
        diff(load_settings(root), "nowhere")


def test_scratch_folder_is_gone_afterwards(root, add, commit, imports):
    add("dags/a.py")

    diff(load_settings(root), commit())

    assert not imports[0][0].root.exists()
    assert Path(imports[1][0].root) == root
