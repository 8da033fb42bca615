"""From paths to a report, with watchers that import nothing."""

import os
from pathlib import Path

import pytest

from dagproof import audit as package
from dagproof.audit import AuditRequest, audit, composition, seeing
from dagproof.audit.against import Before
from dagproof.audit.findings import selected
from dagproof.lint import LintRequest, lint
from dagproof.model import Effect, Ending, ImportTrace, Kind, Span, UnavailableError, UsageError

DAG = "from airflow.sdk import DAG\nimport helpers\nDAG('x')\n"


class _Watchers:
    """Stands for the processes that import: every file connects to somewhere on line 2."""

    told = ()
    failure = None
    opened = 0
    expected = 0

    def __init__(self, watching):
        type(self).watching = watching
        if self.failure is not None:
            raise self.failure

    def __enter__(self):
        type(self).opened += 1
        return self

    def __exit__(self, *_):
        type(self).opened -= 1

    def expect_second(self):
        type(self).expected += 1

    def listed(self, folders):
        return sorted(str(path) for folder in folders for path in Path(folder).rglob("*.py"))

    def traces(self, targets, modules, started):
        type(self).asked = (targets, modules)
        started()
        for target in reversed(targets):
            path = self.watching.show(Path(target.path))
            span = Span(path, 2, 1, 2, 5)
            effect = Effect(Kind.NETWORK, "socket.connect", "x:1", span)
            trace = ImportTrace(path, dag_ids=(f"dag_{Path(path).stem}",), effects=(effect,))
            yield next((one for one in self.told if one.path == path), trace)


@pytest.fixture
def watchers(monkeypatch):
    fake = type("Watchers", (_Watchers,), {})
    monkeypatch.setattr(seeing, "Watchers", fake)
    monkeypatch.setattr(composition, "check_airflow", lambda: None)
    monkeypatch.setattr(seeing.gc, "freeze", lambda: None)
    return fake


@pytest.fixture
def run(repository, watchers):
    def run(*paths, progress=lambda _: None, on_file=lambda *_: None, **request):
        return audit(repository.settings, AuditRequest(paths=paths, **request), progress, on_file)

    return run


def test_report_holds_findings_rules_files_and_what_was_seen(repository, run):
    repository.add("dags/b.py", DAG)
    repository.add("dags/a.py", DAG)

    report = run()

    assert [(one.code, one.span.path) for one in report.findings] == [
        ("DP202", "dags/a.py"), ("DP202", "dags/b.py"),
    ]  # fmt: skip
    assert report.rules == selected(repository.settings, AuditRequest())
    assert [one.path for one in report.imports] == ["dags/a.py", "dags/b.py"]
    assert (report.files, report.errors, report.notes, report.runs) == (2, (), (), ())
    assert report.seconds > 0
    assert not report.clean


def test_report_of_files_that_do_nothing_is_clean(repository, run, watchers):
    repository.add("dags/a.py", DAG)
    watchers.told = (ImportTrace("dags/a.py", dag_ids=("x",)),)

    assert run().clean


def test_file_that_cannot_be_read_counts_as_one_and_is_an_error_and_a_finding(
    repository, run, watchers, monkeypatch
):
    repository.add("dags/a.py", DAG)
    (repository.root / "dags" / "b.py").symlink_to("nowhere")
    a = str(repository.root / "dags" / "a.py")
    monkeypatch.setattr(watchers, "listed", lambda self, folders: [a])

    report = run()

    assert report.files == 2
    assert [one.path for one in report.errors] == ["dags/b.py"]
    assert ("DP100", "dags/b.py") in [(one.code, one.span.path) for one in report.findings]


def test_dag_that_two_files_make_fails_in_the_second(repository, run, watchers):
    for name in "ab":
        repository.add(f"dags/{name}.py", DAG)
    watchers.told = tuple(ImportTrace(f"dags/{name}.py", dag_ids=("x",)) for name in "ba")

    report = run()

    assert [one.ending for one in report.imports] == [Ending.IMPORTED, Ending.FAILED]
    assert [(one.code, one.span.path) for one in report.findings] == [("DP220", "dags/b.py")]


