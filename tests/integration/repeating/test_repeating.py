"""DAGs that are wrong, each in one way, and DAGs that are right, run again among real services."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagproof.config import load_settings
from dagproof.model import UsageError
from dagproof.repeating.made_up import pattern

REPOSITORY = Path(__file__).parents[2] / "fixtures" / "repos" / "repeating"
DAGS = REPOSITORY / "dags"

WRONG = {
    "object_appended": [
        "`append`: object `{root}/log.txt` has 7 bytes after one run and 14 after two"
    ],
    "object_by_uuid": [
        "`export`: there is 1 object like `{root}/exports/*.csv` after one run and 2 after two"
    ],
    "table_appended": ["`load`: table `public.trips` has 100 rows after one run and 200 after two"],
    "table_restamped": ["`load`: table `public.scores` has other values in `score` after two"],
    "run_for_each_attempt": [
        "`fit`: MLflow experiment `trips` has 1 run `fit` after one run and 2 after two",
        (
            "`fit`: MLflow experiment `trips` has 1 run `fit` after one run and 2 after one with "
            "retries"
        ),
    ],
    "version_for_each_run": [
        "`register`: model `fares` has version `1` after one run and `1` and `2` after two",
        (
            "`register`: model `fares` has version `1` after one run and `1` and `2` after one "
            "with retries"
        ),
    ],
    "one_of_three": [
        "`write`: object `{root}/coin` has other bytes after another from clean state"
    ],
    "fails_again": [
        (
            "`make`: it succeeds once and fails a second time (psycopg2.errors.DuplicateTable: "
            'relation "made" already exists)'
        )
    ],
    "deletes": ["`toggle`: object `{root}/state` is there after one run, not after two"],
}
DOUBLED = {"run_for_each_attempt", "version_for_each_run"}
RIGHT = ("object_replaced", "table_upserted", "run_found_again", "deletes_first")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(DAGS))


@pytest.fixture
def check(check_repeatable):
    """Check a DAG of the repository; nothing is excepted."""
    return lambda name, **options: check_repeatable(DAGS / f"{name}.py", **options)


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_dag_is_told_once_with_the_task(name, check, services):
    repetition = check(name)
    expected = [told.replace("{root}", services["DATA_ROOT"]) for told in WRONG[name]]
    assert list(map(str, repetition.differences)) == expected
    assert any(one.duplicate_tracking for one in repetition.differences) == (name in DOUBLED)
    assert not repetition.repeatable


@pytest.mark.parametrize("name", RIGHT)
def test_each_right_dag_is_clean_though_every_task_of_it_is_retried(name, check):
    repetition = check(name)
    assert repetition.differences == ()
    assert repetition.repeatable
    first, second, third = repetition.runs
    assert len({run.run_id for run in (first, second, third)}) == 1
    assert {task.tries for run in (first, second) for task in run.tasks} == {1}
    assert {task.tries for task in third.tasks} == {2}
    assert [run.label for run in repetition.runs] == [
        "first run",
        "the same again",
        "every task retried",
    ]


def test_training_by_chance_is_told_with_the_metric_and_both_values(check):
    [difference] = check("metric_by_chance").differences
    assert difference.field == "metric `rmse`"
    assert difference.tasks == ("fit",)
    assert difference.message.startswith("metric `rmse` of MLflow run `fit` in experiment `trips`")


def test_files_are_compared_in_a_copy_of_the_data_root(check, tmp_path):
    (tmp_path / "log.txt").write_text("was there\n")
    repetition = check("file_appended", env={"DATA_ROOT": tmp_path.as_uri()})
    assert list(map(str, repetition.differences)) == [
        "`append`: file `log.txt` has 17 bytes after one run and 24 after two"
    ]
    assert (tmp_path / "log.txt").read_text() == "was there\n"
    assert [path.name for path in tmp_path.iterdir()] == ["log.txt"]


def test_what_the_repository_excepts_is_no_difference(check):
    excepted = load_settings(REPOSITORY).repeatable_except
    assert check("excepted", excepted=excepted).differences == ()


def test_without_the_exceptions_all_of_it_is_told(check, services):
    differences = check("excepted").differences
    assert {(one.kind, one.name) for one in differences} == {
        ("object", pattern(f"{services['DATA_ROOT']}/excepted/{'0' * 32}")),
        ("table", "public.excepted"),
        ("table", "public.measured"),
        ("mlflow-run", "excepted/"),
        ("mlflow-run", "measured/fit"),
        ("model-version", "excepted"),
    }


def test_stubbed_tasks_never_die(check):
    repetition = check("table_appended", stubs={"load": 1})
    assert [run.label for run in repetition.runs][-1] == "again from clean state"
    assert {task.tries for task in repetition.runs[-1].tasks} == {1}
    assert repetition.differences == ()


def test_what_a_test_has_put_there_is_asked_for_as_a_preparation(check, services):
    def prepare():
        from stores import Bucket

        Bucket().write("log.txt", b"given\n")

    prepare()
    with pytest.raises(UsageError, match="but the services hold 1 object already"):
        check("object_appended")
    [difference] = check("object_appended", prepare=prepare).differences
    assert difference.message == (
        f"object `{services['DATA_ROOT']}/log.txt` has 13 bytes after one run and 20 after two"
    )


def test_command_tells_three_runs_and_findings_at_their_tasks():
    run = subprocess.run(
        [
            sys.executable, "-m", "dagproof", "run", "run_for_each_attempt", "object_replaced",
            "--twice", "--format", "json",
        ],
        cwd=REPOSITORY,
        # Not that of the services that other tests have started in this process.
        env={name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    report = json.loads(run.stdout)
    assert [(one["dag_id"], one["label"], one["state"]) for one in report["runs"]] == [
        (dag, label, "success")
        for dag in ("run_for_each_attempt", "object_replaced")
        for label in ("first run", "the same again", "every task retried")
    ]
    assert [one["repeatable"] for one in report["repetitions"]] == [False, True]
    line = (DAGS / "run_for_each_attempt.py").read_text().splitlines().index("    @task(retries=1)")
    assert [(one["code"], one["path"], one["line"]) for one in report["findings"]] == [
        ("DP403", "dags/run_for_each_attempt.py", line + 1),
        ("DP404", "dags/run_for_each_attempt.py", line + 1),
    ]
