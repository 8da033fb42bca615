"""What everything depends on, and what nothing does."""

import pytest

from dagproof.impact import impact
from dagproof.model import ChangedFile, Comparison, FileFate


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt", "requirements-dev.txt", "dev-requirements.in", "constraints-3.11.txt",
        "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "setup.cfg",
        "setup.py", "Dockerfile", "Dockerfile.dev", "ci.Dockerfile", "docker-compose.yml",
        "docker-compose.override.yml", "compose.yaml", "packages.txt", "airflow.cfg",
        "airflow_settings.yaml", ".airflowignore", "dags/.airflowignore", "webserver_config.py",
        "config/airflow_local_settings.py", ".env", ".env.dev", "tox.ini", ".python-version",
        "dags/team/requirements.txt", "environment.yml", "sitecustomize.py", ".dockerignore",
        "infra/main.tf", "config/values.json", "unknown", "data.txt",
    ],
)  # fmt: skip
def test_everything_is_looked_at_where_everything_may_depend_on_a_file(repository, path):
    repository.file(path)
    repository.dag("dags/one.py", dag_id="first")
    repository.dag("dags/two.py")

    found = repository.impact(path)

    assert found.everything.startswith(f"`{path}` has changed, ")
    assert found.everything.endswith(".")
    assert [one.path for one in found.affected] == ["dags/one.py", "dags/two.py"]
    assert found.affected[0].dag_ids == ("first",)
    assert {one.changed for one in found.affected} == {path}
    assert {f"{one.reason}." for one in found.affected} == {found.everything}
    assert found.total == 2


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "LICENSE", "docs/guide.txt", "docs/requirements.txt", "tests/test_a.py",
        "tests/data/rows.csv", "tests/requirements.txt", "dags/README.md", "dags/team/tests/a.json",
        "dags/diagram.png", ".gitignore", ".editorconfig", "Makefile", "CHANGELOG.rst",
        ".github/CODEOWNERS", ".github/dependabot.yml", "ruff.toml", "logo.svg", "scripts/tool.py",
        ".vscode/settings.json", "dags/.gitkeep",
    ],
)  # fmt: skip
def test_what_nothing_depends_on_is_idle(repository, path):
    repository.file(path)
    repository.dag("dags/one.py")

    found = repository.impact(path)

    assert not found.everything
    assert not found.affected
    assert found.idle == (path,)
    assert found.total == 1


def test_idle_kinds_count_where_a_dag_names_them(repository):
    repository.file("dags/about.md")
    repository.file("docs/notes.md")
    repository.dag("dags/one.py", "x = 'about.md'")
    repository.dag("dags/two.py", "x = 'docs/notes.md'")

    assert repository.affected("dags/about.md") == {"one"}
    assert repository.affected("docs/notes.md") == {"two"}


def test_idle_files_are_told_beside_others(repository):
    repository.file("README.md")
    repository.file("lib/unused.py")
    repository.dag("dags/one.py")
    found = repository.impact("README.md", "dags/one.py", "lib/unused.py")

    assert found.idle == ("README.md", "lib/unused.py")
    assert [one.path for one in found.affected] == ["dags/one.py"]


def test_an_unknown_comparison_means_everything(repository):
    repository.dag("dags/one.py")
    found = impact(repository.settings, Comparison(unknown="There is no commit."))

    assert found.everything == "There is no commit."
    assert [(one.path, one.reason, one.changed) for one in found.affected] == [
        ("dags/one.py", "There is no commit", "")
    ]


def test_no_change_affects_nothing(repository):
    repository.dag("dags/one.py")
    found = repository.impact()

    assert (found.everything, found.affected, found.total, found.idle) == ("", (), 1, ())


def test_a_dag_file_keeps_its_own_reason_where_everything_counts(repository):
    repository.dag("dags/one.py")
    repository.dag("dags/two.py")

    reasons = repository.reasons("dags/one.py", "tox.ini")

    assert reasons["one"] == "it has changed itself"
    assert reasons["two"].startswith("`tox.ini` has changed")


def test_manifests_are_for_everything(repository):
    repository.file("environments/dev.yaml")
    repository.options["manifests"] = ("environments/*.yaml",)
    repository.dag("dags/one.py")

    assert repository.impact("environments/dev.yaml").everything == (
        "`environments/dev.yaml` has changed, which declares what every DAG may use."
    )


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        (".github/workflows/ci.yml", "run: dagproof gate", True),
        (".github/workflows/ci.yml", "run: make", False),
        (".gitlab-ci.yml", "script: dagproof gate", True),
        (".gitlab-ci.yml", "script: make", False),
        (".pre-commit-config.yaml", "id: dagproof-lint", True),
        (".circleci/config.yml", "make", False),
        ("dags/.github/workflows/ci.yml", "dagproof", False),
    ],
)
def test_of_ci_only_what_calls_dagproof_counts(repository, path, text, counts):
    repository.file(path, text)
    repository.dag("dags/one.py")
    found = repository.impact(repository.change(path, FileFate.ADDED))

    assert bool(found.affected) is counts
    assert found.idle == (() if counts else (path,))


