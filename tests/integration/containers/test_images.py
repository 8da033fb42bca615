"""The images that were built, as containers beside each other."""

import re
import time
import uuid
from dataclasses import asdict

import pytest
import requests

from dagproof.model import UnavailableError
from dagproof.services.addresses import MLFLOW_PROBE as PROBE
from dagproof.services.containers.build import connect, image_names, missing

_LIMITS = {"mlflow": 450, "s3": 230, "postgres": 220}
"""MB, a tenth above what was measured."""

_USERS = {"mlflow": "10001:10001", "s3": "10001:10001", "postgres": "999:999"}


@pytest.fixture(scope="module")
def docker():
    """Give docker's SDK, with all images there; what is missing is a failure."""
    try:
        with connect() as client:
            if absent := missing(client, asdict(image_names())):
                pytest.fail(
                    f"The images of {', '.join(absent)} are not there. "
                    "Run `dagproof services images --without-registry` as root.",
                    pytrace=False,
                )
            yield client
    except UnavailableError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def start(docker):
    """Give a function that starts a container, all of which are removed at the end."""
    network = docker.networks.create(f"dagproof-test-{uuid.uuid4().hex[:8]}")
    started = []

    def run(service, command=(), **options):
        container = docker.containers.create(
            getattr(image_names(), service),
            list(command),
            network=network.name,
            name=f"dagproof-test-{uuid.uuid4().hex[:8]}",
            **options,
        )
        started.append(container)
        container.start()
        container.reload()
        return container

    yield run
    for container in started:
        container.remove(force=True, v=True)
    network.remove()


def port_of(container, port):
    bound = container.attrs["NetworkSettings"]["Ports"][f"{port}/tcp"]
    return int(bound[0]["HostPort"])


def wait_for(url, container, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        container.reload()
        assert container.status == "running", container.logs(tail=20).decode()
        try:
            answer = requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return answer.status_code
    pytest.fail(f"{url} does not answer: {container.logs(tail=20).decode()}")


def wait_for_postgres(container, user):
    deadline = time.monotonic() + 30
    while container.exec_run(["pg_isready", "--host=127.0.0.1", f"--username={user}"]).exit_code:
        container.reload()
        assert container.status == "running", container.logs(tail=20).decode()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def postgres(start):
    """Give a running Postgres with a database `tracking` of `mila`."""
    environment = {
        "POSTGRES_USER": "mila",
        "POSTGRES_PASSWORD": "it's a secret",
        "POSTGRES_DB": "tracking",
    }
    settings = ["-c", "fsync=off", "-c", "max_connections=37"]
    container = start("postgres", settings, environment=environment)
    wait_for_postgres(container, "mila")
    return container


@pytest.fixture(scope="module")
def s3(start):
    """Give a running S3 with a bucket `artifacts`, and a client of it."""
    import boto3

    container = start(
        "s3", ports={"5000/tcp": ("127.0.0.1", None)}, read_only=True, tmpfs={"/tmp": ""}
    )
    url = f"http://127.0.0.1:{port_of(container, 5000)}"
    wait_for(f"{url}/moto-api/", container)
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="artifacts")
    return container, url, client


@pytest.fixture(scope="module")
def tracking(start, postgres, s3):
    """Give the address of an MLflow among the two."""
    options = ["--backend-store-uri"]
    options += [f"postgresql+psycopg2://mila:it%27s%20a%20secret@{postgres.name}/tracking"]
    options += ["--default-artifact-root", "s3://artifacts", "--no-serve-artifacts"]
    container = start(
        "mlflow",
        options,
        ports={"5000/tcp": ("127.0.0.1", None)},
        read_only=True,
        tmpfs={"/tmp": ""},
        environment={
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "MLFLOW_S3_ENDPOINT_URL": f"http://{s3[0].name}:5000",
        },
    )
    url = f"http://127.0.0.1:{port_of(container, 5000)}"
    assert wait_for(f"{url}{PROBE}", container) == 200
    return url


@pytest.mark.parametrize("service", list(_LIMITS))
def test_an_image_says_what_it_is_and_is_not_run_by_root(docker, service):
    image = docker.images.get(getattr(image_names(), service))
    [name] = [tag for tag in image.tags if tag == getattr(image_names(), service)]
    version, _, digest = name.partition(":")[2].rpartition("-")

    assert image.attrs["Config"]["User"] == _USERS[service]
    assert image.labels["dagproof.image"] == service
    assert image.labels["dagproof.recipe"] == digest
    assert image.labels["org.opencontainers.image.version"] == version
    assert image.labels["org.opencontainers.image.title"].startswith("dagproof ")


