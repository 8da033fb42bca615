"""Runs of small DAGs among faults: what a task sees, what the outcome says, and what is left."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagproof.model import UsageError
from dagproof.testing import Fault

REPO = Path(__file__).parents[2] / "fixtures" / "repos" / "faults"
TRAINING = REPO / "dags" / "training.py"
ONCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


def run(run_dag, *faults, dag=TRAINING, **options):
    """Run a DAG among faults; afterwards everything is as before."""
    before = dict(os.environ)
    outcome = run_dag(dag, faults=faults, env=ONCE, **options)
    assert dict(os.environ) == before
    return outcome


def states(outcome):
    return {task.task_id: task.state for task in outcome.tasks}


def test_task_that_is_tried_again_outlasts_a_service_that_is_down_for_one_attempt(run_dag):
    outcome = run(run_dag, Fault("mlflow", "down", at="train", attempts=1))

    assert outcome.state == "success"
    assert outcome.task("train").tries == 2
    [record] = outcome.faults
    assert record.fault == "mlflow:down@train,attempts=1"
    assert record.hits > 0
    assert 0 < record.began < record.ended < outcome.seconds


def test_every_kind_of_fault_of_mlflow_reaches_the_task(run_dag):
    errors = {}
    for kind in ("down", "500", "reset", "cut", "readonly"):
        outcome = run(run_dag, f"mlflow:{kind}@train,attempts=1")
        assert outcome.task("train").tries == 2, kind
        assert outcome.state == "success", kind
        errors[kind] = outcome.faults[0].hits
    assert all(errors.values()), errors


def test_slow_service_delays_the_task_and_fails_nothing(run_dag):
    outcome = run(run_dag, "s3:slow@train,delay=0.5")

    assert outcome.state == "success"
    assert outcome.task("train").seconds > 0.5
    assert outcome.faults[0].hits == 1


def test_fault_without_a_task_holds_from_the_beginning(run_dag):
    outcome = run(run_dag, "s3:readonly")

    assert states(outcome) == {
        "prepare": "failed",
        "train": "upstream_failed",
        "report": "upstream_failed",
    }
    assert "SlowDown" in outcome.task("prepare").error.message
    assert outcome.faults[0].began == 0
    assert outcome.faults[0].ended is None


def test_file_that_asks_while_it_is_imported_meets_the_fault_there(run_dag):
    dag = REPO / "dags" / "importing.py"

    assert run(run_dag, "mlflow:500", dag=dag).xcom("tell") == 500
    assert run(run_dag, dag=dag).xcom("tell") == 200


def test_fault_that_hits_nothing_and_one_that_never_begins_say_so(run_dag):
    outcome = run(
        run_dag, "s3:500@report", "mlflow:500@report", "s3:down@train", stubs={"train": 5}
    )
    assert outcome.state == "success"
    assert [record.hits for record in outcome.faults] == [0, 0, 0]

    outcome = run(run_dag, "s3:500", "mlflow:500@report")
    assert outcome.state == "failed"
    assert outcome.faults[1].began is None


def test_fault_ends_with_the_attempts_of_the_mapped_instance_that_it_began_with(run_dag):
    fault = "mlflow:500@look,attempts=2"
    outcome = run(run_dag, fault, dag=REPO / "dags" / "mapped.py")

    assert outcome.state == "success"
    first, *others = [task.tries for task in outcome.tasks if task.task_id == "look"]
    assert first == 3
    assert set(others) <= {1, 2}


def test_client_of_the_test_is_not_hit(run_dag, mlflow_client, s3):
    run(run_dag, "mlflow:down@report", "s3:500@report")

    experiment = mlflow_client.get_experiment_by_name("faults")
    assert len(mlflow_client.search_runs([experiment.experiment_id])) == 1


@pytest.mark.parametrize(
    "fault",
    ["postgres:down", "postgres:down@train", "postgres:restart@train", "postgres:reset@train"],
)
def test_run_without_its_metadata_database_fails_with_a_sentence(run_dag, fault):
    started = time.monotonic()
    outcome = run(run_dag, fault)

    assert time.monotonic() - started < 60
    assert outcome.state == "failed"
    sentence = "Airflow could not go on without its metadata database, which a fault is on."
    assert outcome.error.message.startswith(sentence)
    assert outcome.faults[0].hits > 0
    assert "prepare" in states(outcome) or fault == "postgres:down"
    # The next run has its database again.
    assert run(run_dag).state == "success"


def test_slow_metadata_database_slows_the_run(run_dag):
    outcome = run(run_dag, "postgres:slow@report,delay=0.1,seconds=5")

    assert outcome.state == "success"
    assert outcome.faults[0].hits > 5


def test_unknown_task_is_refused_before_anything_runs(run_dag):
    with pytest.raises(UsageError, match="Its tasks: `prepare`, `report`, `train`"):
        run_dag(TRAINING, faults=["mlflow:down@trian"])


def test_watchdog_ends_a_run_that_a_fault_holds_up(run_dag, tmp_path):
    outcome = run_dag(
        REPO / "dags" / "hanging.py",
        faults=["mlflow:slow,delay=600"],
        timeout=3,
        env={"SAID": str(tmp_path / "said")},
    )
    assert outcome.state == "timeout"
    assert outcome.faults[0].hits == 1


OWN = ("AIRFLOW", "AWS_", "MLFLOW_", "DATA_ROOT", "DAGPROOF_", "PYTEST_")


def shell():
    """Return an environment without anything of this test session's services or Airflow."""
    return {name: text for name, text in os.environ.items() if not name.startswith(OWN)}