def test_dropped_file_is_told_only_if_it_makes_dags(repository, run, watchers, monkeypatch):
    repository.add("dags/factory.py", DAG)
    repository.add("dags/b.py", "import factory\n")
    repository.add("dags/c.py", "import factory\n")
    listed = [str(repository.root / "dags" / "factory.py")]
    monkeypatch.setattr(watchers, "listed", lambda self, folders: listed)
    watchers.told = (ImportTrace("dags/c.py"), ImportTrace("dags/factory.py"))

    report = run()

    assert [(one.path, one.skipped) for one in report.imports] == [
        ("dags/b.py", "safe-mode"), ("dags/factory.py", ""),
    ]  # fmt: skip
    assert [(one.code, one.span.path) for one in report.findings] == [("DP225", "dags/b.py")]
    assert report.files == 1


def test_ignored_dag_file_is_told_and_not_imported(repository, run, watchers, monkeypatch):
    repository.add("dags/a.py", DAG)
    repository.add("dags/b.py", DAG)
    repository.add("dags/.airflowignore", "b.py\n")
    a = str(repository.root / "dags" / "a.py")
    monkeypatch.setattr(watchers, "listed", lambda self, folders: [a])
    watchers.told = (ImportTrace("dags/a.py"),)

    report = run()

    assert [one.path for one in watchers.asked[0]] == [a]
    assert ("DP228", "dags/b.py") in [(one.code, one.span.path) for one in report.findings]


def test_progress_is_told_and_each_file_as_it_is_done(repository, run):
    for name in "ab":
        repository.add(f"dags/{name}.py", DAG)
    said, done = [], []

    run(progress=said.append, on_file=lambda *told: done.append(told))

    assert said == ["Airflow is imported, in a process of its own", "2 files to import"]
    assert done == [(1, 2, "dags/b.py"), (2, 2, "dags/a.py")]


def test_question_and_settings_reach_the_watchers(repository, run, watchers):
    repository.configure(
        'allow = ["network:a"]\npythonpath = ["lib"]\n'
        "budgets = { import-timeout = 7, import-memory = 100 }"
    )
    repository.add("lib/x.py")
    repository.add("plugins/p.py")
    named = repository.add("elsewhere/a.py", DAG)
    here = repository.root

    run(named, allow=["filesystem-read"])

    watching = watchers.watching
    assert list(watching.allow) == ["network:a", "filesystem-read"]
    assert (watching.timeout, watching.memory) == (7, 100 * 2**20)
    assert watching.paths == [str(here / "plugins"), str(here / "lib")]
    assert watching.roots == [
        str(here), *(str(here / name) for name in ("dags", "plugins", "lib", "elsewhere")),
    ]  # fmt: skip
    assert (watching.directory, watching.environ["AIRFLOW_HOME"]) == (
        os.getcwd(), str(watching.home),  # noqa: PTH109 - as text
    )  # fmt: skip
    assert watching.environ["TMPDIR"] == str(watching.scratch / "files")

    run(named, timeout=3)
    assert watchers.watching.timeout == 3


def test_scratch_folder_is_gone_and_watchers_are_closed(repository, run, watchers):
    repository.add("dags/a.py", DAG)

    run()

    assert watchers.opened == 0
    assert not watchers.watching.scratch.exists()


@pytest.mark.parametrize("request_", [{"select": ["DP299"]}, {"against": "nowhere"}])
def test_wrong_question_is_refused_and_nothing_is_left(repository, run, watchers, request_):
    repository.add("dags/a.py", DAG)

    with pytest.raises(UsageError):
        run(**request_)
    assert watchers.opened == 0
    assert not watchers.watching.scratch.exists()


def test_wrong_word_is_told_before_files_are_looked_for(repository, run):
    with pytest.raises(UsageError, match="DP299"):
        run(ignore=["DP299"])


def test_folder_without_dags_is_refused(repository, run):
    (repository.root / "dags").mkdir()
    with pytest.raises(UnavailableError, match="There is no DAG file in dags"):
        run()


