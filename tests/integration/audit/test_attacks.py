"""`dagproof audit` holds against files that mean harm, and raises no alarm about files that do not.

Each case is a file of one repository, which is audited once. What is to be found stands beside the
line that does it, behind `# expect:`. Of what is found only the rules count that watch imports; how
long a library takes to import is no matter here.
"""

import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest

MARK = re.compile(r"# expect: (DP2[0-9]{2}(?:, DP2[0-9]{2})*)$")
TIMEOUT = "6"
MEMORY = 600

HEAD = """\
    import contextlib, os, sys

    def no():
        return contextlib.suppress(Exception)

"""
"""Stands before each case, so that its lines are carried out one after the other."""

ATTACKS = {
    # What does not end comes first: after other files it would be imported once more, alone.
    "a_wakes_its_parent": r"""
        for descriptor in range(3, 40):
            with contextlib.suppress(OSError): os.write(descriptor, b"\0\0\0\x7f")
        while True: pass  # expect: DP221
    """,
    "b_is_deaf_and_loud": """
        import faulthandler, signal
        os.setsid()
        for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT:
            signal.signal(number, signal.SIG_IGN)
        faulthandler.cancel_dump_traceback_later(), faulthandler.disable()
        while True: print("x" * 100_000)  # expect: DP221
    """,
    "asks_the_kernel_for_processes": """
        import multiprocessing, signal
        from concurrent.futures import ProcessPoolExecutor
        with no(): os.posix_spawn("/usr/bin/touch", ["touch", "OUT/1"], {})  # expect: DP207
        with no(): os.spawnlp(os.P_WAIT, "touch", "touch", "OUT/2")  # expect: DP207
        with no(): os.execvp("touch", ["touch", "OUT/3"])  # expect: DP207
        with no(): os.forkpty()  # expect: DP207
        context = multiprocessing.get_context("fork")
        with no(): context.Process(target=open, args=("OUT/4", "w")).start()  # expect: DP207
        with no(): ProcessPoolExecutor(1).submit(open, "OUT/5", "w")  # expect: DP207
    """,
    "forks_below_subprocess": """
        import _posixsubprocess
        read, write = os.pipe()
        command = [b"touch", b"OUT/fork_exec"], [b"/usr/bin/touch"], True, (write,), None, None
        descriptors = -1, -1, -1, -1, -1, -1, read, write
        with no(): _posixsubprocess.fork_exec(*command, *descriptors)  # expect: DP207
    """,
    "harms_its_parent": """
        import signal
        parent = os.getppid()
        with no(): os.kill(parent, signal.SIGKILL)  # expect: DP207
        with no(): os.killpg(os.getpgid(parent), signal.SIGKILL)  # expect: DP207
        with no(): signal.pidfd_send_signal(os.pidfd_open(parent), signal.SIGKILL)  # expect: DP207
        with no(): os.setpriority(os.PRIO_PROCESS, parent, 19)  # expect: DP207
    """,
    "writes_without_an_event": """
        from multiprocessing import shared_memory
        folder = os.open("OUT", os.O_RDONLY)  # expect: DP206
        with no(): os.open("1", os.O_CREAT | os.O_WRONLY, dir_fd=folder)  # expect: DP205
        with no(): os.mkdir("2", dir_fd=folder)  # expect: DP205
        with no(): os.fchmod(folder, 0o777)  # expect: DP205
        with no(): os.mkfifo("OUT/3")  # expect: DP205
        with no(): os.mknod("OUT/4")  # expect: DP205
        with no(): shared_memory.SharedMemory("dagproof_attack", True, 9)  # expect: DP205
    """,
    "calls_native_code": """
        import ctypes
        with no(): ctypes.CDLL(None).system(b"touch OUT/native")  # expect: DP211
    """,
    "writes_where_it_stands": """
        with no(): os.remove(__file__)  # expect: DP205
        with no(): open(__file__, "w")  # expect: DP205
        with no(): os.rename(__file__, "OUT/moved")  # expect: DP205
    """,
    "points_all_descriptors_elsewhere": """
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(60):
            with contextlib.suppress(OSError): os.dup2(nowhere, descriptor)
        with no(): open("OUT/dup2", "w")  # expect: DP205
    """,
    "closes_its_streams": """
        sys.stdout.close(), sys.stderr.close()
        sys.stdout = None  # expect: DP227
        print("x")
        with no(): open("OUT/streams", "w")  # expect: DP205
    """,
    "forgets_all_modules": """
        sys.modules.clear()
        with no(): open("OUT/modules", "w")  # expect: DP205
    """,
    "replaces_a_builtin": """
        import builtins
        builtins.isinstance = lambda *_: False  # expect: DP227
        with no(): open("OUT/builtins", "w")  # expect: DP205
    """,
    "replaces_json": """
        import json
        json.dumps = lambda *_, **__: "null"
        with no(): open("OUT/json", "w")  # expect: DP205
    """,
    "writes_over_mapped_memory": r"""
        import gc, mmap
        for mapped in [one for one in gc.get_objects() if isinstance(one, mmap.mmap)]:
            with no(): mapped[:16] = b"\xff" * 16
    """,
    "adds_a_hook": """
        def refuse(*_): raise RuntimeError("refused")
        sys.addaudithook(refuse)  # expect: DP227
        with no(): open("OUT/hook", "w")  # expect: DP205
    """,
    "limits_its_process": """
        import resource
        with no(): resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # expect: DP227
    """,
    "leaves_after_it_was_refused": """
        try: open("OUT/left", "w")  # expect: DP205
        except BaseException: os._exit(0)  # expect: DP222
    """,
    "takes_memory": """
        import mmap
        mapped = mmap.mmap(-1, 2**31)
        for page in range(0, 2**31, 4096): mapped[page] = 1  # expect: DP222
    """,
    "works_in_threads": """
        import threading
        def write():
            with no(): open("OUT/thread", "w")  # expect: DP205
        thread = threading.Thread(target=write)
        thread.start()  # expect: DP210
        thread.join()
    """,
    "writes_in_a_finalizer": """
        class Final:
            def __del__(self): open("OUT/final", "w")  # expect: DP205
        final = Final()
        del final
    """,
    "writes_deep_down": """
        def write(depth):
            return write(depth - 1) if depth else open("OUT/deep", "w")  # expect: DP205
        with no(): write(800)
    """,
    "stands_nowhere": """
        folder = os.environ["TMPDIR"] + "/gone"
        os.makedirs(folder)  # expect: DP205
        os.chdir(folder), os.rmdir(folder)  # expect: DP205, DP227
    """,
    "goes_on_with_what_it_did_not_get": """
        import json, subprocess
        told = json.loads(subprocess.check_output(["touch", "OUT/told"]))  # expect: DP207
        for name, value in told.items(): print(f"{name:>10}", value)
        number = [1, 2][told["number"]]
        first, second = told["pair"]
        open("OUT/on", "w")  # expect: DP205
    """,
    "connects": """
        import asyncio, urllib.request
        with no(): urllib.request.urlopen("http://127.0.0.1:PORT/")  # expect: DP202
        async def connect():
            await asyncio.open_connection("127.0.0.1", PORT)  # expect: DP202
        with no(): asyncio.run(connect())
    """,
}

