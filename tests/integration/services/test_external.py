"""Services that exist already: tests find them as if they were new, and nobody is hurt."""

import os
import signal
import subprocess
import sys
import time

import pytest
from integration.external_urls import cursor_of, new_database, urls_of

from dagproof.model import UnavailableError, UsageError
from dagproof.services import Source, embedded, mlflow_client, s3_client, silent
from dagproof.services.external import external

HOLD = (
    "import sys; from dagproof.services.external import external\n"
    "with external(sys.argv[1].split(',')) as tenancy:\n"
    "    tenancy.wait(); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def servers(cache):
    """Give an embedded tenancy, whose servers play those that exist already."""
    with embedded(cache=cache) as tenancy:
        tenancy.wait()
        yield tenancy


@pytest.fixture(scope="module")
def urls(servers):
    """Give the addresses of one database, migrated once for all tests, of MLflow and a prefix."""
    return urls_of(servers)


@pytest.fixture
def told():
    """Give a list of what is told while services get ready."""
    return []


def hold(urls, wanted):
    """Start a process that holds services, and return it when it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, wanted],
        env={**os.environ, **urls},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def leave_something(environment):
    with cursor_of(database(environment)) as cursor:
        cursor.execute("INSERT INTO variable (key, val, is_encrypted) VALUES ('x', '1', false)")
        cursor.execute("UPDATE slot_pool SET slots = 7")
        cursor.execute("DELETE FROM log_template")
        cursor.execute("CREATE SCHEMA warehouse CREATE TABLE trips (id serial PRIMARY KEY)")
        cursor.execute("CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        cursor.execute("SELECT lo_create(4242)")
    s3_client(environment).put_object(Bucket="dagproof-data", Key=key(environment, "x"), Body=b"1")
    client = mlflow_client(environment)
    client.create_run(client.create_experiment("x"))
    client.create_run("0")
    client.delete_experiment(client.create_experiment("deleted by the test"))
    client.create_registered_model("m")
    client.create_model_version("m", "s3://dagproof-mlflow/m")


def database(environment):
    return environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")


def key(environment, name):
    prefix = environment["DATA_ROOT"].removeprefix("s3://dagproof-data").lstrip("/")
    return f"{prefix}/{name}".lstrip("/")


def what_is_there(environment):
    """Tell all that a test could notice, without the numbers that Postgres and MLflow give."""
    client = mlflow_client(environment)
    with cursor_of(database(environment)) as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        rows = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t.* FROM public.{table} t ORDER BY t::text")  # noqa: S608
            found = cursor.fetchall()
            if table == "log_template":  # holds when it was migrated
                found = [row[:-1] for row in found]
            rows[table] = found
        cursor.execute(
            "SELECT schemaname, sequencename, last_value FROM pg_sequences "
            "WHERE schemaname <> 'dagproof' ORDER BY 2"
        )
        sequences = cursor.fetchall()
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|dagproof)'")
        schemas = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace), "
            "(SELECT count(*) FROM pg_largeobject_metadata)"
        )
        others = cursor.fetchall()
    listed = s3_client(environment).list_objects_v2(
        Bucket="dagproof-data", Prefix=key(environment, "")
    )
    prompts = client.search_registered_models("tags.`mlflow.prompt.is_prompt` = 'true'")
    return {
        "rows": rows,
        "sequences": sequences,
        "schemas": schemas,
        "others": others,
        "experiments": [
            (each.name, each.experiment_id, set(each.tags) - {"dagproof"})
            for each in client.search_experiments()
        ],
        "runs": [run.info.run_id for run in client.search_runs(["0"])],
        "models": [model.name for model in [*client.search_registered_models(), *prompts]],
        "versions": [each.version for each in client.search_model_versions()],
        "objects": [
            each["Key"]
            for each in listed.get("Contents", [])
            if not each["Key"].endswith("/.dagproof")
        ],
    }


def test_a_reset_makes_them_equal_to_new_ones(urls, cache, told):
    with embedded(cache=cache) as new:
        new.wait()
        fresh = what_is_there(new.environment)
    with external(environ={**os.environ, **urls}, progress=told.append) as tenancy:
        tenancy.wait()
        before = dict(tenancy.environment)
        assert what_is_there(tenancy.environment) == fresh
        leave_something(tenancy.environment)
        left = what_is_there(tenancy.environment)
        tenancy.reset()

        assert [kind for kind in fresh if left[kind] == fresh[kind]] == []
        assert what_is_there(tenancy.environment) == fresh
        assert dict(tenancy.environment) == before
        client = mlflow_client(tenancy.environment)
        for name in ("x", "deleted by the test"):
            assert client.create_experiment(name), "its name is free again"


def test_a_migrated_database_is_not_migrated_again_and_what_a_run_left_can_be_looked_at(urls, told):
    with external(environ={**os.environ, **urls}, progress=told.append) as tenancy:
        tenancy.wait()
        told.clear()
        leave_something(tenancy.environment)
        left = what_is_there(tenancy.environment)
    assert what_is_there(tenancy.environment) == left
    with external(environ={**os.environ, **urls}, progress=told.append) as tenancy:
        tenancy.wait()

        assert told == []
        assert what_is_there(tenancy.environment)["objects"] == []
        assert what_is_there(tenancy.environment)["rows"]["variable"] == []


def shell():
    """Return the environment without that of the services that other tests have started here."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")}


