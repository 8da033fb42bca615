"""An audit goes on when the process that loads Airflow ends in the middle of it, and says why."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

KILLS = """\
    import os, signal, time

    from airflow.sdk import DAG

    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    with DAG("kills"):
        pass
"""
WAITS = """\
    import os

    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG

    while not os.path.exists("{root}/go"):
        pass
    with DAG("waits", schedule=None):
        EmptyOperator(task_id="task")
"""
GOOD = """\
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG

    with DAG("{name}", schedule=None):
        EmptyOperator(task_id="task")
"""
FIRST, SECOND = b"PYTHONHASHSEED=0", b"PYTHONHASHSEED=20231"
AT_ONCE = ("--allow", "subprocess", "--allow", "network")
"""Lets a file kill its parent, which neither the hook nor the kernel keeps it from then."""


class Repository:
    """A repository on disk, and audits of it."""

    def __init__(self, root):
        self.root = root
        (root / "dags").mkdir()
        (root / "pyproject.toml").write_text("[tool.dagproof]\n", "utf-8")

    def write(self, name, text):
        """Write a DAG file."""
        text = textwrap.dedent(text).replace("{root}", str(self.root)).replace("{name}", name)
        (self.root / "dags" / f"{name}.py").write_text(text, "utf-8")

    def audit(self, *options):
        """Begin an audit."""
        own = ("AIRFLOW", "DAGPROOF_", "PYTEST_", "PYTHONPATH", "MLFLOW_")
        environ = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        return subprocess.Popen(
            [sys.executable, "-m", "dagproof", "audit", "dags", "--format", "json", *options],
            cwd=self.root, env={**environ, "ENDED": str(self.root)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def living(self):
        """Return the ids of all processes of audits, but for those that have ended already."""
        return [pid for pid in processes() if f"ENDED={self.root}".encode() in environ_of(pid)]


def processes():
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def environ_of(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children_of(pid):
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(number) for number in text.split()]


def until(look):
    """Wait until a look shows something; return it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(0.01)
    raise TimeoutError


def importing(pid):
    """Return the children of a zygote that import files; Airflow starts others while it loads."""
    return [child for child in children_of(pid) if b"import_audit.zygote" in command_of(child)]


def busy_zygote(audit, seed, *ended):
    """Return the process under a hash seed, once it has a child that is in the midst of a file."""

    def look():
        zygotes = [pid for pid in children_of(audit.pid) if seed in environ_of(pid)]
        begun = [(pid, importing(pid)) for pid in zygotes if pid not in ended]
        if any(children for _, children in begun):
            time.sleep(0.3)  # what only looks like one has become another program, or gone
        return [pid for pid, children in begun if set(importing(pid)) & set(children)]

    [zygote] = until(look)
    return zygote


def finished(audit):
    """Return the report of an audit, and the findings by file."""
    said, told = audit.communicate(timeout=200)
    assert audit.returncode in {0, 1}, told
    report = json.loads(said)
    return {one["path"]: one for one in report["imports"]}, {
        path: [one for one in report["findings"] if one["path"] == path]
        for path in {one["path"] for one in report["findings"]}
    }


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path)
    yield repository
    for pid in repository.living():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def waiting(repository):
    """Return a repository with a file that waits, between others."""
    for name in ("a", "b", "y", "z"):
        repository.write(name, GOOD)
    repository.write("waits", WAITS)
    return repository


@pytest.mark.parametrize("options", [(), ("--once",)], ids=["twice", "once"])
def test_file_that_kills_the_process_above_its_own_is_told_and_others_are_honest(
    repository, options
):
    for name in ("a", "b", "y", "z"):
        repository.write(name, GOOD)
    repository.write("kills", KILLS)
    traces, findings = finished(repository.audit(*AT_ONCE, *options))

    assert {path: trace["ending"] for path, trace in traces.items()} == {
        "dags/a.py": "imported", "dags/b.py": "imported", "dags/kills.py": "crashed",
        "dags/y.py": "imported", "dags/z.py": "imported",
    }  # fmt: skip
    assert [trace["dag_ids"] for path, trace in sorted(traces.items()) if "kills" not in path] == [
        ["a"], ["b"], ["y"], ["z"],
    ]  # fmt: skip
    [finding] = findings.pop("dags/kills.py")
    assert finding["code"] == "DP222"
    assert finding["message"].endswith("ended with it, twice: signal SIGKILL")
    assert findings == {}
    assert repository.living() == []


def test_two_files_that_kill_the_process_above_their_own_are_both_told(repository):
    for name in ("kills", "kills_too"):
        repository.write(name, KILLS)
    repository.write("a", GOOD)
    traces, findings = finished(repository.audit(*AT_ONCE, "--once"))

    assert traces["dags/a.py"]["ending"] == "imported"
    assert {path: [one["code"] for one in found] for path, found in findings.items()} == {
        "dags/kills.py": ["DP222"], "dags/kills_too.py": ["DP222"],
    }  # fmt: skip


@pytest.mark.parametrize("seed", [FIRST, SECOND], ids=["first", "second"])
def test_process_that_somebody_kills_leaves_no_trace_in_the_results(waiting, seed):
    audit = waiting.audit()
    os.kill(busy_zygote(audit, seed), signal.SIGKILL)
    (waiting.root / "go").touch()
    traces, findings = finished(audit)

    assert findings == {}
    assert sorted(trace["dag_ids"] for trace in traces.values()) == [
        ["a"], ["b"], ["waits"], ["y"], ["z"],
    ]  # fmt: skip
    assert {trace["ending"] for trace in traces.values()} == {"imported"}


def test_both_processes_may_be_killed(waiting):
    audit = waiting.audit()
    for seed in (FIRST, SECOND):
        os.kill(busy_zygote(audit, seed), signal.SIGKILL)
    (waiting.root / "go").touch()
    traces, findings = finished(audit)

    assert findings == {}
    assert {trace["ending"] for trace in traces.values()} == {"imported"}


def test_process_that_ends_while_airflow_is_loaded_ends_the_audit(waiting):
    audit = waiting.audit("--once")
    [zygote] = until(lambda: children_of(audit.pid))
    os.kill(zygote, signal.SIGKILL)
    _, told = audit.communicate(timeout=60)

    assert audit.returncode == 3
    assert "The process that imports DAG files has ended: it said nothing" in told


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_audit_that_ends_with_its_second_process_leaves_none_behind(waiting, sign):
    audit = waiting.audit("--once")
    first = busy_zygote(audit, FIRST)
    os.kill(first, signal.SIGKILL)
    second = busy_zygote(audit, FIRST, first)
    assert importing(second)
    audit.send_signal(sign)
    audit.communicate(timeout=60)

    until(lambda: not waiting.living())