def test_watchers_that_cannot_begin_are_refused_by_what_they_say(repository, run, watchers):
    repository.add("dags/a.py", DAG)
    watchers.failure = UsageError("--allow: what?")
    with pytest.raises(UsageError, match="--allow: what"):
        run()


def test_missing_airflow_is_told_before_anything_is_started(repository, run, monkeypatch, watchers):
    def missing():
        raise UnavailableError("Airflow is not installed.")

    monkeypatch.setattr(composition, "check_airflow", missing)
    with pytest.raises(UnavailableError, match="Airflow is not installed"):
        run()
    assert not hasattr(watchers, "watching")


def test_nothing_is_imported_for_another_commit_unless_it_is_asked(repository, run, monkeypatch):
    monkeypatch.setattr("dagproof.audit.against.before", pytest.fail)
    repository.add("dags/a.py", DAG)

    run()


def test_package_has_one_door():
    assert package.audit is composition.audit
    assert set(package.__all__) == {"AuditRequest", "audit"}


def test_second_process_is_expected_once_and_only_where_a_file_may_vary(repository, run, watchers):
    steady = "from airflow.sdk import DAG\n\nwith DAG('{}'):\n    pass\n"
    repository.add("dags/a.py", steady.format("a"))
    before = watchers.expected
    run()
    assert watchers.expected == before

    for name in ("b", "c"):
        repository.add(f"dags/{name}.py", f"import os\n{steady.format(name)}os.getpid()\n")
    run()
    assert watchers.expected == before + 1
    run(twice=False)
    assert watchers.expected == before + 1


FACTORY = "import names\nfrom airflow.sdk import DAG\nDAG(names.first())\n"
TRIGGER = """\
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

with DAG("start"):
    TriggerDagRunOperator(task_id="one", trigger_dag_id="{}"){}
"""
SEEN = (ImportTrace("dags/a.py", dag_ids=("load",)), ImportTrace("dags/b.py", dag_ids=("start",)))


@pytest.fixture
def triggering(repository, watchers):
    """Have one file make a DAG whose id only seeing knows, and another one trigger a DAG."""

    def triggering(target, comment=""):
        repository.add("dags/a.py", FACTORY)
        repository.add("dags/b.py", TRIGGER.format(target, comment))
        watchers.told = SEEN

    return triggering


def test_target_that_no_file_made_is_a_finding_of_the_audit(run, triggering):
    triggering("lod")
    report = run()

    [one] = report.findings
    assert (one.code, one.span.path, one.span.line, one.also) == ("DP123", "dags/b.py", 5, ())
    assert one.message == "The repository has no DAG `lod`; the nearest is `load`"
    assert one.excerpt.strip().startswith("TriggerDagRunOperator(")
    assert report.rules[0].code == "DP123"
    triggering("load")
    assert run().clean


def test_target_is_ignored_and_weighed_as_lint_does(repository, run, triggering):
    triggering("lod", "  # dagproof: ignore[DP123] of another team")
    assert run().findings == ()
    triggering("lod")
    repository.configure('severity = { missing-trigger-target = "note" }')
    assert run().clean
    repository.configure('per-file-ignores = { "dags/b.py" = ["DP123"] }')
    assert run().findings == ()
    assert len(run(select=["DP2"]).rules) == len(report_rules(repository))


def report_rules(repository):
    return selected(repository.settings, AuditRequest(select=["DP2"]))


def test_target_is_known_once_it_is_written_down(repository, run, triggering):
    repository.configure('baseline = "known.json"')
    triggering("lod")
    run(write_baseline=True)

    assert (run().findings, run().notes) == (
        (), ("1 known finding is held back by the baseline.",),
    )  # fmt: skip
    lint(repository.settings, LintRequest(write_baseline=True))
    assert run().findings == (), "lint keeps what it cannot know"
    triggering("load")
    assert run().notes[0].startswith("1 finding of the baseline is gone")


def test_target_that_was_missing_at_the_commit_is_not_told(
    repository, run, triggering, monkeypatch
):
    triggering("lod")
    [one] = run().findings
    monkeypatch.setattr("dagproof.audit.against.before", lambda *_: Before((one,)))

    assert run(against="HEAD").findings == ()