CLEAN = {
    "constructs": """
        import requests, sqlalchemy
        from airflow.sdk import Asset, Connection
        session = requests.Session()
        engine = sqlalchemy.create_engine("sqlite://")
        connection = Connection(conn_id="x", conn_type="http", host="h").get_uri()
        asset = Asset("s3://bucket/key")
    """,
    "looks_around": """
        import logging, pathlib, platform, tempfile, threading, warnings
        here = pathlib.Path(__file__).resolve().parent
        seen = here.exists(), (here / "x.sql").is_file(), os.environ.get("X"), os.getenv("HOME")
        logging.getLogger(__name__).warning("seen")
        logging.getLogger("botocore").setLevel(logging.WARNING)
        with warnings.catch_warnings(): warnings.simplefilter("ignore")
        thread, folder = threading.Thread(target=print), tempfile.gettempdir()
        print("said"), sys.stderr.write("said"), platform.node()
    """,
    "runs_only_as_a_program": """
        if __name__ == "__main__":
            os.system("touch OUT/main")
    """,
}

LIBRARIES = ("httpx", "pandas", "pyarrow.parquet", "requests", "sqlalchemy.orm")

LOST = {
    "a_wakes_its_parent", "b_is_deaf_and_loud", "forgets_all_modules",
    "goes_on_with_what_it_did_not_get", "leaves_after_it_was_refused", "replaces_a_builtin",
    "takes_memory",
}  # fmt: skip
"""Cases that do not come to make their DAG."""

