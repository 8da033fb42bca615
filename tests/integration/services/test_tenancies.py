"""Services of either kind: they answer, they start clean, they keep apart."""

import psycopg2
import pytest

from dagproof.services import mlflow_client, s3_client


def connect(environment):
    url = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def query(environment, sql):
    connection = connect(environment)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def leave_something_in_all_three(environment):
    query(environment, "INSERT INTO variable (key, val, is_encrypted) VALUES ('x', '1', false)")
    s3_client(environment).put_object(Bucket="dagproof-data", Key="x", Body=b"1")
    client = mlflow_client(environment)
    run = client.create_run(client.create_experiment("x"))
    client.log_text(run.info.run_id, "hello", "a.txt")
    client.create_registered_model("m")
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["a.txt"]
    artifacts = s3_client(environment).list_objects_v2(Bucket="dagproof-mlflow")
    assert [item["Key"].rpartition("/")[2] for item in artifacts["Contents"]] == ["a.txt"]


def what_is_there(environment):
    client = mlflow_client(environment)
    s3 = s3_client(environment)
    return (
        query(environment, "SELECT key FROM variable"),
        sorted(experiment.name for experiment in client.search_experiments()),
        [model.name for model in client.search_registered_models()],
        [s3.list_objects_v2(Bucket=b["Name"])["KeyCount"] for b in s3.list_buckets()["Buckets"]],
    )


CLEAN = ([], ["Default"], [], [0, 0])


def test_reset_empties_all_three_at_the_same_addresses(keeper):
    with keeper.hold() as tenancy:
        tenancy.wait()
        before = dict(tenancy.environment)
        assert what_is_there(tenancy.environment) == CLEAN
        leave_something_in_all_three(tenancy.environment)
        assert what_is_there(tenancy.environment) == ([("x",)], ["Default", "x"], ["m"], [1, 1])
        tenancy.reset()

        assert dict(tenancy.environment) == before
        assert what_is_there(tenancy.environment) == CLEAN


def test_reset_ends_a_session_that_somebody_forgot(keeper):
    with keeper.hold(["postgres"]) as tenancy:
        tenancy.wait()
        forgotten = connect(tenancy.environment)
        forgotten.cursor().execute("SELECT 1")
        tenancy.reset()

        with pytest.raises(psycopg2.Error):
            forgotten.cursor().execute("SELECT 1")


def test_two_tenancies_share_servers_but_no_state(keeper):
    with keeper.hold() as one, keeper.hold() as two:
        one.wait()
        two.wait()
        leave_something_in_all_three(one.environment)
        two.reset()

        assert what_is_there(two.environment) == CLEAN
        assert what_is_there(one.environment) != CLEAN
        assert keeper.status()["clients"] == 2


def test_mlflow_without_an_object_store_keeps_artifacts_behind_the_server(keeper):
    with keeper.hold(["mlflow"]) as tenancy:
        tenancy.wait()
        assert "AWS_ENDPOINT_URL" not in tenancy.environment
        client = mlflow_client(tenancy.environment)
        run = client.create_run("0")
        client.log_text(run.info.run_id, "hello", "a.txt")

        assert run.info.artifact_uri.startswith("mlflow-artifacts:/")
        assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["a.txt"]
        tenancy.reset()
        assert client.search_runs(["0"]) == []


def test_up_keeps_state_between_runs_until_down(keeper):
    environment = keeper.up(["postgres"])
    try:
        query(environment, "INSERT INTO variable (key, val, is_encrypted) VALUES ('x', '1', false)")
        with keeper.hold(["postgres"]) as tenancy:
            tenancy.wait()
            assert query(tenancy.environment, "SELECT key FROM variable") == [("x",)]
        with keeper.hold(["postgres"], fresh=True) as tenancy:
            tenancy.wait()
            assert query(tenancy.environment, "SELECT key FROM variable") == []
        assert keeper.status()["kept"] == ["postgres"]
        assert keeper.status()["environment"] == environment
    finally:
        assert keeper.down() is True

    assert keeper.left() == []
    assert keeper.down() is False
    assert keeper.status() is None


def test_up_can_be_asked_for_more(keeper):
    first = keeper.up(["postgres"])
    try:
        second = keeper.up(["postgres", "s3"])
        assert first.items() <= second.items()
        assert s3_client(second).list_objects_v2(Bucket="dagproof-data")["KeyCount"] == 0
    finally:
        keeper.down()
