"""A stand-in behaves as whatever it is taken for, and answers the repository's own calls alone."""

import asyncio
import contextlib
import copy
import faulthandler
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest
from forked import forked

from dagproof.airflow_compat.stand_in import StandIn
from dagproof.import_audit import stand_ins as module
from dagproof.import_audit.refusals import Refused
from dagproof.import_audit.stand_ins import StandIns
from dagproof.model import Kind

# The stand-in itself


@pytest.fixture
def it():
    return StandIn("it")


def test_stand_in_says_what_it_stands_for(it):
    assert repr(it) == "<stand-in for it>"
    assert repr(it.a.b(1, c=2)["key"]) == "<stand-in for it.a.b()['key']>"
    assert str(it) == "stand-in"
    assert f"{it:>10}" == "stand-in"
    assert "%s" % it == "stand-in"  # noqa: UP031
    assert f"{it!r}" == repr(it)


def test_stand_in_is_a_path(it):
    assert os.fspath(it) == "stand-in"
    assert Path("/data") / it == Path("/data/stand-in")
    assert os.fspath("/data/" + it) == "stand-in"


def test_stand_in_is_a_number(it):
    assert int(it) == 1
    assert float(it) == 1.0
    assert [10, 20][it] == 20
    assert list(range(it)) == [0]
    assert (1 if it else 2) == 1


@pytest.mark.parametrize(
    "operate",
    [
        lambda it: it + 1, lambda it: 1 + it, lambda it: it - 1, lambda it: 1 - it,
        lambda it: it * 2, lambda it: 2 * it, lambda it: it / 2, lambda it: 2 / it,
        lambda it: it // 2, lambda it: 2 // it, lambda it: it % 2, lambda it: 2 % it,
        lambda it: it**2, lambda it: 2**it, lambda it: -it, lambda it: it | 1, lambda it: it & 1,
        abs, round, lambda it: round(it, 2), lambda it: it + it,
    ],
)  # fmt: skip
def test_what_is_calculated_with_a_stand_in_is_one(it, operate):
    assert operate(it) is it


def test_stand_in_compares_as_it_is_wanted(it):
    assert it < 1
    assert it > 1
    assert it <= 1
    assert it >= 1
    assert it > 1
    assert max([it, it]) is it


def test_stand_ins_are_equal_by_what_they_stand_for(it):
    assert it == StandIn("it")
    assert it != StandIn("other")
    assert it != 1
    assert it != "stand-in"
    assert {it: 1}[StandIn("it")] == 1


def test_stand_in_is_a_sequence_of_one(it):
    assert len(it) == 1
    assert [repr(one) for one in it] == ["<stand-in for it[0]>"]
    [only] = it
    assert isinstance(only, StandIn)
    assert "anything" in it
    assert isinstance(it[0], StandIn)
    assert isinstance(it[1:2], StandIn)


def test_stand_in_is_a_mapping_of_one_key(it):
    assert list(dict(it)) == ["stand_in"]
    assert list({**it}) == ["stand_in"]
    assert [key for key, _ in it.items()] == ["stand_in"]
    it["key"] = 1
    assert isinstance(it["key"], StandIn)


def test_stand_in_takes_attributes(it):
    it.value = 3

    assert it.value == 3
    assert isinstance(it.other, StandIn)


def test_stand_in_is_a_context_manager_that_swallows_nothing(it):
    with it as entered:
        assert entered is it
    with pytest.raises(ZeroDivisionError), it:
        1 / 0  # noqa: B018


def test_stand_in_is_asynchronous(it):
    async def use():
        async with it as entered:
            assert entered is it
        await it
        return [one async for one in it]

    assert [repr(one) for one in asyncio.run(use())] == ["<stand-in for it[0]>"]


def test_stand_in_has_no_protocol_that_it_was_not_given(it):
    assert not hasattr(it, "__array__")
    assert not hasattr(it, "__dataclass_fields__")
    with pytest.raises(AttributeError, match="__array__"):
        it.__array__()


