"""What cannot be tried is said in one line with its place, and the rest goes on.

Each case is a file of one repository with one thing that is bad, and a task behind it whose
template uses a name that nothing defines: it must be found all the same.
"""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

HEAD = """\
import ctypes, os, enum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, task

"""

STILL = """
with DAG("{name}_still"):
    BashOperator(task_id="still", bash_command="echo {{{{ nowhere }}}}")  # expect: DP302
"""

CASES = {
    "schema_invalid": """
        with DAG("D", params={"month": Param(6, type=["integer", 5])}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "schema_of_odd_values": """
        with DAG("D", params={"month": Param(6, pattern={5})}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "schema_unsatisfiable": """
        with DAG("D", params={"month": Param(type="string", enum=[])}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "schema_of_huge_values": """
        with DAG("D", params={"text": Param(type="string", minLength=10**8)}):  # expect: DP390
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "schema_recursive": """
        with DAG("D", params={"tree": Param({}, allOf=[{"$ref": "#"}])}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "schema_elsewhere": """
        with DAG("D", params={"tree": Param({}, **{"$ref": "https://x.test/s"})}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "template_endless": """
        def wait():
            while True: pass
        with DAG("D", user_defined_macros={"wait": wait}):
            BashOperator(task_id="t", bash_command="{{ wait() }}")  # expect: DP308
    """,
    "template_swallows_its_end": """
        def wait():
            while True:
                try:
                    while True: pass
                except BaseException: pass
        with DAG("D", user_defined_macros={"wait": wait}):
            BashOperator(task_id="t", bash_command="{{ wait() }}")  # expect: DP308
    """,
    "annotation_not_there": """
        with DAG("D"):
            @task  # expect: DP390
            def load(day: "Nowhere") -> str:
                return day
            load("{{ ds }}")
    """,
    "return_without_strategy": """
        class Odd:
            def __init__(self, inside): self.inside = inside
        with DAG("D"):
            @task  # expect: DP390
            def load() -> Odd:
                return 1
            load()
    """,
    "params_that_raise": """
        class Evil(Param):
            def resolve(self, *_, **__): raise RuntimeError("no value")
        with DAG("D", schedule=None, params={"month": Evil(6)}):  # expect: DP311
            BashOperator(task_id="t", bash_command="echo {{ ds }}")
    """,
    "macro_exits": """
        with DAG("D", user_defined_macros={"leave": os._exit}):
            BashOperator(task_id="t", bash_command="{{ leave(3) }}")  # expect: DP308
            BashOperator(task_id="u", bash_command="{{ leave(0) }}")  # expect: DP308
    """,
    "macro_exits_politely": """
        with DAG("D", user_defined_macros={"leave": sys.exit}):
            BashOperator(task_id="t", bash_command="{{ leave(3) }}")  # expect: DP308
    """,
    "macro_reads_at_null": """
        with DAG("D", user_defined_macros={"crash": lambda: ctypes.string_at(0)}):
            BashOperator(task_id="t", bash_command="{{ crash() }}")  # expect: DP308
    """,
    "macro_eats_memory": """
        def eat():
            eaten = []
            while True: eaten.append(bytearray(64 * 1024 * 1024))
        with DAG("D", user_defined_macros={"eat": eat}):
            BashOperator(task_id="t", bash_command="{{ eat() }}")  # expect: DP308
    """,
    "operator_raises": """
        class OddOperator(BashOperator):
            def render_template_fields(self, context, jinja_env=None): raise LookupError("odd")
        with DAG("D"):
            OddOperator(task_id="t", bash_command="{{ ds }}")  # expect: DP308
    """,
    "pure_exits": """
        with DAG("D"):
            @task
            def load(day):  # dagproof: pure
                raise SystemExit(3)
            load("{{ ds }}")  # expect: DP303
    """,
}

BROKEN = {
    "import_broken": "# DAG\nfrom airflow.sdk import Nowhere\n",
    "syntax_broken": "# airflow DAG\nwith DAG(:\n",
}

MARK = re.compile(r"# expect: (DP3\d\d)$", re.MULTILINE)


def source(name):
    body = textwrap.dedent(CASES[name]).replace('"D"', f'"{name}"')
    return HEAD.replace("enum", "enum, sys") + body + STILL.format(name=name)


def shell(mark):
    """Return an environment without anything of this session's services, and with a mark."""
    own = ("AIRFLOW", "AWS_", "DAGPROOF_", "DATA_ROOT", "MLFLOW_", "PYTEST_")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    return {**environ, "TRIED": str(mark)}


def command(*arguments):
    return [sys.executable, "-m", "dagproof", "contracts", "--format", "json", *arguments]


def contracts(folder, *arguments, mark="", timeout=300):
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=shell(mark),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def small(folder):
    """Write a repository of one DAG with one wrong template."""
    (folder / "dags").mkdir()
    (folder / "pyproject.toml").write_text("[tool.dagproof]\n", "utf-8")
    (folder / "dags" / "small.py").write_text(HEAD + STILL.format(name="small"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("bad")
    (root / "dags").mkdir()
    (root / "pyproject.toml").write_text(
        "[tool.dagproof.budgets]\nimport-memory = 800\n", encoding="utf-8"
    )
    for name in CASES:
        (root / "dags" / f"{name}.py").write_text(source(name), encoding="utf-8")
    for name, text in BROKEN.items():
        (root / "dags" / f"{name}.py").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def report(root):
    code, report = contracts(root, "--select", "DP3", mark=str(root))
    assert code == 1
    return report


def told(report, name):
    return sorted(
        (one["line"], one["code"]) for one in report["findings"] if Path(one["path"]).stem == name
    )


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_at_its_place_and_the_rest_of_the_file_is_tried(report, name):
    lines = source(name).split("\n")
    marked = [
        (number, mark[1])
        for number, line in enumerate(lines, start=1)
        if (mark := MARK.search(line))
    ]
    assert told(report, name) == marked
    for one in report["findings"]:
        assert "\n" not in one["message"]


def test_file_that_does_not_import_is_one_entry_and_the_others_are_tried(report):
    errors = {one["path"]: one["message"] for one in report["errors"]}
    assert {*errors} == {"dags/import_broken.py", "dags/syntax_broken.py"}
    assert errors["dags/import_broken.py"].startswith("it does not import: ImportError")
    assert all("\n" not in message for message in errors.values())


def test_pattern_that_takes_for_ever_takes_seconds(tmp_path):
    """Python's `re` tries it on the default, which each conf holds."""
    folder = small(tmp_path)
    param = """Param("a" * 40 + "!", type="string", pattern="^(a+)+$")"""
    text = HEAD + f'with DAG("slow", params={{"text": {param}}}):\n'
    text += '    BashOperator(task_id="t", bash_command="echo {{ nope }}")\n'
    (folder / "dags" / "slow.py").write_text(text, "utf-8")
    code, report = contracts(folder, timeout=40)
    assert (code, told(report, "small")) == (1, [(7, "DP302")])
    assert told(report, "slow") == [(5, "DP390"), (6, "DP302")]


def test_no_process_and_no_file_is_left(root, report):
    assert living(f"TRIED={root}") == []
    left = {path.name for path in root.rglob("*") if "__pycache__" not in path.parts}
    names = {f"{name}.py" for name in (*CASES, *BROKEN)}
    assert left == {"dags", "pyproject.toml", *names}


def test_two_runs_at_once_say_the_same(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        (code, one), (other_code, other) = pool.map(contracts, [small(tmp_path)] * 2)
    assert (code, other_code) == (1, 1)
    assert one["findings"] == other["findings"] != []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_repository_is_tried(tmp_path):
    folder = small(tmp_path)
    places = [folder / "dags" / "small.py", folder / "pyproject.toml", folder / "dags", folder]
    for one in places:
        one.chmod(one.stat().st_mode & ~0o222)
    try:
        code, report = contracts(folder)
    finally:
        for one in reversed(places):
            one.chmod(one.stat().st_mode | 0o200)
    assert (code, told(report, "small")) == (1, [(6, "DP302")])


def test_interruption_ends_all_processes_and_says_so(tmp_path):
    folder = small(tmp_path)
    (folder / "dags" / "small.py").write_text(source("template_endless") * 40, encoding="utf-8")
    process = subprocess.Popen(
        command(),
        cwd=folder,
        env=shell(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell starts background jobs deaf to Ctrl-C, and they would pass it on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    )
    deadline = time.monotonic() + 60
    while len(living(f"TRIED={folder}")) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "dagproof: interrupted; what it had started is stopped." in err
    assert "Traceback" not in err
    deadline = time.monotonic() + 10
    while living(f"TRIED={folder}") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert living(f"TRIED={folder}") == []


def living(mark):
    """Return the command lines of the processes that have a text in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            continue
    return found
