"""`dagproof gate` as CI calls it: one verdict for a change, and every report."""

import json
import os
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

GATED = Path(__file__).parents[2] / "fixtures" / "repos" / "gated"
FILES = {"report.html", "report.json", "report.sarif", "junit.xml", "summary.md", ".gitignore"}


class Repository:
    """A clone of a small DAG repository, on a branch of its own."""

    def __init__(self, root, dagproof):
        self.root = root
        self._dagproof = dagproof

    def git(self, *arguments):
        names = {"GIT_CONFIG_GLOBAL": os.devnull} | {
            f"GIT_{who}_{what}": "a@b.c"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        subprocess.run(
            ["git", "-C", str(self.root), *arguments], check=True, capture_output=True,
            env={**os.environ, **names},
        )  # fmt: skip

    def edit(self, name, old, new):
        file = self.root / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def gate(self, *options, env=None):
        code, out, err = self._dagproof("gate", *options, cwd=self.root, env=env)
        return code, out, err

    @property
    def report(self):
        return json.loads((self.root / "dagproof-report/report.json").read_text())

    def stages(self):
        return {stage["name"]: stage["state"] for stage in self.report["stages"]}

    def found(self):
        return {(one["code"], one["path"], one["line"]) for one in self.report["findings"]}


@pytest.fixture
def repository(tmp_path, dagproof):
    shutil.copytree(GATED, tmp_path / "gated")
    made = Repository(tmp_path / "gated", dagproof)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "before")
    made.git("checkout", "--quiet", "-b", "change")
    return made


def test_change_of_a_helper_is_proved_by_the_dags_that_depend_on_it(repository):
    repository.edit("dags/helpers/numbers.py", "number * 2", "number + number")

    code, out, err = repository.gate()

    assert (code, out.splitlines()[-1]) == (0, "PASS."), err
    assert "can affect 1 of 2 DAG files, 1 of them by their tasks alone" in err
    states = repository.stages()
    assert (states["audit"], states["run"], states["diff"]) == ("skipped", "clean", "clean")
    assert [run["dag_id"] for run in repository.report["runs"]] == ["rates"]
    assert "not affected: fares" in out
    assert {path.name for path in (repository.root / "dagproof-report").iterdir()} == FILES
    ET.parse(repository.root / "dagproof-report/junit.xml")  # noqa: S314 - we wrote it


SEEDED = {
    "lint": (
        ("dags/fares.py", "def say", "import mlflow\n\nmlflow.set_experiment('x')\n\n\ndef say"),
        ("DP101", "dags/fares.py", 9),
    ),
    "import": (
        ("dags/fares.py", "def say", "raise ValueError('no')\n\n\ndef say"),
        ("DP220", "dags/fares.py", 7),
    ),
    "syntax": (
        ("dags/rates.py", "@dag(schedule=None)", "@dag(schedule=None"),
        ("DP100", "dags/rates.py", 7),
    ),
    "crash": (
        ("dags/rates.py", "rates()\n", "rates()\nimport os\n\nos._exit(0)\n"),
        ("DP222", "dags/rates.py", 23),
    ),
    "helper": (
        ("dags/helpers/numbers.py", "def doubled", "open('/tmp/x', 'w')\n\n\ndef doubled"),
        ("DP105", "dags/helpers/numbers.py", 4),
    ),
    "contract": (
        ("dags/fares.py", "{{ ds }}", "{{ dss }}"),
        ("DP302", "dags/fares.py", 12),
    ),
}


@pytest.mark.parametrize("kind", SEEDED)
def test_seeded_defect_turns_the_gate_red_on_its_line(repository, kind):
    edit, expected = SEEDED[kind]
    repository.edit(*edit)

    code, out, err = repository.gate("--skip", "run")

    assert code == 1, err
    assert expected in repository.found()
    assert out.splitlines()[-1].startswith("FAIL: ")


def test_tasks_that_fail_and_that_end_the_process_turn_the_gate_red(repository):
    repository.edit("dags/rates.py", "return doubled(21)", "import os; os.kill(os.getpid(), 9)")
    repository.edit("dags/fares.py", "    return f", "    raise ValueError(day)\n    return f")

    code, out, err = repository.gate()

    assert code == 1, err
    assert repository.stages()["run"] == "found"
    assert {("DP401", "dags/fares.py", 8), ("DP401", "dags/rates.py", 9)} <= repository.found()
    assert "Task `load` failed: ProcessEnded: its process ended in the middle of it" in out
    assert [run["state"] for run in repository.report["runs"]] == ["failed", "failed"]


