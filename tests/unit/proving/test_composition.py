"""From paths to a report, with processes that import nothing."""

from pathlib import Path

import pytest

from dagproof.contracts.broken import Broken
from dagproof.import_audit.explorations import Exploration
from dagproof.model import (
    ImportFailure,
    ImportTrace,
    Span,
    UnavailableError,
    Unread,
    UsageError,
)
from dagproof.proving import ContractsRequest, composition, prove

DAG = "from airflow.sdk import DAG\nfrom airflow.providers.x import Y\nDAG('x')\n"


class _Watchers:
    """Stands for the processes: every file has one DAG with one task that breaks."""

    opened = 0
    failing = ()

    def __init__(self, watching):
        type(self).watching = watching

    def __enter__(self):
        type(self).opened += 1
        return self

    def __exit__(self, *_):
        type(self).opened -= 1

    def listed(self, folders):
        return sorted(str(path) for folder in folders for path in Path(folder).rglob("*.py"))

    def explorations(self, targets, modules, started):
        type(self).asked = (targets, modules)
        started()
        for target in reversed(targets):
            path, name = self.watching.show(Path(target.path)), Path(target.path).stem
            span = Span(path, 2, 1, 2, 5)
            errors = (ImportFailure("KeyError", "k", "", span),) if name in self.failing else ()
            yield Exploration(
                target.path,
                ImportTrace(path, dag_ids=(f"dag_{name}", f"more_{name}"), errors=errors),
                (
                    {"broken": Broken("broken-template", "It breaks", f"dag_{name}").record()},
                    {"tried": {"confs": 1, "templates": 2, "values": 3, "seconds": 0.5}},
                ),
                (),
                complete=True,
                tasks={(f"dag_{name}", "load"): span, (f"more_{name}", "save"): span},
            )


@pytest.fixture
def watchers(monkeypatch):
    fake = type("Watchers", (_Watchers,), {})
    monkeypatch.setattr(composition, "Watchers", fake)
    monkeypatch.setattr(composition, "check_airflow", lambda: None)
    return fake


@pytest.fixture
def run(repository, watchers):
    def run(*paths, progress=lambda _: None, on_file=lambda *_: None, **request):
        asked = ContractsRequest(paths=paths, **request)
        return prove(repository.settings, asked, progress, on_file)

    return run


@pytest.fixture
def two(repository):
    repository.add("dags/b.py", DAG)
    repository.add("dags/a.py", DAG)


def test_report_holds_findings_rules_files_and_what_was_tried(two, run, watchers):
    report = run()

    assert [(one.code, one.span.path) for one in report.findings] == [
        ("DP308", "dags/a.py"), ("DP308", "dags/b.py"),
    ]  # fmt: skip
    assert [one.path for one in report.contracts] == ["dags/a.py", "dags/b.py"]
    assert [one.confs for one in report.contracts] == [1, 1]
    assert {rule.code[:3] for rule in report.rules} == {"DP3"}
    assert (report.files, report.errors, report.imports) == (2, (), ())
    assert report.seconds > 0
    assert watchers.opened == 0


def test_only_what_is_asked_for_is_found(two, run):
    report = run(Path("dags/a.py"), select=["DP302"])

    assert report.findings == ()
    assert [rule.code for rule in report.rules] == ["DP302"]
    assert [one.path for one in report.contracts] == ["dags/a.py"]


def test_baseline_is_written(two, run, repository):
    report = run(write_baseline=True)

    assert report.findings == ()
    assert report.notes[0].startswith("2 findings known from now on")
    assert (repository.root / "dagproof-baseline.json").exists()


@pytest.mark.parametrize("part", [{"dag_id": "dag_a"}, {"task_id": "load"}, {"conf": {}}])
def test_baseline_of_a_part_is_refused_before_anything_starts(run, watchers, part):
    with pytest.raises(UsageError, match=r"Leave out `--dag`, `--task` and `--conf`\.$"):
        run(write_baseline=True, **part)

    assert not hasattr(watchers, "watching")


def test_processes_are_told_what_to_explore_and_what_to_load(repository, two, run, watchers):
    repository.configure(
        'pure = ["a.*"]\nxcoms = { "a.b" = [1] }\n'
        "budgets = { xcom-size = 2.5, import-timeout = 9 }\n"
    )
    run(examples=3, seed=4, conf={"n": 1}, allow=["network:a"])

    targets, modules = watchers.asked
    explorer = watchers.watching.explorer
    assert [(Path(one.path).name, one.twice) for one in targets] == [
        ("a.py", False), ("b.py", False),
    ]  # fmt: skip
    assert tuple(modules) == ("airflow.providers.x", "airflow.sdk", "dagproof.contracts.exploring")
    assert explorer.function == "dagproof.contracts.exploring.explore"
    assert explorer.seconds == 300
    assert explorer.options == {
        "examples": 3,
        "dag_id": "",
        "task_id": "",
        "conf": {"n": 1},
        "pure": ("a.*",),
        "xcoms": {"a.b": (1,)},
        "stored": 2560,
        "seed": 4,
        "seconds": 2.0,
        "skipped": (),
    }
    assert (watchers.watching.timeout, tuple(watchers.watching.allow)) == (9.0, ("network:a",))


def test_timeout_that_is_asked_for_counts(two, run, watchers):
    run(timeout=3.5)

    assert watchers.watching.timeout == 3.5


def test_user_sees_what_happens(two, run):
    said, counted = [], []
    run(progress=said.append, on_file=lambda *told: counted.append(told))

    assert said == ["Airflow is imported, in a process of its own", "2 files to try"]
    assert counted == [(1, 2, "dags/b.py"), (2, 2, "dags/a.py")]


def test_file_that_could_not_be_tried_is_an_error(two, run, watchers):
    watchers.failing = ("b",)
    report = run(select=["DP302"])

    assert report.errors == (Unread("dags/b.py", "it does not import: KeyError: k"),)
    assert not report.clean


def test_one_dag_alone_is_told(two, run):
    report = run(dag_id="more_a", task_id="save")

    assert [one.dag_ids for one in report.contracts] == [("more_a",), ()]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"dag_id": "c"},
            "There is no DAG `c`. The DAGs that import: `dag_a`, `dag_b`, `more_a`, `more_b`.",
        ),
        (
            {"dag_id": "dag_a", "task_id": "save"},
            "There is no task `save` in DAG `dag_a`. The tasks: `load`.",
        ),
        ({"task_id": "c"}, "There is no task `c` in any DAG. The tasks: `load`, `save`."),
    ],
)
def test_name_that_nothing_has_is_refused_with_those_that_there_are(two, run, asked, sentence):
    with pytest.raises(UsageError) as refused:
        run(**asked)

    assert str(refused.value) == sentence


def test_task_of_any_dag_may_be_named(two, run):
    assert run(task_id="save").files == 2


def test_repository_without_dags_is_refused(repository, run):
    (repository.root / "dags").mkdir()

    with pytest.raises(UnavailableError):
        run()


def test_without_hypothesis_nothing_starts_and_its_install_line_is_told(
    two, run, watchers, monkeypatch
):
    monkeypatch.setattr(composition, "find_spec", lambda _: None)
    watchers.asked = None

    with pytest.raises(UnavailableError, match=r"pip install 'dagproof\[contracts\]'"):
        run()
    assert watchers.asked is None
