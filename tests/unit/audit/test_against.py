"""Another commit is imported beside this one, by today's settings and under today's paths."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dagproof.audit import against
from dagproof.audit.against import Before, before, past_of
from dagproof.audit.request import AuditRequest, nobody
from dagproof.audit.seeing import Seen
from dagproof.audit.targets import Targets
from dagproof.import_audit.client import Target
from dagproof.model import Effect, Ending, ImportTrace, Kind, Span

OLD = "import a\nold()\n"


@pytest.fixture
def git(repository, monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)

    def git(*arguments, folder=None):
        command = ["git", "-C", str(folder or repository.root), "-c", "user.name=x",
                   "-c", "user.email=x@example.org", *arguments]  # fmt: skip
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return git


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def committed(repository, git):
    """Commit what is there; return the commit."""

    def committed():
        if not (repository.root / ".git").exists():
            git("init", "-q")
        git("add", "-A")
        git("commit", "-q", "-m", "x", "--allow-empty")
        return git("rev-parse", "HEAD")

    return committed


@pytest.fixture
def asked(monkeypatch):
    """Stand for `see`: keep what was asked, and tell of one effect on line 2 of each file."""
    asked = []

    def see(settings, request, progress, on_file, shown):
        texts = [path.read_text() for path in request.paths]
        asked.append((settings, request, texts))
        traces = []
        for path in request.paths:
            name = shown(path)
            seen = Effect(Kind.NETWORK, "socket.connect", "x:1", Span(name, 2, 1, 2, 5))
            traces.append(ImportTrace(name, effects=(seen,), seconds=0.25))
        return Seen(None, tuple(traces))

    monkeypatch.setattr(against, "see", see)
    return asked


@pytest.fixture
def compare(repository):
    """Compare files of today with a commit."""

    def compare(commit, *paths, settings=None, **request):
        files = tuple(Target(str(path), str(path.parent)) for path in paths)
        now = Seen(Targets(files, (), (), (), ()), ())
        asking = AuditRequest(against=commit, **request)
        return before(settings or repository.settings, asking, nobody, now)

    return compare


# Where it was


def test_settings_are_today_s_in_the_folder_of_then(repository, committed, tmp_path, scratch):
    repository.add("dags/a.py", OLD)
    repository.add("lib/x.py")
    commit = committed()
    repository.add("plugins/p.py")
    repository.add("more/y.py")
    repository.configure(
        f'plugins = "plugins"\npythonpath = ["lib", "more", "{tmp_path}"]\n'
        'baseline = "known.json"\nselect = ["DP2"]'
    )

    past = past_of(repository.settings, commit, scratch)

    assert past.settings.root == past.root
    assert past.settings.dags == (past.root / "dags",)
    assert past.settings.plugins is None, "it was not there"
    assert past.settings.pythonpath == (past.root / "lib", tmp_path)
    assert (past.settings.baseline, past.settings.select) == (None, ("DP2",))


def test_plugins_that_were_there_are_taken_too(repository, committed, scratch):
    repository.add("plugins/p.py")
    commit = committed()

    assert past_of(repository.settings, commit, scratch).settings.plugins is not None


def test_repository_may_be_a_folder_of_a_larger_one(repository, git, scratch):
    repository.add("team/dags/a.py", OLD)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "x")
    settings = replace(repository.settings, root=repository.root / "team",
                       dags=(repository.root / "team" / "dags",))  # fmt: skip

    past = past_of(settings, "HEAD", scratch)

    assert past.root.name == "team"
    assert (past.settings.dags[0] / "a.py").read_text() == OLD


# What is compared


def test_findings_of_then_stand_at_today_s_paths_with_the_lines_of_then(
    repository, committed, compare, asked
):
    path = repository.add("dags/a.py", OLD)
    commit = committed()
    path.write_text("import a\nnew()\n")

    past = compare(commit, path)

    [finding] = past.findings
    assert (finding.code, finding.span.path, finding.excerpt) == ("DP202", "dags/a.py", "old()")
    assert past.seconds == {"dags/a.py": 0.25}
    assert asked[0][2] == [OLD]


@pytest.mark.parametrize("folder", ["dags", "dags/team", "other"])
def test_it_is_the_same_wherever_the_user_stands(
    repository, committed, compare, asked, monkeypatch, folder
):
    path = repository.add("dags/team/a.py", OLD)
    (repository.root / "other").mkdir()
    commit = committed()
    path.write_text("import a\nnew()\n")
    settings = repository.settings
    monkeypatch.chdir(repository.root / folder)

    [finding] = compare(commit, path, settings=settings).findings

    assert Path(finding.span.path).absolute() == path
    assert finding.excerpt == "old()", "the line of today is another"


def test_file_that_was_not_there_is_not_compared(repository, committed, compare, asked):
    old = repository.add("dags/a.py", OLD)
    commit = committed()
    new = repository.add("dags/b.py", OLD)

    assert compare(commit, old, new).seconds.keys() == {"dags/a.py"}
    assert len(asked[0][1].paths) == 1


def test_nothing_is_imported_where_nothing_was_there(repository, committed, compare, asked):
    commit = committed()
    new = repository.add("dags/a.py", OLD)

    assert compare(commit, new) == Before()
    assert asked == []


def test_file_outside_the_repository_is_not_compared(
    repository, committed, compare, asked, tmp_path
):
    commit = committed()
    outside = tmp_path / "outside.py"
    outside.write_text(OLD)

    assert compare(commit, outside) == Before()


def test_question_is_the_same_without_baseline_and_commit(repository, committed, compare, asked):
    path = repository.add("dags/a.py", OLD)
    commit = committed()

    compare(commit, path, select=["DP202"], allow=["network"], timeout=3, twice=False,
            baseline=Path("x"), write_baseline=True)  # fmt: skip

    request = asked[0][1]
    assert (request.select, request.allow, request.timeout) == (["DP202"], ["network"], 3)
    assert (request.against, request.baseline, request.write_baseline) == (None, None, False)
    assert not request.twice


def test_cost_of_an_import_that_failed_is_not_compared(repository, committed, compare, monkeypatch):
    path = repository.add("dags/a.py", OLD)
    commit = committed()
    failed = ImportTrace("dags/a.py", ending=Ending.FAILED, seconds=0.01)
    monkeypatch.setattr(against, "see", lambda *_: Seen(None, (failed,)))

    assert compare(commit, path).seconds == {}


def test_scratch_folder_is_gone_afterwards(repository, committed, compare, asked):
    path = repository.add("dags/a.py", OLD)
    commit = committed()

    compare(commit, path)

    assert not asked[0][0].root.exists()


def test_target_that_was_missing_there_is_told_under_today_s_path(
    repository, committed, compare, asked
):
    trigger = """\
        from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
        from airflow.sdk import DAG

        with DAG("start"):
            TriggerDagRunOperator(task_id="one", trigger_dag_id="lod")
            TriggerDagRunOperator(task_id="two", trigger_dag_id="gone")
    """
    path = repository.add("dags/a.py", trigger)
    gone = repository.add("dags/b.py", "from airflow.sdk import DAG\nDAG('gone')\n")
    commit = committed()
    gone.unlink()
    repository.add("dags/a.py", "\n\n")

    found = compare(commit, path).findings

    assert [(one.code, one.span.path, one.span.line) for one in found if one.code == "DP123"] == [
        ("DP123", "dags/a.py", 5)
    ]
    assert all("lod" in one.excerpt for one in found if one.code == "DP123")
    assert not [one for one in compare(commit, path, ignore=["DP123"]).findings
                if one.code == "DP123"]  # fmt: skip
