"""`dagproof cluster`: options become a plan, a cluster becomes lines, and an exit code."""

import dataclasses
import json

import pytest

import dagproof.cluster
from dagproof import cli
from dagproof.cluster import Held, MemberRecord, Record, default_place

RECORD = Record(
    root="/r",
    pid=7,
    url="http://127.0.0.1:8080",
    user="admin",
    password="hush",
    broker="redis",
    logs="/l",
    task_logs="/t",
    seconds=12.34,
    members=(MemberRecord("scheduler", 8, "/l/s.log"), MemberRecord("worker-1", 9, "/l/w.log", 2)),
    environment={"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000", "AWS_SECRET_ACCESS_KEY": "deep"},
)
STATES = {"scheduler": "healthy", "worker-1": "healthy"}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\ndags = ["dags"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def ups(repository, monkeypatch):
    """Let a cluster come up at once; return the plans that were asked for."""
    plans = []

    def up(plan, progress):
        plans.append(plan)
        progress("Working")
        return Held(RECORD, fresh=len(plans) == 1)

    monkeypatch.setattr(dagproof.cluster, "up", up)
    return plans


def test_up_asks_for_two_workers_and_says_how_to_use_them(ups, repository, capsys):
    assert cli.main(["cluster", "up"]) == 0

    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "Airflow    http://127.0.0.1:8080",
        "user       admin",
        "password   hush",
        "MLflow     http://127.0.0.1:5000",
        "broker     redis",
        "logs       /l",
        "task logs  /t",
    ]
    assert "All is healthy, 12.3 s after the start" in told.err
    [plan] = ups
    assert (plan.root, plan.folder) == (repository, default_place(repository).folder)
    assert (plan.workers, plan.concurrency, plan.port, plan.broker) == (2, 2, 0, "")

    assert cli.main(["cluster", "up"]) == 0
    assert "It is up already" in capsys.readouterr().err


def test_options_are_the_plan(ups):
    options = ["--port", "8080", "--workers", "3", "--concurrency", "4", "--broker", "postgres"]
    more = ["--env", "A=b=c", "--env", "D=", "--services", "containers"]
    assert cli.main(["cluster", "up", *options, *more]) == 0
    [plan] = ups
    assert (plan.port, plan.workers, plan.concurrency) == (8080, 3, 4)
    assert (plan.broker, plan.backend) == ("postgres", "containers")
    assert plan.env == {"A": "b=c", "D": ""}


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--port", "0", "no whole number from 1 to 65535"),
        ("--port", "65536", "no whole number from 1 to 65535"),
        ("--workers", "two", "`two` is no whole number from 1 to 64"),
        ("--env", "A", "`A` is not NAME=VALUE"),
        ("--env", "=b", "`=b` is not NAME=VALUE"),
    ],
)
def test_wrong_option_is_one_sentence(ups, capsys, option, value, reason):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["cluster", "up", option, value])
    assert capsys.readouterr().err.splitlines()[-1].endswith(reason)
    assert ups == []


@pytest.fixture
def cluster_is(repository, monkeypatch):
    def put(record, states=STATES):
        monkeypatch.setattr(dagproof.cluster, "status", lambda _: record)
        monkeypatch.setattr(dagproof.cluster, "states", lambda _: dict(states))

    return put


def test_status_names_each_part(cluster_is, capsys):
    cluster_is(RECORD)
    assert cli.main(["cluster", "status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "scheduler  healthy    process 8",
        "worker-1   healthy    process 9, started 3 times",
        "Airflow    http://127.0.0.1:8080",
    ]


def test_part_that_is_not_well_is_exit_code_1(cluster_is, capsys):
    cluster_is(RECORD, {**STATES, "triggerer": "not seen"})
    assert cli.main(["cluster", "status"]) == 1
    assert "triggerer  not seen\n" in capsys.readouterr().out


def test_json_has_no_secrets(cluster_is, capsys):
    cluster_is(RECORD)
    assert cli.main(["cluster", "status", "--format", "json"]) == 0
    text = capsys.readouterr().out
    told = json.loads(text)
    assert told["states"] == STATES
    assert told["members"][0] == dataclasses.asdict(RECORD.members[0])
    assert "hush" not in text
    assert "deep" not in text


def test_no_cluster_is_exit_code_3(cluster_is, capsys):
    cluster_is(None)
    assert cli.main(["cluster", "status"]) == 3
    assert "`dagproof cluster up` starts one." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stopped", "sentence"), [(True, "The cluster is stopped."), (False, "No cluster was up.")]
)
def test_down_says_what_it_found(repository, monkeypatch, capsys, stopped, sentence):
    asked = []
    monkeypatch.setattr(dagproof.cluster, "down", lambda place: asked.append(place) or stopped)
    assert cli.main(["cluster", "down"]) == 0
    assert capsys.readouterr().err == f"{sentence}\n"
    assert asked == [default_place(repository)]
