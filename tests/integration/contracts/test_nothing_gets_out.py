"""Macros and pure callables that reach outside get nowhere.

They are one repository, which is tried once, with a listener that nobody may reach and a folder
that nobody may change.
"""

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ATTEMPTS = {
    "socket": "import socket; socket.create_connection(('127.0.0.1', PORT), 2).send(b'x')",
    "raw_socket": "import _socket; _socket.socket(2, 1).connect(('127.0.0.1', PORT))",
    "datagram": "import socket; socket.socket(2, 2).sendto(b'x', ('127.0.0.1', PORT))",
    "dns": "import socket; socket.getaddrinfo('canary.test', 80)",
    "requests": "import requests; requests.get('http://127.0.0.1:PORT/', timeout=2)",
    "urllib": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:PORT/', timeout=2)",
    "subprocess": "import subprocess; subprocess.run(['touch', 'OUT/subprocess'])",
    "system": "import os; os.system('touch OUT/system')",
    "spawn": "import os; os.posix_spawn('/usr/bin/touch', ['touch', 'OUT/spawn'], {})",
    "fork": "import os; os.fork() or open('OUT/fork', 'w')",
    "native": "import ctypes; ctypes.CDLL(None).system(b'touch OUT/native')",
    "write": "open('OUT/write', 'w').write('x')",
    "beside": "open(__file__ + '.txt', 'w').write('x')",
    "working_directory": "open('written_here', 'w').write('x')",
    "overwrite": "open('OUT/kept.txt', 'w').write('x')",
    "append": "open('OUT/kept.txt', 'a').write('x')",
    "unlink": "import os; os.unlink('OUT/kept.txt')",
    "rename": "import os; os.rename('OUT/kept.txt', 'OUT/moved.txt')",
    "rmtree": "import shutil; shutil.rmtree('OUT')",
    "mkdir": "import os; os.mkdir('OUT/folder')",
    "link": "import os; os.symlink('/', 'OUT/link')",
    "sqlite": "import sqlite3; sqlite3.connect('OUT/data.db').execute('create table t (a)')",
    "kill": "import os; os.kill(os.getppid(), 9)",
    "variable": "from airflow.sdk import Variable; Variable.get('region')",
    "variable_set": "from airflow.sdk import Variable; Variable.set('region', 'x')",
    "connection": "from airflow.sdk import Connection; Connection.get('warehouse')",
    "metadata": (
        "from airflow.settings import engine, Session\n"
        "from airflow.models import DagRun\n"
        "Session().query(DagRun).count()"
    ),
    "thread": "import threading; threading.Thread(target=open, args=('OUT/t', 'w')).start()",
}

DAG = """
import os
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task


def attempt(*_):
    try:
{attempt}
    except Exception:
        pass
    return "done"


with DAG("{name}", user_defined_macros={{"attempt": attempt}}):
    BashOperator(task_id="macro", bash_command="echo {{{{ attempt() }}}}")

    @task
    def pure(day):  # dagproof: pure
        return attempt(day)

    pure("{{{{ ds }}}}")
"""


def contents(folder):
    """Return mode and bytes of all that is in a folder, but for bytecode."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def listeners():
    """A TCP and a UDP socket on one port."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(type=2) as datagrams:
        datagrams.bind(server.getsockname())
        server.settimeout(0)
        datagrams.settimeout(0)
        yield server, datagrams


@pytest.fixture(scope="module")
def places(tmp_path_factory, listeners):
    """Return the repository, and the folders that nobody may change, and that Airflow may."""
    folder = tmp_path_factory.mktemp("out")
    root, out, scratch = (folder / name for name in ("root", "canary", "scratch"))
    for one in (root / "dags", out, scratch, folder / "home"):
        one.mkdir(parents=True)
    (out / "kept.txt").write_text("kept", encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.dagproof]\n", encoding="utf-8")
    for name, text in ATTEMPTS.items():
        told = text.replace("OUT", str(out)).replace("PORT", str(listeners[0].getsockname()[1]))
        body = DAG.format(name=name, attempt=textwrap.indent(told, " " * 8))
        (root / "dags" / f"{name}.py").write_text(body, encoding="utf-8")
    return root, out, scratch, folder / "home"


@pytest.fixture(scope="module")
def before(places):
    root, out, *_ = places
    return contents(root), contents(out)


@pytest.fixture(scope="module")
def report(places, before):
    root, _, scratch, home = places
    own = ("AIRFLOW", "DAGPROOF_", "PYTEST_", "MLFLOW_")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "contracts", "--format", "json", "--select", "DP3"],
        cwd=root,
        env={**environ, "TMPDIR": str(scratch), "HOME": str(home), "TRIED": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def test_all_files_were_tried_to_their_end(report):
    tried = {Path(one["path"]).stem: one for one in report["contracts"]}
    assert {*tried} == {*ATTEMPTS}
    assert {name for name, one in tried.items() if one["failure"]} == set()
    assert {name for name, one in tried.items() if one["templates"] != 2} == set()


def test_nothing_is_written(report, places, before):
    root, out, scratch, home = places
    assert (contents(root), contents(out)) == before
    assert contents(scratch) == {}
    assert [name for name in contents(home) if not name.startswith(".cache")] == []


def test_nothing_is_reached(report, listeners):
    server, datagrams = listeners
    with pytest.raises(BlockingIOError):
        server.accept()
    with pytest.raises(BlockingIOError):
        datagrams.recv(1)


def test_no_process_is_left(report, places):
    mark = f"TRIED={places[0]}".encode()
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                left.append((folder / "cmdline").read_bytes())
        except OSError:
            continue
    assert left == []


def test_no_finding_blames_a_template_for_what_was_refused(report):
    """What the macro makes of a refusal is its own matter, and here it takes it."""
    assert [(one["path"], one["message"]) for one in report["findings"]] == []
