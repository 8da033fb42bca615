"""Twenty runs, four at a time, half of them killed: nothing stays, and no other run notices."""

import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dagproof.model import UnavailableError

RUNS = 20
AT_A_TIME = 4
SEED = 20261126

RUN = """
import json, os, sys, time
from pathlib import Path
from dagproof.services import s3_client
from dagproof.services.lease import lease
from dagproof.services.places import Place
from dagproof.services.talk import Kind
import psycopg2

number, seconds = int(sys.argv[1]), float(sys.argv[2])
place = Place(*map(Path, json.loads(os.environ["PLACE"])))
kind = Kind(place, os.environ["KIND"], os.environ["PLAN"])
with lease(kind, ["postgres", "s3"], fresh=True) as tenancy:
    tenancy.wait()
    print("begun", flush=True)
    s3 = s3_client(tenancy.environment)
    url = tenancy.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    database = psycopg2.connect(url)
    database.autocommit = True
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE own (number int)")
        end = time.monotonic() + seconds
        written = 0
        while time.monotonic() < end or not written:
            cursor.execute("INSERT INTO own VALUES (%s)", (number,))
            s3.put_object(Bucket="dagproof-data", Key=f"{number}-{written}", Body=b"x")
            written += 1
            cursor.execute("SELECT count(*), min(number), max(number) FROM own")
            assert cursor.fetchone() == (written, number, number)
            assert s3.list_objects_v2(Bucket="dagproof-data")["KeyCount"] == min(written, 1000)
            time.sleep(0.02)
"""


def test_killed_runs_leave_nothing_and_touch_no_other(keeper, tmp_path):
    dice = random.Random(SEED)  # noqa: S311
    kind = keeper.kind
    environ = dict(
        os.environ,
        PLACE=json.dumps([str(kind.place.folder), str(kind.place.socket)]),
        KIND=kind.name,
        PLAN=kind.plan,
    )
    plans = [(number, dice.uniform(0.5, 2.5), number % 2 == 0) for number in range(RUNS)]
    moments = {number: dice.uniform(0.0, 3.0) for number, _, killed in plans if killed}

    def run(plan):
        number, seconds, killed = plan
        said = tmp_path / f"{number}.err"
        command = [sys.executable, "-c", RUN, str(number), str(seconds)]
        quiet = subprocess.DEVNULL
        with (
            said.open("w") as errors,
            subprocess.Popen(command, env=environ, stdout=quiet, stderr=errors) as process,
        ):
            if killed:
                time.sleep(moments[number])
                process.kill()
            process.wait(120)
        return killed, process.returncode, said.read_text()

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        ended = list(pool.map(run, plans))

    assert [(code, said) for killed, code, said in ended if not killed] == [(0, "")] * (RUNS // 2)
    assert sum(killed for killed, _, _ in ended) == RUNS // 2

    with keeper.hold(["postgres", "s3"]) as tenancy:
        tenancy.wait()
        assert keeper.status()["clients"] == 1
    assert wait_for_nothing(keeper) == []
    assert not list(kind.place.scratch.glob("*"))


def test_what_a_killed_keeper_leaves_the_next_start_removes(keeper):
    with keeper.hold(["postgres", "s3"]) as tenancy:
        tenancy.wait()
        os.kill(keeper.status()["pid"], 9)
        with pytest.raises(UnavailableError, match="keeper of the services has died"):
            tenancy.reset()
    with keeper.hold(["postgres"]) as tenancy:
        tenancy.wait()
        assert keeper.status()["clients"] == 1

    assert wait_for_nothing(keeper) == []


def wait_for_nothing(keeper, seconds=20):
    deadline = time.monotonic() + seconds
    while (left := keeper.left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