def test_secrets_and_commands_of_tasks_stand_in_no_report(repository):
    repository.edit(
        "dags/rates.py", "return doubled(21)",
        """print("\\n::error::boo password=logged-1x")
        return {"password": "pushed-2x", "at": "mysql://me:pushed-3x@db/x"}""",
    )  # fmt: skip
    repository.edit("dags/rates.py", "rate: int", "rate: dict")
    repository.edit(
        "dags/fares.py", "    return f",
        """    from airflow.sdk import BaseHook
    raise ValueError(
        f"aws_secret_access_key=thrown/4x {BaseHook.get_connection('db').password}"
        " https://me:thrown-5x@host <script>boo()</script> \\x1b[31m\\n::error::boo"
    )
    return f""",
    )  # fmt: skip
    connection = {"AIRFLOW_CONN_DB": "postgresql://me:known-6x@db/x"}

    code, out, err = repository.gate("--skip", "audit,contracts,diff", env=connection)

    assert code == 1, err
    assert "aws_secret_access_key=***" in out
    folder = repository.root / "dagproof-report"
    written = {path.name: path.read_text() for path in folder.iterdir()} | {"out": out, "err": err}
    secrets = ("logged-1x", "pushed-2x", "pushed-3x", "thrown/4x", "thrown-5x", "known-6x")
    assert {
        (name, secret) for name, text in written.items() for secret in secrets if secret in text
    } == set()
    assert not [name for name, text in written.items() if "\x1b" in text]
    assert "<script>boo" not in written["report.html"]


def test_what_cannot_be_looked_at_is_never_green(repository, tmp_path):
    broken = tmp_path / "broken"
    (broken / "airflow").mkdir(parents=True)
    (broken / "airflow/__init__.py").write_text("raise OSError('the disk is gone')\n")
    repository.edit("dags/fares.py", "@daily", "@hourly")

    code, out, err = repository.gate(env={"PYTHONPATH": str(broken)})

    assert code == 3, out + err
    states = repository.stages()
    assert states["lint"] == "clean"
    assert {states["audit"], states["contracts"], states["run"]} == {"unable"}
    assert "the disk is gone" in out
    assert out.splitlines()[-1].startswith("COULD NOT LOOK: audit, ")


def test_run_of_a_dag_that_is_gone_is_a_wrong_question(repository):
    (repository.root / "dags/fares.py").unlink()
    code, _, _ = repository.gate()
    assert code == 2
    [run] = [one for one in repository.report["stages"] if one["name"] == "run"]
    assert (run["state"], "fares" in run["note"]) == ("unable", True)


def test_change_that_no_dag_depends_on_is_read_alone(repository):
    repository.edit("dags/fares.py", "def say", "import mlflow\n\n\ndef say")
    repository.git("commit", "--quiet", "--all", "--message", "old")
    repository.git("branch", "--force", "main")
    repository.write("README.md", "hello\n")
    code, out, err = repository.gate()
    assert (code, out.splitlines()[-1]) == (0, "PASS."), err
    assert "1 changed file since main can affect 0 of 2 DAG files" in err
    states = repository.stages()
    assert (states["lint"], states["audit"], states["run"]) == ("clean", "skipped", "skipped")


def test_github_gets_annotations_a_summary_and_no_commands_of_others(repository, tmp_path):
    repository.edit("dags/fares.py", "{{ ds }}", "{{ dss }}")
    repository.edit("dags/fares.py", "schedule=", 'doc_md="::error::boo <script>", schedule=')
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "main"}, "before": "0" * 40}))
    summary = tmp_path / "summary.md"
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(repository.root.parent),
    }

    code, out, err = repository.gate("--skip", "run", "--base", "main", env=github)

    assert code == 1, err
    lines = out.splitlines()
    assert lines[0].startswith("::stop-commands::")
    end = lines.index(f"::{lines[0].rpartition('::')[2]}::")
    annotations = [line for line in lines[end:] if line.startswith("::error ")]
    assert any("file=gated/dags/fares.py,line=12," in line for line in annotations)
    assert "❌" in summary.read_text() or "FAIL" in summary.read_text()