def test_stand_in_can_be_copied(it):
    assert copy.copy(it) == it
    assert copy.deepcopy(it) == it


# Answers, without any hook


@pytest.fixture
def watch(watching):
    return watching()


@pytest.fixture
def loaded(watch, monkeypatch):
    """Have a module of a name loaded, and the stand-ins told of it; return the module."""
    stand_ins = StandIns(watch)

    def loaded(name, **names):
        made = ModuleType(name)
        vars(made).update(names)
        monkeypatch.setitem(sys.modules, name, made)
        stand_ins.loaded(name)
        return made

    return loaded


def function(owner="mlflow.tracking.fluent", result="real"):
    def real(*_, **__):
        return result

    real.__module__ = owner
    return real


def told(board):
    return [(one["effect"], one["kind"], one["detail"], one["refused"]) for one in board.read()]


def test_call_of_the_repository_is_answered_and_told(loaded, ran, board, watch):
    mlflow = loaded("mlflow", set_experiment=function())

    answer = ran("answer = mlflow.set_experiment('taxi')", mlflow=mlflow)["answer"]

    assert repr(answer) == "<stand-in for mlflow.set_experiment>"
    assert told(board) == [("mlflow.set_experiment", "mlflow", "", False)]
    assert watch.stood_in == 1


def test_call_of_a_library_is_not_answered(loaded, ran, board, watch):
    mlflow = loaded("mlflow", set_experiment=function())

    answer = ran("answer = mlflow.set_experiment('taxi')", "/lib/a.py", mlflow=mlflow)["answer"]

    assert answer == "real"
    assert told(board) == []
    assert watch.stood_in == 0


def test_only_what_asks_the_server_is_answered(loaded):
    flavour, error = ModuleType("mlflow.sklearn"), type("E", (), {"__module__": "mlflow.store.x"})
    plain, foreign, private = function(), function("os.path"), function()
    mlflow = loaded(
        "mlflow", get_tracking_uri=plain, exists=foreign, _private=private, sklearn=flavour,
        Error=error, VERSION="1", start_run=function(), log_artifact=function("mlflow.artifacts"),
    )  # fmt: skip

    assert mlflow.get_tracking_uri is plain
    assert mlflow.exists is foreign
    assert mlflow._private is private
    assert mlflow.sklearn is flavour
    assert mlflow.Error is error
    assert mlflow.VERSION == "1"
    assert mlflow.start_run.__wrapped__
    assert mlflow.log_artifact.__wrapped__


def test_client_is_answered_for_from_its_making_on(loaded, ran, board):
    class MlflowClient:
        def __init__(self, uri):
            raise ConnectionError

        def search_runs(self):
            raise ConnectionError

        def _private(self):
            return "private"

    loaded("mlflow.tracking.client", MlflowClient=MlflowClient)
    names = ran(
        "client = MlflowClient('http://x')\nruns = client.search_runs()\np = client._private()",
        MlflowClient=MlflowClient,
    )

    assert type(names["client"]) is MlflowClient
    assert isinstance(names["runs"], StandIn)
    assert names["p"] == "private"
    assert [effect for effect, *_ in told(board)] == [
        "mlflow.MlflowClient", "mlflow.MlflowClient.search_runs",
    ]  # fmt: skip


def test_models_of_a_flavour_are_answered_for(loaded, ran, board):
    flavour = loaded("mlflow.sklearn", log_model=function(), other=function())
    names = ran("a = f.log_model()\nb = f.other()", f=flavour)

    assert isinstance(names["a"], StandIn)
    assert names["b"] == "real"
    assert told(board) == [("mlflow.sklearn.log_model", "mlflow", "", False)]


@pytest.mark.parametrize("name", ["mlflows", "my.mlflow", "os2"])
def test_other_modules_are_left_alone(loaded, name):
    real = function()

    assert loaded(name, set_experiment=real, log_model=real).set_experiment is real


