"""Real servers: they answer, they start clean, they keep apart."""

import subprocess
import sys

import psycopg2
import pytest

from dagproof.services import down, embedded, mlflow_client, s3_client, status, up


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


def test_reset_empties_all_three_at_the_same_addresses(cache):
    with embedded(cache=cache) as tenancy:
        tenancy.wait()
        before = dict(tenancy.environment)
        assert what_is_there(tenancy.environment) == CLEAN
        leave_something_in_all_three(tenancy.environment)
        assert what_is_there(tenancy.environment) == ([("x",)], ["Default", "x"], ["m"], [1, 1])
        tenancy.reset()

        assert dict(tenancy.environment) == before
        assert what_is_there(tenancy.environment) == CLEAN


def test_reset_ends_a_session_that_somebody_forgot(cache):
    with embedded(["postgres"], cache=cache) as tenancy:
        tenancy.wait()
        forgotten = connect(tenancy.environment)
        forgotten.cursor().execute("SELECT 1")
        tenancy.reset()

        with pytest.raises(psycopg2.Error):
            forgotten.cursor().execute("SELECT 1")


def test_two_tenancies_share_servers_but_no_state(cache):
    with embedded(cache=cache) as one, embedded(cache=cache) as two:
        one.wait()
        two.wait()
        leave_something_in_all_three(one.environment)
        two.reset()

        assert what_is_there(two.environment) == CLEAN
        assert what_is_there(one.environment) != CLEAN
        assert status(cache=cache)["clients"] == 2


def test_two_processes_that_start_at_once_find_one_keeper(own_cache, processes):
    code = (
        "import sys, pathlib; from dagproof.services import embedded, status\n"
        f"cache = pathlib.Path({str(own_cache)!r})\n"
        "with embedded(['postgres'], cache=cache) as tenancy:\n"
        "    tenancy.wait(); print(status(cache=cache)['pid'], flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    clients = [subprocess.Popen([sys.executable, "-c", code], **pipes) for _ in range(4)]
    keepers = {client.stdout.readline() for client in clients}
    for client in clients:
        client.communicate()

    assert len(keepers) == 1
    assert [client.returncode for client in clients] == [0] * 4
    assert processes(own_cache) == {}


def test_postgres_alone_is_ready_without_the_others(cache, processes):
    with embedded(["postgres"], cache=cache) as tenancy:
        tenancy.wait()

        assert all(name.startswith("AIRFLOW__DATABASE__") for name in tenancy.environment)
        assert not any("zygote" in command for command in processes(cache).values())


def test_mlflow_without_an_object_store_keeps_artifacts_behind_the_server(cache):
    with embedded(["mlflow"], cache=cache) as tenancy:
        tenancy.wait()
        assert "AWS_ENDPOINT_URL" not in tenancy.environment
        client = mlflow_client(tenancy.environment)
        run = client.create_run("0")
        client.log_text(run.info.run_id, "hello", "a.txt")

        assert run.info.artifact_uri.startswith("mlflow-artifacts:/")
        assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["a.txt"]
        tenancy.reset()
        assert client.search_runs(["0"]) == []


def test_one_tenancy_is_at_most_two_processes_of_mlflow(cache, processes):
    with embedded(["mlflow"], cache=cache) as tenancy:
        tenancy.wait()

        assert sum("mlflow_server" in command for command in processes(cache).values()) == 2


def test_up_keeps_state_between_runs_until_down(cache, processes):
    environment = up(["postgres"], cache=cache)
    try:
        query(environment, "INSERT INTO variable (key, val, is_encrypted) VALUES ('x', '1', false)")
        with embedded(["postgres"], cache=cache) as tenancy:
            tenancy.wait()
            assert query(tenancy.environment, "SELECT key FROM variable") == [("x",)]
        with embedded(["postgres"], cache=cache, fresh=True) as tenancy:
            tenancy.wait()
            assert query(tenancy.environment, "SELECT key FROM variable") == []
        assert status(cache=cache)["kept"] == ["postgres"]
        assert status(cache=cache)["environment"] == environment
    finally:
        assert down(cache=cache) is True

    assert processes(cache) == {}
    assert down(cache=cache) is False
    assert status(cache=cache) is None


def test_up_can_be_asked_for_more(cache):
    first = up(["postgres"], cache=cache)
    try:
        second = up(["postgres", "s3"], cache=cache)
        assert first.items() <= second.items()
        assert s3_client(second).list_objects_v2(Bucket="dagproof-data")["KeyCount"] == 0
    finally:
        down(cache=cache)
