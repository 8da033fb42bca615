"""`etl_feature_engineering` from end to end."""

from fixtures.iris_family import measured, stored

DAG = "etl_feature_engineering"


def test_features_are_published_and_stay_where_a_later_table_is_refused(run_dag, tmp_path):
    outcome = run_dag(DAG)
    assert outcome.state == "success", outcome.failures
    assert outcome.xcom("send_notification")["rows"] == 149

    bad = stored(measured(seed=1).drop(columns="target"), tmp_path)
    refused = run_dag(DAG, {"source": bad})
    assert {task.task_id for task in refused.failures} == {"clean_data"}
    assert refused.task("clean_data").tries == 1, "another try cannot help"
    assert "lacks `target`" in refused.task("clean_data").error.message

    again = run_dag(DAG)
    assert again.xcom("publish_features") == outcome.xcom("publish_features")
    assert [leak for task in again.tasks for leak in task.leaks] == []


def test_etl_can_be_run_again(check_repeatable):
    assert check_repeatable(DAG).differences == ()
