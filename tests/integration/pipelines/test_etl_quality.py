"""`etl_quality_tracking` from end to end: chunks, quality, rate limit, and life without MLflow."""

import json

DAG = "etl_quality_tracking"


def read(s3, address):
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def experiment_runs(client):
    experiment = client.get_experiment_by_name("etl_quality_tracking")
    return client.search_runs([experiment.experiment_id]) if experiment else []


def test_each_chunk_is_tracked_and_the_whole_adds_up(run_dag, mlflow_client, s3):
    outcome = run_dag(DAG, {"rows": 100, "chunks": 3})

    assert outcome.state == "success", outcome.failures
    told = outcome.xcom("report_quality")
    assert (told["rows"], told["chunks"], told["tracked"]) == (100, 3, 3)
    chunks = read(s3, told["report"])["chunks"]
    runs = {run.info.run_id: run for run in experiment_runs(mlflow_client)}
    assert set(runs) == {chunk["mlflow_run_id"] for chunk in chunks}
    for chunk in chunks:
        run = runs[chunk["mlflow_run_id"]]
        assert run.info.status == "FINISHED"
        assert run.data.metrics == {
            "rows_processed": chunk["rows"],
            "null_rate": chunk["null_rate"],
            "checksum": chunk["checksum"],
        }
        assert run.data.tags["map_index"] == str(chunk["chunk"])


def test_the_same_again_gives_the_same_and_one_run_for_each_chunk(check_repeatable):
    repetition = check_repeatable(
        DAG, {"rows": 50, "chunks": 2}, excepted=["s3://*/rate_limit/*", "file:rate_limit/*"]
    )
    assert not repetition.differences


def test_calls_of_mlflow_wait_for_their_turn(run_dag, mlflow_client, s3):
    outcome = run_dag(DAG, {"rows": 40, "chunks": 4}, env={"RATE_LIMIT_MLFLOW_API": "3/10"})

    assert outcome.state == "success", outcome.failures
    runs = experiment_runs(mlflow_client)
    assert len(runs) == 4, "they waited and did not fail"
    bucket = outcome.xcom("report_quality")["report"].split("/")[2]
    state = read(s3, f"s3://{bucket}/rate_limit/mlflow_api.json")
    assert (state["calls"], state["window"], state["taken"]) == (3, 10, 4)
    latest = max(run.info.start_time for run in runs) / 1000
    assert latest >= state["starts"][-1], "nobody called before its turn"
    earliest = min(run.info.start_time for run in runs) / 1000
    assert latest - earliest > 5, "what a window leaves of it when the first was slow to begin"


def test_tracking_is_left_out_where_nobody_wants_it_or_mlflow_is_away(run_dag, mlflow_client):
    conf = {"rows": 20, "chunks": 2}
    unwanted = run_dag(DAG, conf | {"mlflow_enable": False})
    absent = run_dag(DAG, conf, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})

    assert (unwanted.state, absent.state) == ("success", "success")
    first, second = (outcome.xcom("report_quality") for outcome in (unwanted, absent))
    assert (first["tracked"], second["tracked"]) == (0, 0)
    assert first["checksum"] == second["checksum"]
    assert experiment_runs(mlflow_client) == []


def test_too_many_nulls_end_the_pipeline_without_a_retry(run_dag):
    outcome = run_dag(DAG, {"rows": 100, "max_null_rate": 0, "mlflow_enable": False})

    assert {task.task_id: task.tries for task in outcome.failures} == {"report_quality": 1}
    assert "more than max_null_rate 0" in outcome.failures[0].error.message
