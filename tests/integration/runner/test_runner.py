"""Runs of small DAGs on the real Airflow, among the real services."""

import os
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from dagproof.model import UsageError
from dagproof.runner import BrokenDagError, process_state

DAGS = Path(__file__).parents[2] / "fixtures" / "repos" / "runner" / "dags"


def test_retries_happen_at_once_and_every_attempt_is_counted(run_dag):
    outcome = run_dag(DAGS / "retries.py")

    assert outcome.state == "success"
    assert outcome.xcom("total") == 12
    doubled = [task for task in outcome.tasks if task.task_id == "double"]
    assert [task.tries for task in doubled] == [2, 2, 2]
    assert {task.map_index for task in doubled} == {0, 1, 2}
    assert all(task.error is None for task in doubled)
    assert outcome.seconds < 60, "the delay is five minutes"


def test_state_that_a_task_leaves_is_put_back_and_reported(run_dag):
    cwd = str(Path.cwd())
    outcome = run_dag(DAGS / "leaks.py")

    assert outcome.xcom("look") == {"limit": 1, "seen": [], "variable": None, "cwd": cwd}
    left = {(leak.kind, leak.name) for leak in outcome.task("leave").leaks}
    assert left == {
        ("environment", "LEFT_BEHIND"),
        ("cwd", "/"),
        ("global", "leaks.LIMIT"),
        ("global", "leaks.SEEN"),
    }
    assert outcome.task("look").leaks == ()


def test_second_run_in_one_process_sees_nothing_of_the_first(run_dag):
    run_dag(DAGS / "leaks.py")
    assert run_dag(DAGS / "leaks.py").xcom("look")["seen"] == []


def test_an_mlflow_run_left_open_is_ended_before_the_next_task(run_dag, mlflow_client):
    outcome = run_dag(DAGS / "open_run.py")

    assert outcome.xcom("look") is True
    assert "active_run" in {leak.name for leak in outcome.task("forget").leaks}
    experiment = mlflow_client.get_experiment_by_name("forgotten")
    [run] = mlflow_client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"


def test_mlflow_of_somebody_else_is_refused_at_once(run_dag, mlflow_client):
    outcome = run_dag(DAGS / "elsewhere.py")

    assert outcome.state == "failed"
    refused = "dagproof lets nothing out to http://mlflow.invalid:5000: take the address from "
    assert refused in outcome.task("log").error.message
    assert outcome.seconds < 30, "MLflow itself tries for two minutes"


def test_failed_task_carries_its_own_traceback_and_the_rest_their_states(run_dag):
    outcome = run_dag(DAGS / "failures.py")

    assert outcome.state == "failed"
    assert {task.task_id: task.state for task in outcome.tasks} == {
        "breaks": "failed",
        "behind": "upstream_failed",
        "is_needed": "success",
        "skips": "skipped",
    }
    [failed] = outcome.failures
    assert failed.error.type == "ValueError"
    assert failed.error.message == "the reading is negative\nand so is the second line"
    frames = [line for line in failed.error.traceback.splitlines() if line.startswith("  File")]
    assert all("failures.py" in frame for frame in frames)
    assert [frame.rpartition("in ")[2] for frame in frames] == ["breaks", "deep"]


def test_run_that_hangs_is_ended_with_the_stacks(run_dag):
    outcome = run_dag(DAGS / "hangs.py", timeout=2)

    assert outcome.state == "timeout"
    error = outcome.task("waits").error
    assert "still going after 2 s" in error.message
    assert "time.sleep(3600)" in error.traceback
    assert "Thread MainThread" in error.traceback
    assert run_dag(DAGS / "retries.py").succeeded, "the next run is not harmed"


def test_task_that_stops_listening_to_signals_does_not_make_the_run_deaf(run_dag):
    outcome = run_dag(DAGS / "deaf.py", timeout=5)

    assert outcome.state == "timeout"
    assert outcome.task("stops_listening").state == "success"


def test_task_that_ends_its_process_fails_and_not_the_run_with_it(run_dag):
    outcome = run_dag(DAGS / "vanishes.py")

    assert outcome.state == "failed"
    assert "os._exit(0)" in outcome.task("leaves").error.message
    assert outcome.task("behind").state == "upstream_failed"


def test_task_that_exits_fails_and_the_run_goes_on(run_dag):
    outcome = run_dag(DAGS / "leavers.py")

    assert outcome.state == "failed"
    assert outcome.task("leaves").error.type == "leavers.Leaving"
    assert "SystemExit(9)" in outcome.task("announces").error.message
    assert outcome.xcom("forks") == "parent"
    assert outcome.xcom("counts_on") == os.getpid(), "the child went no further than its task"


