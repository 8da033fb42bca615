"""`compare_experiments` from end to end, on what the iris pipeline leaves and on nothing."""

DAG = "compare_experiments"


def test_best_of_the_latest_runs_is_found(run_dag, mlflow_client):
    experiment = mlflow_client.create_experiment("iris")
    made = []
    for accuracy in (0.99, 0.7, 0.9, 0.8):
        run = mlflow_client.create_run(experiment, start_time=1_000 * (len(made) + 1))
        mlflow_client.log_metric(run.info.run_id, "train_accuracy", accuracy)
        mlflow_client.set_terminated(run.info.run_id)
        made.append(run.info.run_id)

    outcome = run_dag(DAG, {"runs": 3})

    assert outcome.state == "success", outcome.failures
    told = outcome.xcom("compare")
    assert (told["state"], told["best_run_id"], told["best"]) == ("compared", made[2], 0.9)


def test_what_there_is_not_is_a_state_and_no_failure(run_dag, mlflow_client):
    nobody = run_dag(DAG, {"experiment": "nobody"})
    mlflow_client.delete_experiment(mlflow_client.create_experiment("iris"))
    deleted = run_dag(DAG)

    assert (nobody.state, deleted.state) == ("success", "success")
    assert nobody.xcom("compare")["state"] == "no_experiment"
    assert deleted.xcom("compare")["state"] == "deleted_experiment"