def test_interrupted_gate_ends_with_130_and_leaves_no_process(repository, start, shell):
    process = start("gate", cwd=repository.root)
    for line in process.stderr:
        if "runs" in line or "run:" in line:
            break
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "fares begins" not in err
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_gate_says_what_is_new_and_how_the_dags_differ(repository):
    repository.edit(
        "dags/fares.py", "def say", "import mlflow\n\nmlflow.set_tag('a', 'b')\n\n\ndef say"
    )
    repository.git("commit", "--quiet", "--all", "--message", "old")
    repository.git("branch", "--force", "main")
    repository.edit("dags/fares.py", "@daily", "@hourly")
    repository.edit("dags/fares.py", 'task_id="say"', 'task_id="tell"')
    repository.edit("dags/fares.py", "{{ ds }}", "{{ dss }}")
    (repository.root / "dags/rates.py").unlink()

    code, out, err = repository.gate("--skip", "run")

    assert code == 1, err
    new = {one["code"]: one["new"] for one in repository.report["findings"]}
    assert (new["DP101"], new["DP302"]) == (False, True)
    fates = {one["dag_id"]: one["fate"] for one in repository.report["diffs"]}
    assert fates == {"fares": "changed", "rates": "removed"}
    assert "`schedule` is `@hourly`, and was `@daily`" in out

    code, out, err = repository.gate("--skip", "run,contracts", "--new-only")

    assert code == 0, err
    assert "held back, there before at" in out
    assert out.splitlines()[-1] == "PASS."


def test_gate_that_passes_says_which_files_do_not_import(repository):
    repository.edit("dags/fares.py", "def say", "import no_such_package\n\n\ndef say")
    repository.git("commit", "--quiet", "--all", "--message", "old")
    repository.git("branch", "--force", "main")
    repository.edit("dags/fares.py", "@daily", "@hourly")
    unproved = "1 DAG file does not import, and nothing of it is proved: dags/fares.py"

    code, out, err = repository.gate("--skip", "run", "--new-only")

    assert (code, out.splitlines()[-1]) == (0, f"PASS, but {unproved}."), err
    assert f"{unproved}." in repository.report["notes"]
    notes = {one["name"]: one["note"] for one in repository.report["stages"]}
    assert notes["audit"] == "0 files imported, 0 DAGs; 1 does not import: dags/fares.py."
    assert notes["contracts"] == "Nothing is tried: 1 DAG file does not import: dags/fares.py."
    assert repository.stages()["contracts"] == "skipped"
    assert "contracts: failed" not in err
    for name in ("summary.md", "report.html", "report.sarif", "junit.xml"):
        written = (repository.root / "dagproof-report" / name).read_text()
        assert "does not import" in written, name


def test_finding_stays_old_where_the_dags_folder_has_another_name(repository):
    repository.edit("dags/fares.py", "def say", "open('/tmp/x', 'w')\n\n\ndef say")
    repository.git("commit", "--quiet", "--all", "--message", "old")
    repository.git("branch", "--force", "main")
    repository.git("mv", "dags", "flows")
    repository.edit("pyproject.toml", "services", 'dags = ["flows"]\nservices')

    code, _, err = repository.gate("--skip", "run,contracts")

    assert code == 1, err
    new = {(one["code"], one["path"]): one["new"] for one in repository.report["findings"]}
    assert new == {("DP105", "flows/fares.py"): False}
    assert repository.report["diffs"] == []


def test_shallow_clone_has_everything_checked_and_says_why(repository, tmp_path):
    repository.git("checkout", "--quiet", "main")
    for number in range(2):
        repository.write("README.md", str(number))
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--message", "more")
    clone = Repository(tmp_path / "clone", repository._dagproof)
    source = f"file://{repository.root}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", source, str(clone.root)], check=True)

    code, out, err = clone.gate("--skip", "run", "--base", "release")

    assert (code, out.splitlines()[-1]) == (0, "PASS."), err
    assert "Everything is checked, 2 DAG files: There is no commit `release` here." in err
    assert "git fetch --unshallow" in out