def test_module_that_is_not_there_is_passed_over(watch):
    StandIns(watch).loaded("mlflow.no_such_module")


def test_module_is_answered_for_once(loaded, watch, monkeypatch):
    mlflow = loaded("mlflow", set_experiment=function())
    first = mlflow.set_experiment
    stand_ins = StandIns(watch)
    stand_ins.loaded("mlflow")
    second = mlflow.set_experiment
    stand_ins.loaded("mlflow")

    assert first is not second
    assert mlflow.set_experiment is second


def test_native_client_makes_no_connection_for_anybody(loaded, ran, board):
    class OperationalError(Exception):
        pass

    psycopg2 = loaded("psycopg2", OperationalError=OperationalError, connect=function())
    for name in ("dags/a.py", "/lib/a.py"):
        with pytest.raises(OperationalError, match=r"refuses psycopg2\.connect") as raised:
            ran("psycopg2.connect('host=x')", name, psycopg2=psycopg2)
        assert isinstance(raised.value, Refused)
        assert type(raised.value).__name__ == "OperationalError"
        assert type(raised.value).__module__ == "psycopg2"

    assert told(board) == [("psycopg2.connect", "database", "", True)]


def test_native_client_without_an_error_of_its_own_refuses_as_sockets_do(loaded, ran):
    pyodbc = loaded("pyodbc", connect=function())
    assert not hasattr(pyodbc, "Connection")

    with pytest.raises(ConnectionRefusedError):
        ran("pyodbc.connect()", pyodbc=pyodbc)


def test_file_that_native_code_writes_is_refused_and_one_that_it_reads_is_told(loaded, ran, board):
    parquet = loaded("pyarrow.parquet", read_table=function(), write_table=function())

    assert ran("t = p.read_table('/data/a')", p=parquet)["t"] == "real"
    source = """
for path in (None, buffer, ":memory:", "/data/b"):
    try:
        p.write_table(1, path)
        p.write_table(1)
        p.write_table(1, where=path)
    except PermissionError as error:
        errors.append(error.filename)
"""
    errors = []
    ran(source, p=parquet, errors=errors, buffer=io.BytesIO())

    assert errors == ["/data/b"]
    assert told(board) == [
        ("pyarrow.parquet.read_table", "filesystem-read", "/data/a", False),
        ("pyarrow.parquet.write_table", "filesystem-write", "/data/b", True),
    ]


def test_methods_of_native_classes_are_found(loaded, ran, board):
    class Booster:
        def save_model(self, path):
            raise AssertionError

    xgboost = loaded("xgboost", Booster=Booster)
    with pytest.raises(PermissionError):
        ran("x.Booster().save_model('/data/a')", x=xgboost)

    assert told(board) == [("xgboost.Booster.save_model", "filesystem-write", "/data/a", True)]


def test_library_without_a_listed_function_or_class_is_left_alone(loaded):
    assert not hasattr(loaded("pyarrow.csv"), "read_csv")
    assert not hasattr(loaded("lightgbm"), "Booster")


def test_type_made_in_c_is_left_as_it_is(loaded, monkeypatch):
    monkeypatch.setitem(module.NATIVE_FILES, "h5py", {"File.keys": Kind.FILESYSTEM_WRITE})

    assert loaded("h5py", File=dict).File.keys is dict.keys


# What install() replaces


def installed(watch, function):
    """Return what a function returns in a child in which the stand-ins are installed."""

    def run():
        StandIns(watch).install()
        return function()

    return forked(run)


def test_sleep_is_told_and_short(watch, ran, board):
    def sleep():
        started = time.monotonic()
        ran("import time\ntime.sleep(30)")
        return time.monotonic() - started

    assert installed(watch, sleep) < 10
    assert told(board) == [("time.sleep", "sleep", "30 s", False)]


