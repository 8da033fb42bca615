"""Two commits of a real repository, imported by a real Airflow, and what is told of them."""

import json

from dagproof.audit import AuditRequest, audit
from dagproof.cli import main
from dagproof.diffing import diff
from dagproof.model import Severity

HEAD = """\
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, task

"""
TAXI = (
    HEAD
    + """\
with DAG(
    "taxi", schedule="@daily", start_date=datetime(2024, 1, 1), tags=["taxi"],
    default_args={"retries": 2, "execution_timeout": timedelta(hours=1)},
    params={"month": Param(1, type="integer", minimum=1), "colour": Param("green", type="string")},
):
    @task
    def extract(): return 1

    @task
    def load(rows): return rows

    @task
    def check(rows): return rows

    rows = load(extract())
    check(rows) >> BashOperator(task_id="tell", bash_command="echo {{ params.month }}")
"""
)
TAXI_NOW = (
    HEAD
    + """\
with DAG(
    "taxi", schedule="@hourly", catchup=True, start_date=datetime(2024, 1, 1), tags=["a", "taxi"],
    params={"month": Param(1, type="integer", minimum=0)},
):
    @task
    def extract(): return 1

    @task(pool="big")
    def load_month(rows): return rows

    rows = load_month(extract())
    BashOperator(task_id="tell", bash_command="echo {{ params.month }}")
"""
)
SMALL = (
    HEAD
    + 'with DAG("{}", schedule="@hourly"):\n    BashOperator(task_id="only", bash_command="x")\n'
)
CHAIN = (
    HEAD
    + """\
with DAG("{}"):
    last = None
    for name in ("a", "b", "c"):
        here = BashOperator(task_id=name, bash_command=name)
        last = last >> here if last else here
"""
)
AROUND = (
    HEAD
    + """\
import os

with DAG("around"):
    BashOperator(task_id="a", bash_command=os.getcwd(), env=dict(os.environ))
"""
)
VARYING = (
    HEAD
    + """\
with DAG("varying", description=str(datetime.now()), tags=["{}"]):
    BashOperator(task_id="only", bash_command="x")
"""
)


def test_what_has_changed_is_told_and_nothing_else(repository):
    repository.add("dags/taxi.py", TAXI)
    repository.add("dags/gone.py", SMALL.format("gone"))
    repository.add("dags/moved.py", SMALL.format("moved"))
    repository.add("dags/same.py", SMALL.format("same"))
    repository.add("dags/broken.py", SMALL.format("broken"))
    repository.add("dags/mended.py", SMALL.format("mended") + "raise ValueError\n")
    repository.add("dags/chain.py", CHAIN.format("old_name"))
    repository.add("dags/varying.py", VARYING.format("a"))
    base = repository.commit()
    (repository.root / "dags/gone.py").unlink()
    repository.git("mv", "dags/moved.py", "dags/elsewhere.py")
    repository.add("dags/taxi.py", TAXI_NOW)
    repository.add("dags/broken.py", SMALL.format("broken") + "raise ValueError\n")
    repository.add("dags/mended.py", SMALL.format("mended"))
    repository.add("dags/fresh.py", SMALL.format("fresh"))
    repository.add("dags/chain.py", CHAIN.format("new_name"))
    repository.add("dags/varying.py", VARYING.format("b"))

    found = diff(repository.settings, base)

    fates = {one.dag_id: one.fate for one in found.diffs}
    assert fates == {
        "fresh": "added", "gone": "removed", "new_name": "renamed", "taxi": "changed",
        "varying": "changed",
    }  # fmt: skip
    by_id = {one.dag_id: one for one in found.diffs}
    assert [one.where for one in by_id["varying"].changes] == ["tags"]
    assert [one.where for one in by_id["new_name"].changes] == ["dag_id"]
    assert {one.where for one in by_id["taxi"].changes} == {
        "schedule", "catchup", "tags", "params.month.minimum", "params.colour", "tasks.check",
        "tasks.load_month", "tasks.load_month.pool", "tasks.*.retries",
        "tasks.*.execution_timeout", "edges",
    }  # fmt: skip
    assert by_id["taxi"].changes[0].where == "catchup"
    assert by_id["taxi"].changes[0].severity is Severity.ERROR
    assert {shape.path for shape in (by_id["taxi"].before, by_id["taxi"].after)} == {"dags/taxi.py"}
    assert found.notes == (
        "Not all DAGs of `dags/broken.py` are compared: they fail to import, or to be serialized.",
        (
            "Not all DAGs of `dags/mended.py` are compared: they failed to import at the base, or "
            "to be serialized."
        ),
        "Not compared, since it differs from import to import: `varying.description`.",
    )
    assert found.before.seconds.keys() == {
        f"dags/{name}.py"
        for name in ("taxi", "gone", "moved", "same", "broken", "chain", "varying")
    }