def dagproof(*arguments, env=None, cwd=REPO):
    return subprocess.Popen(
        [sys.executable, "-m", "dagproof", "run", *arguments],
        cwd=cwd,
        env={**shell(), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts background jobs deaf to Ctrl-C, and they would pass it on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    )


def proxies_of(pid):
    found = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "faults.process"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()


def test_two_runs_at_once_have_faults_of_their_own():
    texts = ("mlflow:500@train,attempts=1", "s3:slow@prepare,delay=0.1")
    both = [
        dagproof(
            str(TRAINING),
            "--fault",
            text,
            "--format",
            "json",
            "--env",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES=1",
        )
        for text in texts
    ]
    told = [json.loads(process.communicate()[0])["runs"][0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert [run["faults"][0]["fault"] for run in told] == list(texts)
    assert all(run["faults"][0]["hits"] for run in told)
    tries = [{task["task_id"]: task["tries"] for task in run["tasks"]} for run in told]
    assert tries[0]["train"] == 2
    assert set(tries[1].values()) == {1}


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_of_a_run_that_is_ended_in_the_middle_of_a_fault(tmp_path, sign):
    said = tmp_path / "said"
    process = dagproof(
        "dags/hanging.py", "--fault", "mlflow:slow,delay=600", "--env", f"SAID={said}"
    )
    deadline = time.monotonic() + 90
    while not said.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    [proxy] = proxies_of(process.pid)
    process.send_signal(sign)
    process.communicate(timeout=30)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{proxy}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{proxy}").exists()


def test_report_says_when_a_fault_held_and_what_it_hit():
    process = dagproof(str(TRAINING), "--fault", "s3:cut@train", "--fault", "mlflow:500@report")
    text, _ = process.communicate()

    assert process.returncode == 1
    assert "Faults in training_among_faults:\n  s3:cut@train " in text
    assert "to the end, hit 3 requests\n" in text
    assert "never began: its task did not run\n" in text


def test_fault_of_a_service_that_the_settings_leave_out_is_a_wrong_question(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\nservices = ["postgres", "s3"]\n')
    (tmp_path / "dags").symlink_to(REPO / "dags")
    process = dagproof("dags/training.py", "--fault", "mlflow:down", cwd=tmp_path)
    _, told = process.communicate()
    assert process.returncode == 2
    assert "A fault needs `mlflow` among the services of the run" in told
