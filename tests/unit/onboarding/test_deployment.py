"""Which Airflow and Python a repository deploys is read in its files."""

import pytest

from dagproof.onboarding import Deployment, deployment_of


@pytest.mark.parametrize(
    ("name", "text", "airflow", "exact"),
    [
        ("Dockerfile", "FROM apache/airflow:3.1.2-python3.12", "3.1.2", True),
        ("Dockerfile", "FROM apache/airflow:slim-2.10.5-python3.11", "2.10.5", True),
        ("Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.0-4", "3.0", False),
        ("Dockerfile", "FROM quay.io/astronomer/astro-runtime:11.3.0", "2.9", False),
        ("Dockerfile", "FROM quay.io/astronomer/astro-runtime:99.3.0", "", False),
        ("Dockerfile", "FROM python:3.12", "", False),
        ("docker-compose.yaml", "image: ${X:-apache/airflow:3.0.6}", "3.0.6", True),
        ("requirements.txt", "apache-airflow[postgres]==3.2.1", "3.2.1", True),
        ("requirements.txt", "apache-airflow==3.1.*", "3.1", False),
        ("requirements.txt", "apache-airflow-providers-amazon==9.2.0", "", False),
        ("requirements.txt", "apache-airflow~=2.9", "2.9", False),
        ("requirements.txt", "apache-airflow>=3.0.6,<3.4", "", False),
        ("requirements.txt", "apache-airflow>=2.6,<3", "2.6", False),
        ("requirements.txt", "-c https://x/apache/airflow/constraints-3.0.2/y.txt", "3.0.2", True),
        ("uv.lock", '[[package]]\nname = "apache-airflow"\nversion = "3.3.2"\n', "3.3.2", True),
        ("poetry.lock", '[[package]]\nname = "apache-airflow"\nversion = "2.8.1"\n', "2.8.1", True),
        ("pyproject.toml", 'apache-airflow = "^2.7"', "2.7", False),
        ("pyproject.toml", 'dependencies = ["apache-airflow==3.0.6"]', "3.0.6", True),
    ],
)
def test_version_of_airflow_is_read(files, name, text, airflow, exact):
    root = files({name: text})

    found = deployment_of(root, [])

    assert (found.airflow, found.exact) == (airflow, exact)
    assert found.said_in == (name if airflow else "")


def test_image_says_it_more_surely_than_a_requirement(files):
    root = files(
        {"requirements.txt": "apache-airflow==3.0.6", "Dockerfile": "FROM apache/airflow:3.1.0"}
    )

    assert deployment_of(root, []).airflow == "3.1.0"


def test_what_lies_beside_the_dags_counts_and_what_lies_outside_does_not(files):
    root = (
        files(
            {
                "in/airflow/Dockerfile": "FROM apache/airflow:3.1.0",
                "Dockerfile": "FROM apache/airflow:2.1.0",
            }
        )
        / "in"
    )

    found = deployment_of(root, [root / "airflow" / "dags", root.parent / "dags"])

    assert (found.airflow, found.said_in) == ("3.1.0", "airflow/Dockerfile")


@pytest.mark.parametrize(
    ("version", "exact", "supported"),
    [("", False, True), ("3", False, True), ("2", False, False), ("3.0", False, True),
     ("3.0.2", False, True), ("3.0.5", True, False), ("3.0.6", True, True), ("3.3.2", True, True),
     ("3.4.0", True, False), ("4", False, False), ("2.10.5", True, False)],
)  # fmt: skip
def test_supported_are_3_0_6_to_3_3_and_what_nobody_says(version, exact, supported):
    assert Deployment(airflow=version, exact=exact).supported is supported