def test_sleep_that_fails_still_does(watch, ran):
    def sleep():
        try:
            time.sleep(-1)
        except ValueError as error:
            return str(error)
        return ""

    assert "non-negative" in installed(watch, sleep)


@pytest.mark.parametrize(
    ("source", "told", "status"),
    [
        ("import os\nos._exit(3)", "`os._exit(3)` ended its process", 3),
        ("import os\nos.abort()", "`os.abort()` ended its process", -signal.SIGABRT),
    ],
)
def test_end_of_the_process_is_told_before_it_comes(watch, ran, board, root, source, told, status):
    pid = os.fork()
    if pid == 0:
        try:
            faulthandler.disable()
            StandIns(watch).install()
            ran(source)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, ended = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(ended) == status
    [record] = board.read()
    assert record["ending"] == told
    assert record["places"][0][:2] == [f"{root}/dags/a.py", 2]


THREADS = {
    "threading": "import threading\nt = threading.Thread(target=work)\nt.start(); t.join()",
    "timer": "import threading\nt = threading.Timer(0, work)\nt.start(); t.join()",
    "_thread": "import _thread\n_thread.start_new_thread(work, ())\ndone.wait(10)",
}


@pytest.mark.parametrize("name", THREADS)
def test_thread_is_told_where_it_is_started(watch, ran, board, root, name):
    def start():
        done = threading.Event()
        ran(THREADS[name], work=done.set, done=done)
        return done.is_set()

    assert installed(watch, start)
    [record] = board.read()
    assert (record["effect"], record["kind"]) == ("threading.Thread", "thread")
    assert record["places"][0][0] == f"{root}/dags/a.py"


@pytest.mark.parametrize(
    ("source", "effect", "kind", "detail"),
    [
        ("os.mkfifo(target)", "os.mkfifo", "filesystem-write", "{target}"),
        ("os.mknod(target)", "os.mknod", "filesystem-write", "{target}"),
        ("os.setpriority(os.PRIO_PROCESS, 0, 5)", "os.setpriority", "subprocess", "0 0 5"),
        ("os.sched_setaffinity(0, {0})", "os.sched_setaffinity", "subprocess", "0 {{0}}"),
        ("signal.pidfd_send_signal(1, 9)", "signal.pidfd_send_signal", "subprocess", "1 9"),
        ("SharedMemory('x', True, 9)", "posixshmem.shm_open", "filesystem-write", "/x"),
    ],
)
def test_what_has_no_audit_event_is_told_and_refused(
    watch, ran, board, tmp_path, source, effect, kind, detail
):
    target = str(tmp_path / "target")

    def act():
        from multiprocessing.shared_memory import SharedMemory

        try:
            ran(source, os=os, signal=signal, target=target, SharedMemory=SharedMemory)
        except PermissionError:
            return True
        return False

    assert installed(watch, act)
    [record] = told(board)
    assert record == (effect, kind, detail.format(target=target), True)
    assert not os.path.exists(target)  # noqa: PTH110


def test_process_that_avoids_popen_is_told_and_refused(watch, ran, board):
    def act():
        import _posixsubprocess

        names = {"_posixsubprocess": _posixsubprocess, "subprocess": subprocess}
        try:
            ran("subprocess._fork_exec([b'git', b'status'])", **names)
        except PermissionError:
            return True
        return False

    assert installed(watch, act)
    [(effect, kind, detail, refused)] = told(board)
    assert effect.endswith("fork_exec")
    assert (kind, detail, refused) == ("subprocess", "git status", True)


def test_file_is_opened_by_its_whole_path(watch, tmp_path):
    (tmp_path / "a").write_text("text")

    def opened():
        folder = os.open(tmp_path, os.O_RDONLY)
        names = []
        sys.addaudithook(lambda event, args: names.append(args[0]) if event == "open" else None)
        for path in ("a", b"a", str(tmp_path / "a")):
            os.close(os.open(path, os.O_RDONLY, dir_fd=folder))
        os.close(os.open(str(tmp_path / "b"), os.O_CREAT | os.O_WRONLY, 0o600))
        return names, os.stat(tmp_path / "b").st_mode & 0o777  # noqa: PTH116

    names, mode = installed(watch, opened)
    assert names == [*[str(tmp_path / "a")] * 3, str(tmp_path / "b")]
    assert mode == 0o600


