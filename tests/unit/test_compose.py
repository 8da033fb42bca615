"""compose.yaml: no default secret, nobody is root, everybody is watched and limited."""

import importlib.util
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

    assert optional == {"TAXI_SOURCE"}
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
    assert compose_env.main() == 1
    assert compose_env.ENV.read_text() == first
    compose_env.ENV.unlink()
    compose_env.main()
    assert not set(compose_env.ENV.read_text().splitlines()) & set(first.splitlines())


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


def test_images_are_pinned_to_the_versions_that_the_tests_have_seen():
    for service in SERVICES.values():
        assert re.search(r":\d", service["image"]), service["image"]
    assert SERVICES["mlflow"]["image"].endswith(f":{pins()['mlflow']}")
    assert SERVICES["airflow-worker"]["image"].endswith(f":{pins()['apache-airflow']}")
    text = (ROOT / "deploy/airflow.Dockerfile").read_text()
    assert f"FROM apache/airflow:{pins()['apache-airflow']}-python3.11" in text


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