def test_repository_is_the_same_as_itself_wherever_it_lies(repository):
    text = TAXI + '    BashOperator(task_id="file", bash_command="cat " + __file__)\n'
    repository.add("dags/taxi.py", text)
    repository.add("dags/around.py", AROUND)

    assert diff(repository.settings, repository.commit()).diffs == ()


def test_what_an_audit_has_seen_is_not_imported_again(repository):
    repository.add("dags/a.py", SMALL.format("a"))
    base = repository.commit()
    path = repository.add("dags/a.py", SMALL.format("a").replace("@hourly", "@daily"))
    seen = audit(repository.settings, AuditRequest()).imports
    path.write_text("raise ValueError('imported again')\n")
    said = []

    found = diff(repository.settings, base, [path], said.append, now=seen)

    assert [one.where for one in found.diffs[0].changes] == ["schedule"]
    assert len([line for line in said if line.startswith("Airflow is imported")]) == 1
    assert [trace.path for trace in found.before.traces] == ["dags/a.py"]


def test_findings_of_the_commit_come_from_the_same_import(repository):
    repository.add("dags/a.py", SMALL.format("a") + "import os\nos.listdir('.')\n")
    base = repository.commit()

    found = diff(repository.settings, base, request=AuditRequest(select=["DP206"]))

    assert [(one.code, one.span.path) for one in found.before.findings] == [("DP206", "dags/a.py")]


def test_files_that_an_archive_would_not_have_are_compared(repository):
    repository.add(".gitattributes", "dags/** export-ignore\n")
    repository.add("dags/a.py", SMALL.format("a"))

    assert diff(repository.settings, repository.commit()).diffs == ()


def test_command_tells_a_branch_from_where_it_left(repository, capsys):
    repository.add("dags/helper_less.py", SMALL.format("same"))
    repository.add("dags/taxi.py", TAXI)
    repository.commit()
    repository.git("checkout", "-q", "-b", "feature")
    repository.add("dags/taxi.py", TAXI.replace("@daily", "@hourly"))

    assert main(["diff", "--base", "main"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "taxi (dags/taxi.py) changed\n  ! `schedule` is `@hourly`, and was `@daily`"
    )
    assert "\n1 DAG differs from main (" in out

    assert main(["diff", "--base", "main", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["dag_id"] for one in report["diffs"]] == ["taxi"]
    assert report["files"] == 1, "the others cannot be affected"


def test_change_of_a_helper_is_told_of_the_dags_that_use_it(repository, capsys):
    repository.add("dags/shared/__init__.py", "")
    repository.add("dags/shared/args.py", "ARGS = {'retries': 2}\n")
    for name in ("one", "two"):
        text = SMALL.format(name).replace('schedule="@hourly"', "default_args=ARGS")
        repository.add(f"dags/{name}.py", "from shared.args import ARGS\n" + text)
    repository.commit()
    repository.git("checkout", "-q", "-b", "feature")
    repository.add("dags/shared/args.py", "ARGS = {'retries': 0}\n")

    assert main(["diff", "--base", "main", "--format", "json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert [(one["dag_id"], one["changes"][0]["where"]) for one in report["diffs"]] == [
        ("one", "tasks.only.retries"), ("two", "tasks.only.retries"),
    ]  # fmt: skip