@pytest.mark.parametrize("service", list(_LIMITS))
def test_an_image_is_small(docker, service):
    size = docker.images.get(getattr(image_names(), service)).attrs["Size"]

    assert size / 1e6 < _LIMITS[service]


def test_no_stage_of_a_build_is_left(docker):
    left = docker.images.list(filters={"dangling": True, "label": "dagproof.image=build"})

    assert left == []


def test_servers_do_not_run_as_root(postgres, s3):
    for container, user in ((postgres, b"999"), (s3[0], b"10001")):
        assert container.exec_run(["id", "-u"]).output.strip() == user


def test_postgres_takes_settings_and_makes_the_database_of_its_user(postgres):
    query = "SELECT current_database(), current_user, current_setting('max_connections')"
    asked = postgres.exec_run(
        ["psql", "-h", "127.0.0.1", "-U", "mila", "tracking", "-Atc", query],
        environment={"PGPASSWORD": "it's a secret"},
    )

    assert asked.output.decode().strip() == "tracking|mila|37"


def test_postgres_asks_other_machines_for_the_password(postgres):
    command = ["psql", "-h", postgres.name, "-U", "mila", "tracking", "-c", "SELECT 1"]
    asked = postgres.exec_run(command, environment={"PGPASSWORD": "wrong"})

    assert b"password authentication failed" in asked.output


def test_postgres_keeps_its_cluster_when_it_is_started_again(postgres):
    tables = ["psql", "-U", "mila", "tracking", "-Atc"]
    postgres.exec_run([*tables, "CREATE TABLE kept ()"])
    postgres.restart()
    wait_for_postgres(postgres, "mila")
    found = postgres.exec_run([*tables, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'"])

    assert found.output.decode().strip() == "1"


def test_postgres_without_a_password_says_so(start):
    container = start("postgres")

    assert container.wait(timeout=30)["StatusCode"] == 1
    assert b"POSTGRES_PASSWORD is not set" in container.logs()


def test_mlflow_logs_a_run_with_artifacts_and_registers_a_model(tracking, s3, monkeypatch):
    import mlflow
    import numpy as np
    from sklearn.linear_model import LinearRegression

    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking)
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", s3[1])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client = mlflow.MlflowClient(tracking)
    experiment = client.create_experiment("trips")
    model = LinearRegression().fit(np.eye(3), [1.0, 2.0, 3.0])
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.log_params({"alpha": 0.5})
        mlflow.log_metrics({"rmse": 1.25}, step=3)
        mlflow.log_input(mlflow.data.from_numpy(np.eye(3), name="ones"), context="training")
        mlflow.log_text("hello", "notes/hello.txt")
        logged = mlflow.sklearn.log_model(
            model, name="model", registered_model_name="trips", serialization_format="cloudpickle"
        )
    client.set_registered_model_alias("trips", "champion", "1")

    kept = client.get_run(run.info.run_id)
    assert kept.data.params == {"alpha": "0.5"}
    assert kept.data.metrics == {"rmse": 1.25}
    assert [given.dataset.name for given in kept.inputs.dataset_inputs] == ["ones"]
    [note] = client.list_artifacts(run.info.run_id, "notes")
    assert note.path == "notes/hello.txt"
    champion = client.get_model_version_by_alias("trips", "champion")
    assert champion.source.endswith(logged.model_id)
    assert mlflow.sklearn.load_model("models:/trips@champion").predict(np.eye(3)).shape == (3,)
    keys = {found["Key"] for found in s3[2].list_objects_v2(Bucket="artifacts")["Contents"]}
    assert any(key.endswith("notes/hello.txt") for key in keys)


def test_mlflow_shows_its_page(tracking):
    page = requests.get(f"{tracking}/", timeout=30)
    script = re.search(r'src="\.?/?([^"]+\.js)"', page.text)
    assert script

    code = requests.get(f"{tracking}/{script[1]}", timeout=30)
    assert code.ok
    assert "javascript" in code.headers["Content-Type"]


def test_mlflow_turns_strange_hosts_away_by_default(tracking):
    answer = requests.get(f"{tracking}{PROBE}", headers={"Host": "evil.example"}, timeout=30)

    assert answer.status_code == 403