def test_a_run_of_airflow_uses_them(urls, tmp_path):
    dag = tmp_path / "dags" / "hello.py"
    dag.parent.mkdir()
    dag.write_text(
        "from airflow.sdk import dag, task\n"
        "@dag(dag_id='hello')\n"
        "def hello():\n"
        "    @task\n"
        "    def say():\n"
        "        import mlflow\n"
        "        mlflow.log_metric('said', 1)\n"
        "        return 'hello'\n"
        "    say()\n"
        "hello()\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\nbackend = "external"\n')
    command = [sys.executable, "-m", "dagproof", "run", "hello", "--format", "json"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**shell(), **urls},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "said" in done.stdout
    with cursor_of(urls["DAGPROOF_POSTGRES_URL"]) as cursor:
        cursor.execute("SELECT dag_id, state FROM dag_run")
        assert cursor.fetchall() == [("hello", "success")]
    for secret in ("p%40ss", "p@ss"):
        assert secret not in done.stdout + done.stderr


def test_one_that_is_foreign_keeps_the_others_untouched(servers):
    found = urls_of(servers)
    client = s3_client(servers.environment)
    prefix = found["DAGPROOF_S3_URL"].rpartition("/")[2].partition("?")[0]
    client.put_object(Bucket="dagproof-data", Key=f"{prefix}/report.csv", Body=b"1")

    with (
        external(["postgres", "s3"], {**os.environ, **found}) as tenancy,
        pytest.raises(UnavailableError, match=rf"it holds `{prefix}/report.csv`"),
    ):
        tenancy.wait()
    with cursor_of(found["DAGPROOF_POSTGRES_URL"]) as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'dagproof'")
        assert cursor.fetchall() == [(0,)]
    objects = client.list_objects_v2(Bucket="dagproof-data", Prefix=f"{prefix}/")
    assert [each["Key"] for each in objects["Contents"]] == [f"{prefix}/report.csv"]


@pytest.mark.parametrize("service", ["postgres", "mlflow", "s3"])
def test_a_second_process_is_told_who_uses_a_service(urls, service):
    first = hold(urls, service)
    try:
        started = time.monotonic()
        with (
            external([service], {**os.environ, **urls}) as tenancy,
            pytest.raises(UnavailableError) as refusal,
        ):
            tenancy.wait()
        assert 4 < time.monotonic() - started < 9
        assert f"process {first.pid} on" in str(refusal.value)
        assert "`{worker}`" in str(refusal.value)
    finally:
        first.communicate()
    with external([service], {**os.environ, **urls}) as tenancy:
        tenancy.wait()


@pytest.mark.parametrize("service", ["postgres", "mlflow", "s3"])
def test_a_killed_process_is_in_nobodys_way(urls, service):
    first = hold(urls, service)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    started = time.monotonic()
    with external([service], {**os.environ, **urls}) as tenancy:
        tenancy.wait()
    assert time.monotonic() - started < 4


def test_workers_have_services_of_their_own_by_their_name(servers):
    found = urls_of(servers)
    for worker in ("gw0", "gw1"):
        new_database(servers, f"tests_{worker}")
    address = found["DAGPROOF_POSTGRES_URL"].rpartition("/")[0]
    found["DAGPROOF_POSTGRES_URL"] = f"{address}/tests_{{worker}}"
    found["DAGPROOF_S3_URL"] = found["DAGPROOF_S3_URL"].replace("?", "/{worker}?")
    roots = set()
    for worker in ("gw0", "gw1"):
        environ = {**os.environ, **found, "PYTEST_XDIST_WORKER": worker}
        with external(["postgres", "s3"], environ) as tenancy:
            assert database(tenancy.environment).endswith(f"/tests_{worker}")
            roots.add(tenancy.environment["DATA_ROOT"].split("/")[-2])
    assert roots == {"gw0", "gw1"}


def test_a_service_without_an_address_is_refused_before_anything_is_asked(monkeypatch):
    monkeypatch.delenv("DAGPROOF_MLFLOW_URL", raising=False)
    with (
        pytest.raises(UsageError, match=r"`DAGPROOF_MLFLOW_URL` for mlflow.*leave mlflow out"),
        Source("external").tenancy(["mlflow"], progress=silent),
    ):
        pass