DAG = """
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
with DAG("{name}", schedule=None):
    EmptyOperator(task_id="task")
"""


def sources():
    """Return each file's text by its name, with the places for what differs from run to run."""
    cases = {
        name: textwrap.dedent(HEAD) + textwrap.dedent(text).lstrip("\n")
        for name, text in (ATTACKS | CLEAN).items()
    }
    known = [name for name in LIBRARIES if find_spec(name.partition(".")[0]) is not None]
    cases["libraries"] = "".join(f"import {name}\n" for name in known)
    return {name: text + DAG.format(name=name) for name, text in cases.items()}


def contents(folder):
    """Return mode and bytes of each file in a folder, but for bytecode."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


def living(mark):
    """Return the command lines of the processes that have a text in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.fixture(scope="module")
def root(tmp_path_factory, listener):
    root = tmp_path_factory.mktemp("attacked")
    for folder in ("dags", "out", "scratch"):
        (root / folder).mkdir()
    (root / "out" / "kept.txt").write_text("kept", encoding="utf-8")
    (root / "pyproject.toml").write_text(
        f"[tool.dagproof.budgets]\nimport-memory = {MEMORY}\n", encoding="utf-8"
    )
    for name, text in sources().items():
        placed = text.replace("OUT", str(root / "out"))
        placed = placed.replace("PORT", str(listener.getsockname()[1]))
        (root / "dags" / f"{name}.py").write_text(placed, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def before(root):
    return contents(root)


@pytest.fixture(scope="module")
def report(root, before):
    """Return the report of an audit of all cases at once."""
    own = ("AIRFLOW", "DAGPROOF_", "PYTEST_", "PYTHONPATH", "MLFLOW_")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "audit", "--format", "json", "--timeout", TIMEOUT],
        cwd=root,
        env={**environ, "TMPDIR": str(root / "scratch"), "ATTACKED": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found(report):
    """Return what was found in each file: pairs of line and code, of the rules that watch."""
    found = {}
    for one in report["findings"]:
        codes = {code for code in (one["code"], *one["also"]) if code.startswith("DP2")}
        pairs = {(one["line"], code) for code in codes - {"DP223"}}
        found.setdefault(Path(one["path"]).stem, set()).update(pairs)
    return found


def marked(root, name):
    lines = (root / "dags" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    return {
        (number, code)
        for number, line in enumerate(lines, start=1)
        if (match := MARK.search(line))
        for code in match[1].split(", ")
    }


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_found_at_its_line(root, found, name):
    assert found.get(name, set()) == marked(root, name)


@pytest.mark.parametrize("name", [*CLEAN, "libraries"])
def test_clean_file_gives_no_alarm(report, found, name):
    assert found.get(name, set()) == set()
    [trace] = [one for one in report["imports"] if one["path"] == f"dags/{name}.py"]
    assert (trace["ending"], trace["dag_ids"]) == ("imported", [name])


def test_every_file_is_told_of(root, report):
    assert [one["path"] for one in report["imports"]] == sorted(
        f"dags/{name}.py" for name in sources()
    )
    assert report["errors"] == []


def test_files_that_survive_their_attack_keep_their_dag(report):
    told = {Path(one["path"]).stem: one["dag_ids"] for one in report["imports"]}
    lost = {name for name, dag_ids in told.items() if dag_ids != [name]}

    assert lost == LOST


def test_nothing_is_left_on_disk(root, report, before):
    assert contents(root) == before
    assert not Path("/dev/shm/dagproof_attack").exists()


def test_nothing_was_reached(report, listener):
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_no_process_is_left(root, report):
    assert living(f"ATTACKED={root}".encode()) == []