@pytest.mark.parametrize(
    ("name", "text", "python"),
    [
        ("Dockerfile", "FROM apache/airflow:3.1.2-python3.13", "3.13"),
        ("Dockerfile", "FROM python:3.11-slim", "3.11"),
        ("pyproject.toml", 'requires-python = ">=3.11"', "3.11"),
        ("pyproject.toml", 'requires-python = ">=3.8"', "3.12"),
        ("pyproject.toml", 'python = "^3.11"', "3.11"),
        ("requirements.txt", "-c constraints-3.0.2/constraints-3.11.txt", "3.11"),
        ("requirements.txt", "", "3.12"),
    ],
)
def test_version_of_python_is_one_that_dagproof_runs_on(files, name, text, python):
    assert deployment_of(files({name: text}), []).python == python


@pytest.mark.parametrize(
    ("content", "requirements", "lock", "project"),
    [
        ({"requirements.txt": "x", "uv.lock": "y"}, ("requirements.txt",), "", ""),
        ({"uv.lock": "y", "pyproject.toml": "x"}, (), "uv.lock", ""),
        ({"pyproject.toml": '[project]\ndependencies = ["x"]'}, (), "", "pyproject.toml"),
        (
            {"pyproject.toml": '[project]\ndependencies = ["x"]\n[build-system]\nrequires = []'},
            (), "", ".",
        ),
        ({"pyproject.toml": "[project]\ndependencies = []"}, (), "", ""),
        ({"pyproject.toml": "no toml"}, (), "", ""),
        ({"pyproject.toml": "project = 1"}, (), "", ""),
        ({}, (), "", ""),
    ],
)  # fmt: skip
def test_packages_are_installed_from_the_file_that_lists_them(
    files, content, requirements, lock, project
):
    found = deployment_of(files({**content, "x": ""}), [])

    assert (found.requirements, found.lock, found.project) == (requirements, lock, project)


@pytest.mark.parametrize(
    ("text", "brings"),
    [
        ("apache-airflow==3.0.6", True), ("apache-airflow[x]", True), ("apache-airflow", True),
        ("apache-airflow-providers-http", False), ("pandas", False),
    ],
)  # fmt: skip
def test_requirements_bring_airflow_or_do_not(files, text, brings):
    assert deployment_of(files({"requirements.txt": text}), []).brings_airflow is brings


def test_file_that_cannot_be_read_or_is_huge_says_nothing(files, monkeypatch):
    root = files({"Dockerfile": "FROM apache/airflow:3.1.0"})
    monkeypatch.setattr("dagproof.onboarding.deployment._MOST_BYTES", 5)
    assert deployment_of(root, []).airflow == ""

    monkeypatch.undo()

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(root), "read_text", refused)
    assert deployment_of(root, []).airflow == ""


@pytest.mark.parametrize(
    ("names", "installed"),
    [
        (["requirements.txt", "requirements-dev.txt"], ("requirements.txt",)),
        (["requirements/airflow.txt"], ()),
        (["requirements/requirements_3_1_2.txt"], ("requirements/requirements_3_1_2.txt",)),
        (["requirements-prod.txt", "requirements-dev.txt"], ("requirements-prod.txt",)),
        (["requirements-a.txt", "requirements-b.txt"], ()),
        (["docker/requirements.txt"], ("docker/requirements.txt",)),
    ],
)
def test_requirements_are_those_that_are_deployed(files, names, installed):
    root = files(dict.fromkeys(names, "x"))

    assert deployment_of(root, []).requirements == installed


def test_version_is_read_in_the_usual_folders_too(files):
    root = files({"docker/Dockerfile_3.1.2": "FROM apache/airflow:3.1.2-python3.12"})

    assert deployment_of(root, []).said_in == "docker/Dockerfile_3.1.2"


IMAGE = "FROM apache/airflow:3.1.7"
OLD = "FROM apache/airflow:2.9.1"
BARRED = (
    "Dockerfile says 3.1.7, but requirements.txt wants {}, beside which dagproof cannot be "
    "installed (3.0.6 to 3.3): let them say the same"
)
SEVERAL = (
    "requirements.txt says 3.0.6 and constraints.txt says 3.2.0 and others differ, too: what "
    "requirements.txt lists is what CI installs"
)
BOTH = (
    "requirements.txt says 3.0.6 and Dockerfile.dev says 3.2.0: what requirements.txt lists is "
    "what CI installs"
)


