"""`cleanup_old_runs` from end to end: a dry run by default, and only what nobody needs goes."""

import time

DAG = "cleanup_old_runs"
DAY = 24 * 60 * 60 * 1000


def test_old_runs_are_listed_first_and_deleted_when_told(run_dag, mlflow_client):
    client = mlflow_client
    experiment = client.create_experiment("old things")
    now = int(time.time() * 1000)

    def made(days, *, ended=True):
        run_id = client.create_run(experiment, start_time=now - days * DAY).info.run_id
        if ended:
            client.set_terminated(run_id)
        return run_id

    old, young, running, served = made(91), made(89), made(91, ended=False), made(91)
    client.create_registered_model("served")
    client.create_model_version("served", f"runs:/{served}/model", run_id=served)
    client.set_registered_model_alias("served", "champion", "1")

    dry, wet, again = run_dag(DAG), *(run_dag(DAG, {"dry_run": False}) for _ in range(2))

    assert (dry.state, wet.state, again.state) == ("success",) * 3
    found = {"found": 1, "kept_registered": 1, "kept_running": 1}
    assert dry.xcom("find_old_runs").items() >= found.items()
    nothing = {"would_delete": 0, "deleted": 0, "gone": 0, "kept": 0}
    assert dry.xcom("delete_runs") == nothing | {"dry_run": True, "would_delete": 1}
    assert wet.xcom("delete_runs") == nothing | {"dry_run": False, "deleted": 1}
    assert again.xcom("delete_runs") == nothing | {"dry_run": False}
    stages = {run_id: client.get_run(run_id).info.lifecycle_stage for run_id in (old, young)}
    assert stages == {old: "deleted", young: "active"}
    kept = {client.get_run(run_id).info.lifecycle_stage for run_id in (running, served)}
    assert kept == {"active"}


def test_experiment_that_is_not_there_is_told_without_a_retry(run_dag):
    outcome = run_dag(DAG, {"experiments": ["nobody"]})

    assert {task.task_id: task.tries for task in outcome.failures} == {"find_old_runs": 1}
    assert "The experiment `nobody` is not there" in outcome.failures[0].error.message
