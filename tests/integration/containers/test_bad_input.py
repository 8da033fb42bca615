"""What is in the way of containers, and what the user hears: exit 3 and one sentence."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest
from docker import from_env
from testcontainers.core.container import DockerContainer

from dagproof.model import Containers, UnavailableError
from dagproof.services import SERVICES, chosen
from dagproof.services.containers.box import Box
from dagproof.services.containers.stock import Stock

NOBODY = 65534


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "dags").mkdir()
    return tmp_path


def up(repository, *, table="", before=(), **variables):
    """Run `dagproof services up` on containers; return its exit code and what it says."""
    text = f'[tool.dagproof]\nservices = ["postgres"]\n[tool.dagproof.containers]\n{table}'
    (repository / "pyproject.toml").write_text(text)
    environ = {**os.environ, "DAGPROOF_CACHE": str(repository / "cache"), **variables}
    command = [*before, sys.executable, "-m", "dagproof", "services"]
    options = {"cwd": repository, "env": environ, "capture_output": True, "text": True}
    done = subprocess.run([*command, "up", "--services", "containers"], check=False, **options)
    if done.returncode == 0:
        subprocess.run([*command, "down", "--services", "containers"], check=True, **options)
    return done.returncode, done.stderr.rpartition("dagproof: ")[2].strip()


def test_no_docker(repository):
    code, said = up(repository, DOCKER_HOST=f"unix://{repository}/docker.sock")

    assert code == 3
    assert said.startswith("Docker does not answer. Start it (`sudo systemctl start docker`")
    assert "\n" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give up its rights")
def test_docker_without_permission(repository):
    path = repository / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o600)
        without = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
        code, said = up(repository, before=without, DOCKER_HOST=f"unix://{path}")

    assert code == 3
    assert said.startswith("Docker does not let you in: its socket is not yours to open.")
    assert "\n" not in said


def test_an_image_that_is_not_there(repository):
    code, said = up(repository, DAGPROOF_POSTGRES_IMAGE="dagproof.invalid/postgres:none")

    assert code == 3
    start = "The image `dagproof.invalid/postgres:none` for postgres is not there and cannot be"
    assert said.startswith(start)
    assert "\n" not in said


def test_a_port_in_use(repository):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = up(repository, table=f"postgres-port = {port}")

    assert code == 3
    assert said == (
        f"The port {port} for postgres is in use. Free it, or set another one, or 0 for any that "
        "is free, as `postgres-port` under [tool.dagproof.containers]."
    )


def test_a_port_that_is_free_is_taken(repository):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, said = up(repository, table=f"postgres-port = {port}")

    assert code == 0, said


def test_a_full_disk(monkeypatch):
    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
    plan = chosen(os.environ, "containers", "embedded", Containers()).containers
    image = Stock(from_env().images, plan).ensure("postgres", print)
    container = DockerContainer(image).with_env("POSTGRES_PASSWORD", "x")
    container.with_tmpfs_mount("/var/lib/postgresql/data", "size=16m,uid=999,gid=999")
    try:
        container.start()
        box = Box("postgres", container, "127.0.0.1", 1)
        deadline = time.monotonic() + 30
        while box.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(UnavailableError, match="disk that holds Docker's data is full"):
            raise box.failure("The container of Postgres has ended.")
    finally:
        container.stop()


def test_a_clock_that_jumps_disturbs_nobody(tmp_path):
    """Half a day forward and back, twenty times a second, in the client and in its keeper."""
    (tmp_path / "sitecustomize.py").write_text(
        "import itertools, time\n"
        "true, jumps = time.time, itertools.cycle([0, 43200, -43200])\n"
        "time.time = lambda: true() + next(jumps)\n"
    )
    plan = chosen(os.environ, "containers", "embedded", Containers())
    code = (
        "import json, sys, pathlib\n"
        "from dagproof.model import Containers\n"
        "from dagproof.services.lease import containers_kind, lease\n"
        "plan = Containers(**json.loads(sys.argv[1]))\n"
        "kind = containers_kind(plan, pathlib.Path(sys.argv[2]))\n"
        "with lease(kind, ['postgres', 's3']) as tenancy:\n"
        "    tenancy.wait(); tenancy.reset(); print(sorted(tenancy.environment)[0])\n"
    )
    told = json.dumps(
        {name: getattr(plan.containers, name) for name in Containers.__dataclass_fields__}
    )
    done = subprocess.run(
        [sys.executable, "-c", code, told, str(tmp_path / "cache")],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == "AIRFLOW_CONN_AWS_DEFAULT\n"
    assert set(SERVICES) == {"postgres", "mlflow", "s3"}
