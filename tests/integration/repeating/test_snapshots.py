"""What real services hold, as snapshots tell it."""

import psycopg2
import pytest

from dagproof.services.snapshots import Observer


@pytest.fixture
def observer(services):
    observer = Observer(services)
    assert observer.begin().empty
    return observer


@pytest.fixture
def sql(services):
    url = services["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor.execute
    connection.close()


def changed(before, after):
    """Return the names of the columns whose digests differ."""
    return {
        name
        for name in before.columns.keys() | after.columns.keys()
        if before.columns.get(name) != after.columns.get(name)
    }


def table(observer):
    [found] = observer.take().tables
    return found


def test_tables_of_all_schemas_are_seen_and_airflow_s_own_are_not(observer, sql):
    sql('CREATE SCHEMA "My marts"')
    sql('CREATE TABLE "My marts"."Trips a day" (n int)')
    sql("CREATE TABLE trips (n int) PARTITION BY RANGE (n)")
    sql("CREATE TABLE trips_low PARTITION OF trips FOR VALUES FROM (0) TO (10)")
    sql("CREATE MATERIALIZED VIEW seen AS SELECT 1 AS n")
    sql("CREATE VIEW looked AS SELECT 1 AS n")
    sql("CREATE TABLE bare ()")
    assert [one.name for one in observer.take().tables] == [
        "My marts.Trips a day",
        "public.bare",
        "public.seen",
        "public.trips_low",
    ]


def test_order_of_rows_does_not_count_and_each_value_does(observer, sql):
    sql("CREATE TABLE t (n int, name text, data jsonb, parts int[])")
    sql("""INSERT INTO t VALUES (1, 'a', '{"x": 1}', '{1,2}'), (2, NULL, NULL, NULL)""")
    first = table(observer)
    assert first.rows == 2
    sql("TRUNCATE t")
    sql("""INSERT INTO t VALUES (2, NULL, NULL, NULL), (1, 'a', '{"x": 1}', '{1,2}')""")
    assert table(observer) == first
    sql("UPDATE t SET parts = '{2,1}' WHERE n = 1")
    assert changed(first, table(observer)) == {"parts"}


def test_values_that_change_rows_are_seen_by_the_digest_of_rows_alone(observer, sql):
    sql("CREATE TABLE t (n int, name text)")
    sql("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    first = table(observer)
    sql("UPDATE t SET n = 3 - n")
    second = table(observer)
    assert changed(first, second) == set()
    assert first.digest != second.digest


def test_serial_numbers_random_ids_and_moments_of_writing_are_no_values(observer, sql):
    sql(
        "CREATE TABLE t (a serial, b bigint GENERATED ALWAYS AS IDENTITY,"
        " c uuid DEFAULT gen_random_uuid(), d timestamptz DEFAULT now(),"
        " e timestamp DEFAULT now(), n int)"
    )
    sql("INSERT INTO t (n) VALUES (1)")
    first = table(observer)
    assert set(first.columns) == {"n"}
    sql("DELETE FROM t")
    sql("INSERT INTO t (n) VALUES (1)")
    assert table(observer) == first


def test_moments_that_are_data_are_values(observer, sql):
    sql("CREATE TABLE t (past timestamptz, future timestamp)")
    sql("INSERT INTO t VALUES ('2023-01-01', '2199-01-01')")
    first = table(observer)
    assert set(first.columns) == {"past", "future"}
    sql("UPDATE t SET past = '2023-01-02'")
    assert changed(first, table(observer)) == {"past"}


def test_a_table_that_is_locked_is_cut_and_nothing_waits_for_ever(observer, sql, services):
    sql("CREATE TABLE t (n int)")
    url = services["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg2.connect(url) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        found = observer.take()
    other.close()
    assert [one.rows for one in found.tables] == [None]
    assert "lock timeout" in found.cut[0]


@pytest.fixture
def write(services, s3):
    bucket, _, prefix = services["DATA_ROOT"].removeprefix("s3://").partition("/")

    def write(key, body):
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{key}" if prefix else key, Body=body)

    return write


def test_artifacts_belong_to_their_runs_and_ids_in_objects_do_not_count(
    observer, services, write, mlflow_client
):
    experiment = mlflow_client.create_experiment("trips")
    run = mlflow_client.create_run(experiment, run_name="fit")
    mlflow_client.log_text(run.info.run_id, "text", "notes/a.txt")
    write("run.json", run.info.run_id.encode())

    first = observer.take()
    assert [one.address for one in first.objects] == [f"{services['DATA_ROOT']}/run.json"]
    [logged] = first.runs
    assert (logged.experiment, logged.name, logged.status) == ("trips", "fit", "RUNNING")
    assert list(logged.artifacts) == ["notes/a.txt"]

    other = mlflow_client.create_run(experiment)
    write("run.json", other.info.run_id.encode())
    second = observer.take()
    assert second.objects == first.objects, "the bytes differ by an id alone"
    assert [one.name for one in second.runs] == ["fit", ""]


def test_all_buckets_are_looked_at_unless_they_are_others_as_well(
    observer, services, s3, dagproof_services
):
    s3.create_bucket(
        Bucket=f"another-{dagproof_services}",
        **(
            {"CreateBucketConfiguration": {"LocationConstraint": services["AWS_DEFAULT_REGION"]}}
            if services["AWS_DEFAULT_REGION"] != "us-east-1"
            else {}
        ),
    )
    s3.put_object(Bucket=f"another-{dagproof_services}", Key="x", Body=b"1")
    seen = [one.address for one in observer.take().objects]
    assert seen == (
        [] if dagproof_services == "external" else [f"s3://another-{dagproof_services}/x"]
    )


def test_deleted_runs_are_gone_with_their_artifacts(observer, mlflow_client):
    run = mlflow_client.create_run("0")
    mlflow_client.log_text(run.info.run_id, "text", "a.txt")
    mlflow_client.delete_run(run.info.run_id)
    assert observer.take().empty


def test_many_runs_are_read_page_by_page(observer, mlflow_client, monkeypatch):
    from dagproof.services.snapshots import experiments

    monkeypatch.setattr(experiments, "_PAGE", 2)
    for number in range(5):
        mlflow_client.create_run("0", run_name=f"r{number}")
    assert [one.name for one in observer.take().runs] == ["r0", "r1", "r2", "r3", "r4"]


def test_versions_are_seen_with_aliases(observer, mlflow_client):
    mlflow_client.create_registered_model("fares")
    mlflow_client.create_model_version("fares", "s3://dagproof-data/m", tags={"t": "1"})
    mlflow_client.set_registered_model_alias("fares", "champion", "1")
    [version] = observer.take().versions
    assert (version.model, version.version, version.aliases, version.tags) == (
        "fares", "1", ("champion",), {"t": "1"},
    )  # fmt: skip
