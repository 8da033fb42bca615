"""`ab_test_pipeline` and `model_promotion_pipeline` from end to end, one behind the other."""

from fixtures.iris_family import make_versions, measured, stored, versions_by_alias

TEST, PROMOTION = "ab_test_pipeline", "model_promotion_pipeline"


def test_the_better_model_is_staged_promoted_and_rolled_back(run_dag, mlflow_client, tmp_path):
    table = stored(measured(seed=1), tmp_path)
    make_versions()

    without = run_dag(TEST, {"table": table})
    assert (without.state, without.task("collect_models").state) == ("success", "skipped")
    nothing = run_dag(PROMOTION, {"table": table})
    assert (nothing.state, nothing.task("choose_candidate").state) == ("success", "skipped")

    worse = run_dag(TEST, {"table": table, "champion": "2", "challenger": "1"})
    assert worse.xcom("compare_models")["verdict"] == "champion"
    assert worse.task("nominate_winner").state == "skipped"
    better = run_dag(TEST, {"table": table, "champion": "1", "challenger": "2"})
    assert better.state == "success", better.failures
    assert better.xcom("send_notification")["verdict"] == "challenger"
    assert versions_by_alias(mlflow_client) == {"champion": "2", "staging": "2"}

    mlflow_client.set_registered_model_alias("iris-classifier", "production", "1")
    away = run_dag(PROMOTION, {"table": table}, faults=["mlflow:readonly@move_alias"])
    assert {task.task_id for task in away.failures} == {"move_alias"}
    assert versions_by_alias(mlflow_client)["production"] == "1", "never half a promotion"

    moved = run_dag(PROMOTION, {"table": table})
    assert moved.state == "success", moved.failures
    assert versions_by_alias(mlflow_client)["production"] == "2"
    back = run_dag(PROMOTION, {"table": table, "rollback": True, "min_accuracy": 0.2})
    assert back.state == "success", back.failures
    assert versions_by_alias(mlflow_client) == {"champion": "2", "production": "1", "staging": "2"}
    runs = (better, away, moved, back)
    assert [leak for run in runs for task in run.tasks for leak in task.leaks] == []
