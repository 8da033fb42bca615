"""Whoever dies, and however: nothing stays, and the next start works."""

import os
import signal
import subprocess
import sys
import time

import psycopg2
import pytest

from dagproof.model import UnavailableError
from dagproof.services import embedded, status

HOLD = """
import pathlib, sys, time
from dagproof.services import embedded
with embedded({wanted!r}, cache=pathlib.Path({cache!r})) as tenancy:
    {wait}
    print("held", flush=True)
    time.sleep(600)
"""


FINISH = """
import pathlib, signal, time
from dagproof.services import embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job begins deaf to it
with embedded(["postgres"], cache=pathlib.Path({cache!r})) as tenancy:
    tenancy.wait()
    try:
        print("held", flush=True)
        time.sleep(600)
    except KeyboardInterrupt:
        tenancy.reset()
        print("reset")
"""


def client(cache, wanted=("postgres", "mlflow", "s3"), wait="tenancy.wait()"):
    code = HOLD.format(wanted=list(wanted), cache=str(cache), wait=wait)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def gone(processes, cache, seconds=15):
    deadline = time.monotonic() + seconds
    while (left := processes(cache)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left == {}


@pytest.mark.parametrize("wait", ["tenancy.wait()", "pass"], ids=["ready", "starting"])
def test_a_killed_client_leaves_no_process(own_cache, processes, wait):
    process = client(own_cache, wait=wait)
    assert processes(own_cache)
    process.kill()
    process.communicate()

    assert gone(processes, own_cache), processes(own_cache)


def test_an_interrupt_of_the_terminal_lets_the_client_finish_first(own_cache, processes):
    command = [sys.executable, "-c", FINISH.format(cache=str(own_cache))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, text=True, start_new_session=True) as process:
        assert process.stdout.readline() == "held\n"
        os.killpg(process.pid, signal.SIGINT)

        assert process.communicate(timeout=30)[0] == "reset\n"
    assert gone(processes, own_cache), processes(own_cache)


def test_a_killed_keeper_takes_its_servers_along_and_the_next_start_is_clean(own_cache, processes):
    with embedded(cache=own_cache) as tenancy:
        tenancy.wait()
        os.kill(status(cache=own_cache)["pid"], signal.SIGKILL)
        assert gone(processes, own_cache), processes(own_cache)
        with pytest.raises(UnavailableError, match="has died"):
            tenancy.reset()

    with embedded(["postgres", "s3"], cache=own_cache) as tenancy:
        tenancy.wait()
        url = tenancy.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
        connection = psycopg2.connect(url.replace("+psycopg2", ""))
        cursor = connection.cursor()
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
        names = {name for (name,) in cursor.fetchall()}
        connection.close()

    assert names == {"postgres", "template_airflow", "template_mlflow", "airflow_1"}


def test_a_next_start_that_does_not_wait_for_the_dead_works_too(own_cache):
    with embedded(["postgres"], cache=own_cache) as tenancy:
        tenancy.wait()
        os.kill(status(cache=own_cache)["pid"], signal.SIGKILL)
        with embedded(["postgres"], cache=own_cache) as successor:
            successor.wait()


def test_a_killed_server_is_told_with_the_end_of_its_log(own_cache, processes):
    with embedded(["mlflow"], cache=own_cache) as tenancy:
        tenancy.wait()
        zygote = min(pid for pid, shown in processes(own_cache).items() if "mlflow_server" in shown)
        os.kill(zygote, signal.SIGKILL)

        with pytest.raises(UnavailableError, match=r"mlflow.*died|mlflow.*load"):
            tenancy.reset()


def test_a_killed_postgres_is_told(own_cache, processes):
    with embedded(["postgres"], cache=own_cache) as tenancy:
        tenancy.wait()
        postmaster = min(pid for pid, shown in processes(own_cache).items() if "/postgres" in shown)
        os.kill(postmaster, signal.SIGKILL)

        with pytest.raises(UnavailableError, match="Postgres does not answer"):
            tenancy.reset()
