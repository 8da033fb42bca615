"""compose.yaml: no default secret, nobody is root, everybody is watched and limited."""

import importlib.util
import io
import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
ONCE = {"airflow-init", "s3-buckets"}
"""They do something and end; others wait until they have."""

LASTING = sorted(SERVICES.keys() - ONCE)


@pytest.fixture
def compose_env(tmp_path):
    """The script that writes `.env`, which writes to a scratch folder."""
    spec = importlib.util.spec_from_file_location("compose_env", ROOT / "scripts/compose_env.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ENV = tmp_path / ".env"
    return module


def pins():
    text = (ROOT / "constraints/airflow-3.3.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def environment(service):
    return SERVICES[service].get("environment", {})


def test_it_is_what_the_specification_allows():
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema"]
    done = subprocess.run(
        [*command, "vendor.compose-spec", ROOT / "compose.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_the_deployment_of_the_seed_brought_up_to_date():
    roles = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "init"}
    assert {f"airflow-{role}" for role in roles} | {"postgres", "redis", "mlflow"} <= set(SERVICES)
    airflow = [name for name in SERVICES if name.startswith("airflow-")]
    for name in airflow:
        assert environment(name)["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert SERVICES["airflow-worker"]["deploy"]["replicas"] == 2


def test_every_secret_comes_from_the_environment_and_has_no_default(compose_env):
    asked = re.findall(r"\$\{(\w+)([^}]*)\}", TEXT)
    needed = {name for name, rest in asked if rest.startswith(":?")}
    optional = {name for name, _ in asked} - needed

    assert optional == {"AIRFLOW_PORT", "MLFLOW_PORT", "TAXI_SOURCE"}
    assert needed == {line.split("=")[0] for line in compose_env.lines()}
    for name in SERVICES:
        for key, value in environment(name).items():
            if re.search(r"PASSWORD|SECRET|_KEY|TOKEN|REDISCLI_AUTH", key) and "FILE" not in key:
                assert value.startswith("${"), (name, key)


def test_env_file_is_random_private_and_never_overwritten(compose_env):
    assert compose_env.main() == 0
    first = compose_env.ENV.read_text()
    values = [line.partition("=")[2] for line in first.splitlines()]

    assert stat.S_IMODE(compose_env.ENV.stat().st_mode) == 0o600
    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 44
    assert compose_env.main() == 0
    assert compose_env.ENV.read_text() == first
    compose_env.ENV.unlink()
    compose_env.main()
    assert not set(compose_env.ENV.read_text().splitlines()) & set(first.splitlines())


def test_env_file_that_lacks_something_gets_it_and_keeps_the_rest(compose_env, capsys):
    mine = "# mine\nexport REDIS_PASSWORD=secret\nS3_SECRET_KEY=\nS3_ACCESS_KEY=''\nTAXI_SOURCE=file:///srv"
    compose_env.ENV.write_text(mine)
    compose_env.ENV.chmod(0o644)

    assert compose_env.main() == 0
    text = compose_env.ENV.read_text()
    added = text.removeprefix(f"{mine}\n").splitlines()
    assert text.startswith(f"{mine}\n")
    assert {line.partition("=")[0] for line in added} == {
        line.partition("=")[0] for line in compose_env.lines()
    } - {"REDIS_PASSWORD"}
    assert stat.S_IMODE(compose_env.ENV.stat().st_mode) == 0o600
    assert f"Wrote {len(added)} secrets" in capsys.readouterr().out
    compose_env.main()
    assert compose_env.ENV.read_text() == text


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nobody_is_root_or_can_become_it(name):
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in {"0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", LASTING)
def test_everybody_that_lasts_is_watched_and_started_again(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"]
    assert check["retries"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", LASTING)
def test_checks_end_by_themselves_and_load_no_airflow(name):
    """Docker before 23 lets a check that is late run on: they pile up until nothing answers."""
    check = SERVICES[name]["healthcheck"]
    words = " ".join(check["test"])
    [seconds] = re.findall(r"(?<!-)\btimeout (\d+) ", words)

    assert int(seconds) < int(check["timeout"].removesuffix("s"))
    assert int(check["timeout"].removesuffix("s")) <= int(check["interval"].removesuffix("s"))
    assert not re.search(r"\bairflow (jobs|db|celery)\b|--app\b", words)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_memory_and_processes_are_limited(name):
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert limits["pids"] > 0


def test_who_waits_waits_for_health_or_for_an_end():
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert how["condition"] == expected, (name, other)


def test_stores_reach_nothing_outside_and_tasks_do():
    networks = COMPOSE["networks"]
    assert networks["backend"]["internal"] is True
    assert all("backend" in service["networks"] for service in SERVICES.values())
    inside = {name for name, service in SERVICES.items() if service["networks"] == ["backend"]}
    assert inside == {"postgres", "redis", "s3", "s3-buckets"}


def test_only_pages_are_reached_from_this_machine_and_from_no_other():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"airflow-api-server", "mlflow"}
    for ports in published.values():
        assert all(port.startswith("127.0.0.1:") for port in ports)


def test_mlflow_has_the_pool_of_the_seed_and_postgres_room_for_it():
    pool = environment("mlflow")
    size = int(pool["MLFLOW_SQLALCHEMYSTORE_POOL_SIZE"])
    overflow = int(pool["MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW"])
    [workers] = re.findall(r"--workers=(\d+)", " ".join(SERVICES["mlflow"]["command"]))
    [most] = re.findall(r"max_connections=(\d+)", " ".join(SERVICES["postgres"]["command"]))

    assert (size, overflow) == (40, 80)
    assert int(most) > int(workers) * (size + overflow) + 100
    known = importlib.util.find_spec("mlflow.environment_variables").origin
    for name in pool.keys() & {key for key in pool if key.startswith("MLFLOW_")}:
        if name != "MLFLOW_BACKEND_STORE_URI":
            assert name in Path(known).read_text(), name


def test_no_volume_without_a_name_is_left():
    """Those images declare a volume there; `docker compose down` would leave one each time."""
    assert "/data" in SERVICES["redis"]["tmpfs"]
    assert "postgres:/var/lib/postgresql/data" in SERVICES["postgres"]["volumes"]


def test_nobody_who_loads_mlflow_reports_to_its_makers():
    for name, service in SERVICES.items():
        if "MLFLOW_TRACKING_URI" in environment(name) or "mlflow" in service["command"]:
            assert environment(name)["MLFLOW_DISABLE_TELEMETRY"] == "true", name


def test_each_image_of_ours_is_built_once_by_who_starts_first_and_never_pulled():
    ours = {name: s for name, s in SERVICES.items() if s["image"].startswith("dagproof/")}
    builders = {s["image"]: name for name, s in ours.items() if "build" in s}

    assert sum("build" in service for service in SERVICES.values()) == len(builders)
    for name, service in ours.items():
        assert service["pull_policy"] == "never"
        assert (
            name == builders[service["image"]]
            or builders[service["image"]] in service["depends_on"]
        )


def test_images_are_pinned_to_the_versions_that_the_tests_have_seen():
    for service in SERVICES.values():
        assert re.search(r":\d", service["image"]), service["image"]
    assert SERVICES["mlflow"]["image"].endswith(f":{pins()['mlflow']}")
    assert SERVICES["airflow-worker"]["image"].endswith(f":{pins()['apache-airflow']}")
    text = (ROOT / "deploy/airflow.Dockerfile").read_text()
    assert f"FROM apache/airflow:{pins()['apache-airflow']}-python3.11" in text


def test_heartbeats_are_those_of_the_api_server(monkeypatch, capsys):
    """Run by health checks inside of the image, where the API server has that name."""
    spec = importlib.util.spec_from_file_location("heartbeat", ROOT / "deploy/heartbeat.py")
    heartbeat = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(heartbeat)
    health = {"metadatabase": {"status": "healthy"}, "triggerer": {"status": "unhealthy"}}
    asked = []

    def answer(address, timeout):
        asked.append(address)
        assert timeout < 10
        return io.BytesIO(json.dumps(health).encode())

    monkeypatch.setattr(heartbeat.urllib.request, "urlopen", answer)
    codes = {}
    for part in health:
        monkeypatch.setattr(sys, "argv", ["heartbeat.py", part])
        codes[part] = int(heartbeat.main())

    assert codes == {"metadatabase": 0, "triggerer": 1}
    assert "unhealthy" in capsys.readouterr().out
    assert set(asked) == {"http://airflow-api-server:8080/api/v2/monitor/health"}
    copied = (ROOT / "deploy/airflow.Dockerfile").read_text()
    assert re.search(r"^COPY .*deploy/heartbeat.py /opt/build/$", copied, re.MULTILINE)
    for name, part in {
        "airflow-api-server": "metadatabase",
        "airflow-dag-processor": "dag_processor",
        "airflow-triggerer": "triggerer",
    }.items():
        last = SERVICES[name]["healthcheck"]["test"][-3:]
        assert last == ["python", "/opt/build/heartbeat.py", part]


def test_dockerfiles_end_as_somebody_else_than_root():
    for path in (ROOT / "deploy").glob("*.Dockerfile"):
        users = re.findall(r"^(?:USER|FROM) (\S+)", path.read_text(), re.MULTILINE)
        assert users[-1].startswith("apache/airflow:") or users[-1] not in {"root", "0"}, path
        assert len(users) > 1 or users[-1].startswith("apache/airflow:"), path


def test_workers_import_what_the_pipelines_import():
    with (ROOT / "pyproject.toml").open("rb") as file:
        import tomllib

        wanted = tomllib.load(file)["dependency-groups"]["pipelines"]
    there = {
        re.split(r"[\[<>=]", line)[0]
        for line in (ROOT / "deploy/airflow.txt").read_text().splitlines()
        if not line.startswith("#")
    }
    assert {re.split(r"[\[<>=]", one)[0] for one in wanted} <= there


def test_alert_on_pools_knows_how_many_connections_mlflow_may_hold():
    workers = next(
        int(word.removeprefix("--workers="))
        for word in SERVICES["mlflow"]["command"]
        if word.startswith("--workers=")
    )
    settings = environment("mlflow")
    pool = int(settings["MLFLOW_SQLALCHEMYSTORE_POOL_SIZE"])
    overflow = int(settings["MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW"])
    rules = yaml.safe_load((ROOT / "observability/prometheus/alertrules.yaml").read_text())
    (limit,) = (
        rule["expr"]
        for group in rules["groups"]
        for rule in group["rules"]
        if rule.get("record") == "mlflow:postgres_connections:limit"
    )
    assert limit == f"vector({workers * (pool + overflow)})"
