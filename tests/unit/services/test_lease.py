"""What clients see before any server."""

import subprocess
import sys

from dagproof.services import places
from dagproof.services.embedded import house
from dagproof.services.lease import past_proxies


def test_importing_the_room_imports_nothing_heavy():
    code = (
        "import sys, dagproof.services; "
        "print(sorted({'airflow','mlflow','moto','boto3','psycopg2','importlib.metadata',"
        "'concurrent.futures','http.client'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_without_a_proxy_nothing_is_said_about_proxies():
    assert past_proxies({"no_proxy": "example.org"}) == {}


def test_behind_a_proxy_this_machine_is_reached_directly():
    environ = {"HTTP_PROXY": "http://proxy:1", "no_proxy": "example.org,localhost"}

    assert past_proxies(environ)["no_proxy"] == "example.org,localhost,127.0.0.1"
    assert past_proxies(environ)["NO_PROXY"] == "example.org,localhost,127.0.0.1"


def test_servers_do_not_inherit_settings_that_point_elsewhere(tmp_path):
    environ = {
        "PATH": "/bin",
        "MLFLOW_TRACKING_URI": "http://prod",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://prod",
        "AWS_ENDPOINT_URL": "http://prod",
        "PGHOST": "prod",
        "https_proxy": "http://proxy",
    }
    place = places.Place(tmp_path, tmp_path / "s")
    kept = house.server_environ(environ, place)

    assert set(kept) == {"PATH", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TMPDIR"}


def test_bytecode_that_may_not_stand_beside_the_source_stands_in_the_cache(tmp_path):
    place = places.Place(tmp_path, tmp_path / "s")
    kept = house.server_environ({"PYTHONDONTWRITEBYTECODE": "1"}, place)

    assert "PYTHONDONTWRITEBYTECODE" not in kept
    assert kept["PYTHONPYCACHEPREFIX"] == str(tmp_path / "bytecode")