def test_what_is_awkward_to_look_at_is_put_back_and_harms_nobody(run_dag, capfd):
    outcome = run_dag(DAGS / "strange.py")

    assert outcome.state == "success", outcome.failures
    assert outcome.xcom("looks") is True
    assert "still heard" in capfd.readouterr().out
    left = {(leak.kind, leak.name): leak.detail for leak in outcome.task("leaves").leaks}
    assert left.keys() == {
        ("global", "strange.AWKWARD"),
        ("global", "strange.LOCKED"),
        ("global", "strange.STORE"),
        ("thread", "stray"),
    }
    assert "cannot be put back" in left["global", "strange.LOCKED"]


def test_defect_of_dagproof_is_not_taken_for_a_result_of_the_run(run_dag, monkeypatch):
    def refuse(_):
        raise LookupError("dagproof's own")

    monkeypatch.setattr(process_state, "restore", refuse)
    with pytest.raises(LookupError, match="dagproof's own"):
        run_dag(DAGS / "params.py")


def test_ids_and_keys_may_hold_an_umlaut(run_dag):
    outcome = run_dag(DAGS / "umlaut.py")
    assert outcome.task("prüft").xcoms == {"return_value": "ü", "größe": "5 €"}


def test_trigger_of_a_dag_that_is_not_there_names_it_and_can_be_stubbed(run_dag):
    [failed] = run_dag(DAGS / "triggers.py").failures
    # Airflow 3.1 and 3.2 stumble over a variable of their own before they name the DAG.
    stumbles = version("apache-airflow-core").startswith(("3.1.", "3.2."))
    assert ("'state'" if stumbles else "'retries' not found") in failed.error.message
    assert run_dag(DAGS / "triggers.py", stubs={"trigger": None}).succeeded


def test_stub_takes_the_place_of_a_task_and_feeds_its_mapped_followers(run_dag):
    outcome = run_dag(DAGS / "retries.py", stubs={"numbers": [5, 6]})

    assert outcome.xcom("total") == 22
    assert outcome.task("numbers").stubbed
    assert len([task for task in outcome.tasks if task.task_id == "double"]) == 2


def test_mapped_task_itself_can_be_stubbed(run_dag):
    outcome = run_dag(DAGS / "retries.py", stubs={"double": 7})
    assert outcome.xcom("total") == 21


def test_stub_of_no_task_is_refused_with_the_tasks_there_are(run_dag):
    with pytest.raises(UsageError, match=r"no task `typo` to stub. Its tasks: `double`, `numbers`"):
        run_dag(DAGS / "retries.py", stubs={"typo": 1})


def test_conf_reaches_templates_and_helpers_beside_the_dag_import(run_dag):
    outcome = run_dag(DAGS / "params.py", {"month": 3})
    assert outcome.xcom("read")["month"] == 6


@pytest.mark.parametrize("month", [13, "3", None])
def test_conf_that_a_param_refuses_is_a_wrong_question(run_dag, month):
    with pytest.raises(UsageError, match=r"DAG `params` refuses this conf: .*month"):
        run_dag(DAGS / "params.py", {"month": month})


def test_logical_date_is_the_one_asked_for(run_dag):
    outcome = run_dag(DAGS / "params.py", logical_date=datetime(2024, 2, 29, tzinfo=UTC))
    assert outcome.xcom("read")["day"] == "2024-02-29"


def test_deferred_task_resumes_in_line(run_dag):
    assert run_dag(DAGS / "deferred.py").state == "success"


def test_environment_of_one_run_is_gone_after_it(run_dag):
    run_dag(DAGS / "params.py", env={"ONLY_HERE": "1"})
    assert "ONLY_HERE" not in os.environ


def test_file_of_several_dags_must_be_asked_by_id(run_dag):
    with pytest.raises(UsageError, match="several DAGs; name one of them: `left`, `right`"):
        run_dag(DAGS / "two.py")


def test_file_that_does_not_import_says_why(run_dag):
    with pytest.raises(BrokenDagError, match=r"broken\.py does not import: .*a_module_that_nobody"):
        run_dag(DAGS / "broken.py")


def test_unknown_file_is_named(run_dag):
    with pytest.raises(UsageError, match=r"There is no file .*absent\.py"):
        run_dag(DAGS / "absent.py")


def test_services_are_clean_when_a_test_begins(run_dag, mlflow_client, s3):
    assert [one.name for one in mlflow_client.search_experiments()] == ["Default"]
    bucket, _, prefix = os.environ["DATA_ROOT"].removeprefix("s3://").partition("/")
    assert s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("KeyCount") == 0
    mlflow_client.create_experiment("left by this test")
    s3.put_object(Bucket=bucket, Key=f"{prefix}/left".lstrip("/"), Body=b"by this test")


def test_services_are_clean_again_when_the_next_test_begins(run_dag, mlflow_client, s3):
    test_services_are_clean_when_a_test_begins(run_dag, mlflow_client, s3)


def test_airflow_home_is_scratch(airflow_home, run_dag):
    run_dag(DAGS / "params.py")
    assert os.environ["AIRFLOW_HOME"] == str(airflow_home)
    assert not (Path.home() / "airflow").exists()