@pytest.mark.parametrize(
    ("content", "airflow", "said_in", "disagreement"),
    [
        (
            {"Dockerfile": IMAGE, "requirements.txt": "apache-airflow==2.9.3"},
            "2.9.3", "requirements.txt",
            BARRED.format("2.9.3"),
        ),
        (
            {"Dockerfile": IMAGE, "requirements.txt": "apache-airflow==3.0.5"},
            "3.0.5", "requirements.txt",
            BARRED.format("3.0.5"),
        ),
        (
            {
                "Dockerfile": IMAGE, "compose.yaml": "image: apache/airflow:3.1.7",
                "requirements.txt": "apache-airflow>=2.6,<3",
            },
            "2.6", "requirements.txt",
            BARRED.format("2.6"),
        ),
        (
            {"Dockerfile": IMAGE, "uv.lock": 'name = "apache-airflow"\nversion = "3.0.6"\n'},
            "3.1.7", "Dockerfile",
            "uv.lock says 3.0.6: what uv.lock lists is what CI installs",
        ),
        (
            {"Dockerfile": IMAGE, "compose.yaml": "image: apache/airflow:2.9.1"},
            "3.1.7", "Dockerfile", "compose.yaml says 2.9.1",
        ),
        (
            {
                "Dockerfile": IMAGE, "compose.yaml": "image: apache/airflow:2.9.1",
                "constraints.txt": "apache-airflow==3.2.0",
                "requirements.txt": "apache-airflow==3.0.6",
            },
            "3.1.7", "Dockerfile",
            SEVERAL,
        ),
        (
            {
                "Dockerfile": IMAGE, "Dockerfile.dev": "FROM apache/airflow:3.2.0",
                "requirements.txt": "apache-airflow==3.0.6",
            },
            "3.1.7", "Dockerfile",
            BOTH,
        ),
        (
            {"Dockerfile": OLD, "requirements.txt": "apache-airflow==3.3.2"},
            "2.9.1", "Dockerfile",
            "requirements.txt says 3.3.2",
        ),
        (
            {"Dockerfile": OLD, "requirements.txt": "apache-airflow==2.9.3"},
            "2.9.1", "Dockerfile",
            "requirements.txt says 2.9.3",
        ),
        ({"Dockerfile": IMAGE, "requirements.txt": "apache-airflow==3.1.*"},
         "3.1.7", "Dockerfile", ""),
        ({"Dockerfile": IMAGE, "requirements.txt": "apache-airflow~=3.0"},
         "3.1.7", "Dockerfile", ""),
        ({"Dockerfile": IMAGE, "requirements.txt": "# apache-airflow==2.9.3\npandas"},
         "3.1.7", "Dockerfile", ""),
        ({"Dockerfile": IMAGE, "requirements-dev.txt": "apache-airflow==2.9.3"},
         "3.1.7", "Dockerfile", ""),
        ({"Dockerfile": IMAGE}, "3.1.7", "Dockerfile", ""),
        ({}, "", "", ""),
    ],
)  # fmt: skip
def test_files_that_say_different_versions_are_told_and_what_is_installed_fits(
    files, content, airflow, said_in, disagreement
):
    found = deployment_of(files({**content, "x": ""}), [])

    assert (found.airflow, found.said_in) == (airflow, said_in)
    assert found.disagreement == disagreement


def test_files_that_list_packages_are_known():
    listed = Deployment(requirements=("r.txt", "s.txt"))

    assert listed.lists == ("r.txt", "s.txt")
    assert Deployment(lock="uv.lock").lists == ("uv.lock",)
    assert Deployment(project=".").lists == ("pyproject.toml",)
    assert Deployment().lists == ()
