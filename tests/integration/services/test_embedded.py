"""Embedded servers: one keeper for all, as few processes as can be."""

import subprocess
import sys

from dagproof.services import embedded


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


def test_one_tenancy_is_at_most_two_processes_of_mlflow(cache, processes):
    with embedded(["mlflow"], cache=cache) as tenancy:
        tenancy.wait()

        assert sum("mlflow_server" in command for command in processes(cache).values()) == 2