def test_tree_is_still_removed_by_descriptors(watch, tmp_path):
    import shutil

    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").touch()

    installed(watch, lambda: shutil.rmtree(tmp_path / "a"))

    assert list(tmp_path.iterdir()) == [tmp_path / "repository", tmp_path / "scratch"]


def test_what_is_loaded_already_is_replaced(watch, ran):
    def act():
        mlflow = sys.modules["mlflow"] = ModuleType("mlflow")
        mlflow.start_run = function()
        StandIns(watch).install()
        return type(ran("answer = mlflow.start_run()", mlflow=mlflow)["answer"]).__name__

    assert forked(act) == "StandIn"


# Hosts that are let through


@pytest.fixture
def server():
    """Return the port of a server on this machine that says `hello`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.sendall(b"hello")

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


REACH = {
    "create_connection": "s = socket.create_connection(('localhost', port)); said = s.recv(9)",
    "address": "h = socket.gethostbyname('localhost'); s = socket.socket()\n"
    "s.connect((h, port)); said = s.recv(9)",
    "bytes": "a = socket.getaddrinfo(b'localhost', port, socket.AF_INET)[0][4]\n"
    "s = socket.socket(); s.connect(a); said = s.recv(9)",
}


@pytest.mark.parametrize("way", REACH)
@pytest.mark.parametrize(
    ("words", "reached"),
    [
        (["network:localhost"], True),
        (["network:localhost:{port}"], True),
        (["network"], True),
        (["network:localhost:1"], False),
        (["network:elsewhere"], False),
        ([], False),
    ],
)
def test_host_that_is_let_through_is_reached_by_its_address(
    watching, ran, server, way, words, reached
):
    if way != "create_connection" and words == ["network:localhost:{port}"]:
        words = [*words, "network:localhost"]  # the question for the name alone has no port

    def reach():
        watch = watching(*(word.format(port=server) for word in words))
        StandIns(watch).install()
        watch.start()
        try:
            return ran(REACH[way], socket=socket, port=server)["said"]
        except ConnectionRefusedError as error:
            return str(error)

    said = forked(reach)

    assert said == b"hello" if reached else "dagproof audit refuses" in said


def test_host_that_is_let_through_lets_no_other_address_through(watching, ran, server):
    def reach():
        watch = watching("network:localhost")
        StandIns(watch).install()
        watch.start()
        socket.getaddrinfo("localhost", 1)
        try:
            ran("socket.create_connection(('127.0.0.2', port))", socket=socket, port=server)
        except ConnectionRefusedError as error:
            return str(error)
        return ""

    assert "dagproof audit refuses" in forked(reach)


def test_question_that_has_no_answer_fails_as_before(watching):
    def ask():
        StandIns(watching()).install()
        try:
            socket.getaddrinfo(None, None)
        except socket.gaierror:
            return socket.getaddrinfo(None, 80)[0][4][1]
        return 0

    assert forked(ask) == 80


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((0, 0, 1, "/dagproof-a", False), {}),
        ((0, 0, 1), {"name": "/dagproof-a", "unlink": False}),
        ((0, 0, 1), {"name": "/dagproof-a", "unlink": True}),
    ],
)
def test_semaphore_loses_its_name_at_once_however_it_is_asked_for(arguments, options):
    import _multiprocessing

    made = module._nameless(_multiprocessing.SemLock)

    for _ in range(2):  # a name that is left behind cannot be had again
        assert made(*arguments, **options).name is None
    assert made.SEM_VALUE_MAX == _multiprocessing.SemLock.SEM_VALUE_MAX
