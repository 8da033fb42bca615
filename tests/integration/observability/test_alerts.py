"""The alerts fire at their thresholds, and name metrics that MLflow and Airflow really tell."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml
from integration.observability.statsd import listening

ROOT = Path(__file__).parents[3]
RULES = ROOT / "observability" / "prometheus"
GONE = (
    "mlflow_http_requests_total",
    "mlflow_experiments_created_total",
    "mlflow_runs_logged_total",
    "mlflow_artifact_upload_failed_total",
)
"""Names of seed 002 that MLflow 3 does not know."""


@pytest.fixture(scope="session")
def promtool():
    """Ask promtool something."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("no promtool on the PATH (Debian: apt-get install prometheus)")

    def promtool(*arguments):
        done = subprocess.run(
            [program, *arguments], cwd=RULES, check=False, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    return promtool


def rules(group):
    """Return the rules of a group by name."""
    groups = yaml.safe_load((RULES / "alertrules.yaml").read_text())["groups"]
    (found,) = (one["rules"] for one in groups if one["name"] == group)
    return {rule.get("alert") or rule["record"]: rule["expr"] for rule in found}


def named(group, prefix):
    """Return the metrics that a group's rules ask for, by how they begin."""
    return set(re.findall(rf"\b{prefix}[a-z_]+", " ".join(rules(group).values())))


def test_configuration_and_rules_are_what_prometheus_reads(promtool):
    code, said = promtool("check", "config", "prometheus.yaml")
    assert code == 0, said
    assert "7 rules found" in said


def test_alerts_fire_at_their_thresholds_and_not_below(promtool):
    code, said = promtool("test", "rules", "alertrules.test.yaml")
    assert code == 0, said


@pytest.mark.parametrize(
    ("alert", "was", "becomes"),
    [
        ("MLflowServerDown", "== 0", "== 2"),
        ("MLflowHighErrorRate", "0.05", "0.2"),
        ("MLflowHighLatency", "0.95", "0.5"),
        ("MLflowPostgresConnectionPoolExhausted", "0.9", "0.95"),
        ("AirflowSchedulerDown", "== 0", "< 0"),
        ("PipelineTaskFailed", "unless", "and"),
    ],
)
def test_no_threshold_can_move_unseen(promtool, tmp_path, alert, was, becomes):
    for file in RULES.iterdir():
        shutil.copy(file, tmp_path)
    whole = (tmp_path / "alertrules.yaml").read_text()
    start = whole.index(f"alert: {alert}")
    place = whole.index(was, start)
    changed = whole[:place] + becomes + whole[place + len(was) :]
    (tmp_path / "alertrules.yaml").write_text(changed)
    code, said = promtool("test", "rules", str(tmp_path / "alertrules.test.yaml"))
    assert code != 0
    assert alert in said


def test_mlflow_tells_what_its_alerts_ask_for_and_not_what_the_seed_names(tmp_path):
    with mlflow_server(tmp_path) as address:
        assert ask(f"{address}/api/2.0/mlflow/experiments/get?experiment_id=0") == 200
        assert ask(f"{address}/api/2.0/mlflow/runs/get?run_id=none") == 404
        told = requests.get(f"{address}/metrics", timeout=10).text
    asked_for = named("mlflow", "mlflow_")
    assert asked_for == {"mlflow_http_request_total", "mlflow_http_request_duration_seconds_bucket"}
    for metric in asked_for:
        assert re.search(rf'^{metric}{{[^}}]*status="404"', told, re.MULTILINE), metric
    for metric in GONE:
        assert metric not in told


def test_airflow_tells_what_the_alerts_on_pipelines_ask_for():
    with listening() as server:
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(server.port),
            "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
            "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",
        }
        command = [sys.executable, "-m", "dagproof", "run", "hello_world"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    ended = server.metrics["airflow.ti.finish"]
    assert {kind for kind, _, _ in ended} == {"c"}
    expected = {"dag_id": "hello_world", "task_id": "say_hello", "state": "success"}
    assert expected.items() <= ended[0][1].items()
    kinds = {kind for kind, _, _ in server.metrics["airflow.task.duration"]}
    assert kinds == {"ms"}
    assert not any("hello_world" in name for name in server.metrics), "labels, not names"


@contextmanager
def mlflow_server(folder):
    """Start MLflow's own server, which exposes its metrics; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port),
            "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
            "--expose-prometheus", str(folder / "metrics"),
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 120
        while ask(f"{address}/health") != 200:
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def ask(address):
    """Return the status of an answer; 0 where there is none."""
    try:
        return requests.get(address, timeout=10).status_code
    except requests.ConnectionError:
        return 0