def test_a_workflow_that_is_gone_counts_where_nobody_knows_what_it_said(repository):
    repository.dag("dags/one.py")
    gone = repository.change(".github/workflows/ci.yml", FileFate.DELETED)

    assert repository.impact(gone).everything


@pytest.mark.parametrize(
    "text",
    [
        "from airflow.plugins_manager import AirflowPlugin\nclass P(AirflowPlugin): ...",
        "import airflow.plugins_manager as m\nclass P(m.AirflowPlugin): ...",
        "from airflow.listeners import hookimpl\n@hookimpl\ndef on_starting(c): ...",
        "from airflow.listeners import hookimpl\nclass L:\n    @hookimpl()\n    def f(self): ...",
        "from airflow.timetables.base import Timetable\nclass T(Timetable): ...",
    ],
)
def test_a_plugin_and_what_it_imports_is_for_everything(repository, text):
    repository.file("plugins/registered.py", f"import macros\n{text}\n")
    repository.file("plugins/macros.py")
    repository.file("plugins/plain.py", "# no AirflowPlugin")
    repository.dag("dags/one.py")
    repository.dag("dags/two.py", "import plain")

    for changed in ("plugins/registered.py", "plugins/macros.py"):
        found = repository.impact(changed)
        assert found.everything == f"`{changed}` has changed, which Airflow loads for every DAG."
        assert len(found.affected) == 2
    assert [step.message for step in repository.impact("plugins/macros.py").affected[0].chain] == [
        "imports `macros`"
    ]
    assert repository.affected("plugins/plain.py") == {"two"}


def test_such_a_class_in_the_dags_folder_is_no_plugin(repository):
    repository.file("plugins/nothing.txt")
    repository.dag("dags/one.py", "class P(AirflowPlugin): ...")
    repository.dag("dags/two.py")

    assert repository.affected("dags/one.py") == {"one"}


def test_what_the_environment_names_is_for_everything(repository):
    repository.file("plugins/backends/xcom.py", "import backends.codec")
    repository.file("plugins/backends/codec.py")
    repository.file("plugins/backends/other.py")
    repository.options["env"] = {"AIRFLOW__CORE__XCOM_BACKEND": "backends.xcom.Backend", "A": "b"}
    repository.dag("dags/one.py")

    assert repository.impact("plugins/backends/xcom.py").everything
    assert repository.impact("plugins/backends/codec.py").everything
    assert not repository.impact("plugins/backends/other.py").affected


def test_a_deleted_file_of_the_plugins_folder_may_have_been_a_plugin(repository):
    repository.file("plugins/other.py")
    repository.dag("dags/one.py")
    gone = repository.change("plugins/gone.py", FileFate.DELETED)

    assert repository.impact(gone).everything == (
        "`plugins/gone.py` has changed, which is or was an Airflow plugin."
    )


def test_a_folder_that_git_calls_a_file_is_for_everything(repository):
    repository.file("vendor/shared/module.py")
    repository.dag("dags/one.py")

    assert repository.impact("vendor/shared").everything


def test_files_above_the_repository_count_by_name_and_others_are_idle(repository):
    inner = repository.root / "pipelines"
    repository.root, top = inner, repository.root
    repository.dag("dags/one.py")
    (top / "web").mkdir()
    for path in ("pyproject.toml", "web/app.py", "web/requirements.txt", "web/rows.csv"):
        (top / path).write_text("")

    assert repository.impact(ChangedFile(str(top / "pyproject.toml"))).everything
    for path in ("web/app.py", "web/requirements.txt", "web/rows.csv"):
        found = repository.impact(ChangedFile(str(top / path)))
        assert not found.everything
        assert not found.affected
        assert len(found.idle) == 1


def test_ci_of_the_repository_above_counts_too(repository):
    inner = repository.root / "pipelines"
    repository.root, top = inner, repository.root
    repository.dag("dags/one.py")
    workflow = top / ".github/workflows/gate.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("run: dagproof gate")

    assert repository.impact(ChangedFile(str(workflow))).everything


def test_data_in_a_root_outside_counts_as_in_any_root(repository, tmp_path_factory):
    libraries = tmp_path_factory.mktemp("libraries")
    (libraries / "tool").mkdir()
    (libraries / "tool/__init__.py").write_text("")
    (libraries / "tool/rows.csv").write_text("")
    repository.options["pythonpath"] = (libraries,)
    repository.dag("dags/one.py", "import tool")
    repository.dag("dags/two.py")

    assert repository.affected(str(libraries / "tool/rows.csv")) == {"one"}
