"""DAG files whose tasks trigger, or wait for, a DAG of a file that has changed."""

import subprocess

import pytest

from dagproof.model import FileFate

TRIGGER = """\
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

with DAG("{id}"):
    TriggerDagRunOperator(task_id="next", trigger_dag_id="{other}")
"""
WAIT = """\
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import DAG

with DAG("{id}"):
    ExternalTaskSensor(task_id="wait", external_dag_id="{other}")
"""


@pytest.fixture
def committed(repository):
    """Return what commits all files, for comparisons with that commit."""

    def git(*arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        done = subprocess.run(command, cwd=repository.root, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit():
        git("init", "--quiet")
        git("add", "--all")
        git("commit", "--quiet", "--no-verify", "-m", "x")
        repository.commit = git("rev-parse", "HEAD")

    return commit


@pytest.mark.parametrize(("text", "verb"), [(TRIGGER, "triggers"), (WAIT, "waits for")])
def test_who_names_a_changed_dag_is_affected(repository, committed, text, verb):
    repository.file("dags/user.py", text.format(id="user", other="load"))
    repository.file("dags/second.py", text.format(id="second", other="user"))
    repository.dag("dags/load.py")
    repository.dag("dags/other.py")
    committed()

    found = {one.path: one for one in repository.impact("dags/load.py").affected}

    assert found.keys() == {"dags/load.py", "dags/user.py"}
    user = found["dags/user.py"]
    assert user.reason == f"it {verb} the DAG `load` of `dags/load.py`"
    assert user.changed == "dags/load.py"
    [step] = user.chain
    assert (step.span.path, step.span.line) == ("dags/user.py", 5)


def test_who_names_another_dag_is_not(repository, committed):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="store"))
    repository.dag("dags/load.py")
    repository.dag("dags/store.py")
    committed()

    assert repository.affected("dags/load.py") == {"load"}


def test_a_task_that_a_helper_makes_counts(repository, committed):
    repository.file(
        "dags/common/steps.py",
        "from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator\n"
        "def after(dag_id):\n"
        "    return TriggerDagRunOperator(task_id='next', trigger_dag_id=dag_id)\n",
    )
    repository.dag("dags/user.py", "from common.steps import after\nafter('load')")
    repository.dag("dags/load.py")
    committed()

    assert repository.affected("dags/load.py") == {"load", "user"}


def test_a_dag_that_a_changed_file_had_before_counts(repository, committed):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="old_name"))
    repository.dag("dags/load.py", dag_id="old_name")
    committed()
    repository.dag("dags/load.py", dag_id="new_name")

    assert repository.reasons("dags/load.py") == {
        "load": "it has changed itself",
        "user": "it triggers the DAG `old_name` of `dags/load.py`",
    }


@pytest.mark.parametrize("fate", [FileFate.DELETED, FileFate.RENAMED])
def test_a_dag_of_a_file_that_is_gone_counts(repository, committed, fate):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="load"))
    repository.file("dags/other.py", TRIGGER.format(id="other", other="elsewhere"))
    repository.dag("dags/load.py")
    committed()
    (repository.root / "dags/load.py").rename(repository.root / "moved.py")
    path, before = (
        ("dags/load.py", "") if fate is FileFate.DELETED else ("moved.py", "dags/load.py")
    )

    assert repository.affected(repository.change(path, fate, before)) == {"user"}


def test_a_module_that_is_gone_and_was_no_dag_file_does_not(repository, committed):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="elsewhere"))
    repository.file("dags/helper.py", "x = 1")
    committed()
    (repository.root / "dags/helper.py").unlink()
    gone = repository.change("dags/helper.py", FileFate.DELETED)

    assert repository.affected(gone) == set()
    assert repository.impact(gone).idle == ("dags/helper.py",)


def test_where_nobody_knows_the_ids_what_no_other_file_defines_may_be_meant(repository, committed):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="made_load"))
    repository.file("dags/sure.py", TRIGGER.format(id="sure", other="store"))
    repository.file(
        "dags/factory.py",
        "from airflow.sdk import DAG\nfor name in open('x'):\n    DAG(f'made_{name}')\n",
    )
    repository.dag("dags/store.py")
    committed()

    assert repository.reasons("dags/factory.py") == {
        "factory": "it has changed itself",
        "user": "it triggers the DAG `made_load`, which `dags/factory.py` may define or have "
        "defined",
    }


def test_without_a_commit_what_a_file_was_is_not_known(repository):
    repository.file("dags/user.py", TRIGGER.format(id="user", other="load"))
    repository.file("dags/sure.py", TRIGGER.format(id="sure", other="store"))
    repository.dag("dags/store.py")
    repository.dag("dags/new.py")

    gone = repository.change("dags/load.py", FileFate.DELETED)
    added = repository.change("dags/new.py", FileFate.ADDED)

    assert repository.affected(gone) == {"user"}
    assert repository.affected(added) == {"new"}


def test_a_dag_whose_id_stands_in_a_changed_module_counts(repository, committed):
    factory = "from airflow.sdk import DAG\ndef make():\n    return DAG('made')\n"
    repository.file("lib/factory.py", factory)
    repository.dag("dags/maker.py", "import factory\nd = factory.make()")
    repository.file("dags/user.py", TRIGGER.format(id="user", other="made"))
    repository.dag("dags/other.py")
    committed()

    assert repository.affected("lib/factory.py") == {"maker", "user"}


def test_a_former_plugin_is_known_by_what_it_was(repository, committed):
    repository.file("plugins/was.py", "class P(AirflowPlugin): ...")
    repository.file("plugins/never.py", "x = 1")
    repository.dag("dags/one.py")
    committed()
    repository.file("plugins/was.py", "x = 1")
    (repository.root / "plugins/never.py").unlink()

    assert repository.impact("plugins/was.py").everything == (
        "`plugins/was.py` has changed, which is or was an Airflow plugin."
    )
    gone = repository.change("plugins/never.py", FileFate.DELETED)
    assert not repository.impact(gone).everything


def test_a_former_workflow_is_known_by_what_it_said(repository, committed):
    repository.file(".github/workflows/gate.yml", "dagproof gate")
    repository.file(".github/workflows/make.yml", "make")
    repository.dag("dags/one.py")
    committed()
    repository.file(".github/workflows/gate.yml", "make")
    (repository.root / ".github/workflows/make.yml").unlink()

    assert repository.impact(".github/workflows/gate.yml").everything
    gone = repository.change(".github/workflows/make.yml", FileFate.DELETED)
    assert repository.impact(gone).idle == (".github/workflows/make.yml",)


def test_a_repository_below_that_of_git_is_asked_for_its_own_files(repository, committed):
    top = repository.root
    committed_root = top / "pipelines"
    repository.root = committed_root
    repository.file("dags/user.py", TRIGGER.format(id="user", other="old_name"))
    repository.dag("dags/load.py", dag_id="old_name")
    repository.root = top
    committed()
    repository.root = committed_root
    repository.dag("dags/load.py", dag_id="new_name")

    assert repository.affected("dags/load.py") == {"load", "user"}
