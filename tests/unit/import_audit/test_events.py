"""What each audit event means: its kind, what it was done to, and whether it is refused."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from forked import forked

from dagproof.import_audit.conditions import usual
from dagproof.import_audit.events import Events, Seen, reads_for_python, spawned
from dagproof.import_audit.kinds import PACKAGES, kind_of
from dagproof.import_audit.orders import Surroundings
from dagproof.import_audit.refusals import (
    RefusedAccessError,
    RefusedConnectionError,
    RefusedHookError,
)
from dagproof.model import Kind

SCRATCH, HOME, LIBRARY, BYTECODE = "/scratch/files", "/scratch/home", "/lib/python", "/bytecode"
READ, WRITE = Kind.FILESYSTEM_READ, Kind.FILESYSTEM_WRITE


def surroundings(**given):
    values = {
        "roots": ("/repository",), "paths": (), "scratch": SCRATCH, "home": HOME,
        "directory": "/repository", "allow": (), "timeout": 30.0, "memory": 2**31, "bytecode": "",
        "conditions": usual(), **given,
    }  # fmt: skip
    return Surroundings(**values)


TABLE = Events(surroundings(), (LIBRARY,)).table()


def judged(event, *arguments, table=TABLE):
    return table[event](arguments)


def written(name, *, refused=True):
    return Seen(WRITE, name, RefusedAccessError if refused else None)


@pytest.fixture
def folder(tmp_path):
    """Return a folder and a descriptor of it."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield str(tmp_path), descriptor
    os.close(descriptor)


# Opening


@pytest.mark.parametrize(
    ("mode", "flags", "writing"),
    [
        ("r", os.O_RDONLY, False),
        ("rb", os.O_RDONLY | os.O_CLOEXEC, False),
        ("w", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, True),
        ("a", os.O_WRONLY | os.O_CREAT | os.O_APPEND, True),
        ("r+", os.O_RDWR, True),
        (None, os.O_RDONLY, False),
        (None, os.O_WRONLY, True),
        (None, os.O_RDWR, True),
        (None, os.O_RDONLY | os.O_CREAT, True),
        (None, os.O_RDONLY | os.O_TRUNC, True),
        (None, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, False),
        ("r", None, False),
        ("w", None, True),
        ("x", None, True),
        ("a", None, True),
        ("rb+", None, True),
        (None, None, False),
    ],
)
def test_opening_is_reading_or_writing(mode, flags, writing):
    seen = judged("open", "/data/a.csv", mode, flags)

    assert seen == (written("/data/a.csv") if writing else Seen(READ, "/data/a.csv"))


def test_every_mode_of_python_is_judged_by_the_event_that_it_raises(tmp_path):
    """The tables above are what CPython says."""

    def opened():
        seen = []
        sys.addaudithook(lambda event, args: seen.append(args) if event == "open" else None)
        for mode in ("w", "r", "a", "r+", "rb", "w+b"):
            with (tmp_path / "a").open(mode):
                pass
        (tmp_path / "b").open("x").close()
        return [bool(judged("open", *args).refusal) for args in seen]

    assert forked(opened) == [True, False, True, True, False, True, True]


def test_relative_path_is_told_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert judged("open", "a/../b.csv", "r", 0) == Seen(READ, f"{tmp_path}/b.csv")
    assert judged("open", b"b.csv", "w", os.O_WRONLY) == written(f"{tmp_path}/b.csv")
    assert judged("open", Path("b.csv"), "r", 0) == Seen(READ, f"{tmp_path}/b.csv")


def test_opening_a_descriptor_tells_nothing():
    assert judged("open", 7, "w", os.O_WRONLY) is None


@pytest.mark.parametrize(
    "path",
    [
        f"{LIBRARY}/site-packages/data.json",
        f"{HOME}/airflow.cfg",
        "/proc/cpuinfo",
        "/sys/fs/cgroup/cpu.max",
        "/etc/hosts",
        "/usr/share/zoneinfo/UTC",
        "/dev/null",
        "/dev/urandom",
    ],
)
def test_reading_libraries_the_machine_and_our_home_tells_nothing(path):
    assert judged("open", path, "r", 0) is None


@pytest.mark.parametrize("path", ["/etc/passwd", f"{LIBRARY}/a.py", "/proc/self/mem", "/dev/sda"])
def test_writing_there_is_refused_all_the_same(path):
    assert judged("open", path, "w", os.O_WRONLY) == written(path)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/tty", f"{HOME}/logs/a.log"])
def test_writing_nowhere_or_into_our_home_tells_nothing(path):
    assert judged("open", path, "w", os.O_WRONLY) is None


def test_writing_into_the_scratch_folder_is_told_and_not_refused():
    assert judged("open", f"{SCRATCH}/a", "w", os.O_WRONLY) == written(
        f"{SCRATCH}/a", refused=False
    )
    assert judged("os.mkdir", SCRATCH, 511, -1) == written(SCRATCH, refused=False)


@pytest.mark.parametrize("path", [f"{SCRATCH}2/a", f"{SCRATCH}/../b", "/scratch/a", f"{HOME}2"])
def test_folder_that_begins_like_the_scratch_folder_is_another(path):
    assert judged("open", path, "w", os.O_WRONLY).refusal is RefusedAccessError


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{LIBRARY}/x/__pycache__/a.pyc", False),
        (f"{LIBRARY}/x/a.pyc", True),
        ("/repository/dags/__pycache__/a.pyc", True),
    ],
)
def test_bytecode_of_installed_packages_is_pythons_own_affair(path, told):
    assert (judged("open", path, "w", os.O_WRONLY) is not None) is told


def test_folder_for_bytecode_is_pythons_own_affair():
    table = Events(surroundings(bytecode=BYTECODE), (LIBRARY,)).table()
    temporary, final = f"{BYTECODE}/repository/a.pyc.123", f"{BYTECODE}/repository/a.pyc"

    assert judged("open", temporary, "w", os.O_WRONLY, table=table) is None
    assert judged("os.rename", temporary, final, -1, -1, table=table) is None
    assert judged("open", final, "r", 0, table=table) is None
    assert judged("open", "/bytecodes/a", "w", os.O_WRONLY, table=table) == written("/bytecodes/a")
    assert judged("open", final, "w", os.O_WRONLY) == written(final)


# Listing


@pytest.mark.parametrize("event", ["os.listdir", "os.scandir", "glob.glob"])
def test_listing_is_reading(event):
    assert judged(event, "/data") == Seen(READ, "/data")


@pytest.mark.parametrize("arguments", [(), (None,), (".",), ("",)])
def test_listing_nothing_lists_the_working_directory(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert judged("os.listdir", *arguments) == Seen(READ, str(tmp_path))


@pytest.mark.parametrize("path", [LIBRARY, f"{LIBRARY}/x", HOME, "/etc", "/proc/self/fd"])
def test_listing_libraries_the_machine_and_our_home_tells_nothing(path):
    assert judged("os.listdir", path) is None


def test_listing_a_descriptor_tells_its_folder(folder):
    path, descriptor = folder

    assert judged("os.listdir", descriptor) == Seen(READ, path)


def test_listing_a_closed_descriptor_tells_nothing():
    assert judged("os.listdir", 10_000) is None


# Changing


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("os.mkdir", (511, -1)),
        ("os.rmdir", (-1,)),
        ("os.remove", (-1,)),
        ("os.truncate", (0,)),
        ("os.chmod", (420, -1)),
        ("os.chown", (0, 0, -1)),
        ("os.utime", (None, None, -1)),
        ("os.setxattr", ("user.x", b"", 0)),
        ("os.removexattr", ("user.x",)),
        ("shutil.rmtree", (None,)),
        ("shutil.chown", ("somebody", 0)),
        ("shutil.make_archive", ("zip", None, None)),
        ("tempfile.mkstemp", ()),
        ("tempfile.mkdtemp", ()),
    ],
)
@pytest.mark.parametrize(
    ("given", "name"), [("/data/a", "/data/a"), ("a", "{cwd}/a"), (b"a", "{cwd}/a")]
)
def test_change_is_told_by_its_absolute_path(event, arguments, given, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert judged(event, given, *arguments) == written(name.format(cwd=tmp_path))


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("os.mkdir", (511,)),
        ("os.rmdir", ()),
        ("os.remove", ()),
        ("os.chmod", (420,)),
        ("os.chown", (0, 0)),
        ("os.utime", (None, None)),
        ("shutil.rmtree", ()),
    ],
)
def test_path_is_relative_to_a_descriptor(event, arguments, folder):
    path, descriptor = folder

    assert judged(event, "a", *arguments, descriptor) == written(f"{path}/a")
    assert judged(event, "/data/a", *arguments, descriptor) == written("/data/a")


def test_descriptor_of_a_file_is_told_by_its_path(tmp_path):
    with (tmp_path / "a").open("w") as file:
        assert judged("os.truncate", file.fileno(), 0) == written(f"{tmp_path}/a")


def test_descriptor_of_what_is_no_file_tells_nothing():
    left, right = socket.socketpair()
    with left, right:
        assert judged("os.chmod", left.fileno(), 0o600, -1) is None


@pytest.mark.parametrize("event", ["os.rename", "os.link", "os.symlink", "shutil.move"])
@pytest.mark.parametrize(
    ("source", "target", "told", "refused"),
    [
        ("/data/a", "/data/b", "/data/a", True),
        (f"{SCRATCH}/a", "/data/b", "/data/b", True),
        ("/data/a", f"{SCRATCH}/b", "/data/a", True),
        (f"{SCRATCH}/a", f"{SCRATCH}/b", f"{SCRATCH}/b", False),
    ],
)
def test_move_is_told_by_what_lies_outside(event, source, target, told, refused):
    assert judged(event, source, target, -1, -1) == written(told, refused=refused)


def test_each_path_of_a_move_is_relative_to_its_own_descriptor(folder):
    path, descriptor = folder

    assert judged("os.rename", "a", f"{SCRATCH}/b", descriptor, -1) == written(f"{path}/a")
    assert judged("os.rename", f"{SCRATCH}/a", "b", -1, descriptor) == written(f"{path}/b")
    assert judged("os.symlink", f"{SCRATCH}/a", "b", descriptor) == written(f"{path}/b")


def test_moving_bytecode_of_installed_packages_tells_nothing():
    cache = f"{LIBRARY}/x/__pycache__"

    assert judged("os.rename", f"{cache}/a.pyc.1", f"{cache}/a.pyc", -1, -1) is None
    assert judged("os.rename", f"{cache}/a.pyc", "/data/a", -1, -1) == written(f"{cache}/a.pyc")


def test_move_without_paths_tells_nothing():
    assert judged("shutil.move", object(), object()) is None


@pytest.mark.parametrize(
    "event", ["shutil.copyfile", "shutil.copytree", "shutil.copymode", "shutil.copystat"]
)
def test_copy_writes_where_it_is_copied_to(event):
    assert judged(event, "/data/a", "/data/b") == written("/data/b")
    assert judged(event, "/data/a", f"{SCRATCH}/b") == written(f"{SCRATCH}/b", refused=False)


def test_unpacking_writes_where_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert judged("shutil.unpack_archive", "/a.zip", "/data", None) == written("/data")
    assert judged("shutil.unpack_archive", "/a.zip", None, None) == written(str(tmp_path))
    assert judged("shutil.unpack_archive", "/a.zip", SCRATCH, None).refusal is None


# Databases in files


@pytest.mark.parametrize(
    "name", ["", ":memory:", b":memory:", "file:x?mode=memory", "file::memory:?cache=shared"]
)
def test_database_in_memory_tells_nothing(name):
    assert judged("sqlite3.connect", name) is None


@pytest.mark.parametrize("name", ["/data/a.db", "file:/data/a.db", "a.db", f"{SCRATCH}2/a.db"])
def test_database_in_a_file_is_refused(name):
    assert judged("sqlite3.connect", name) == Seen(Kind.DATABASE, name, RefusedAccessError)


@pytest.mark.parametrize(
    "name", [f"{SCRATCH}/a.db", f"file:{SCRATCH}/a.db", f"file://{SCRATCH}/a.db?mode=rwc"]
)
def test_database_in_the_scratch_folder_is_told_and_not_refused(name):
    assert judged("sqlite3.connect", name) == Seen(Kind.DATABASE, name)


def test_database_given_as_a_path_is_told_as_text():
    assert judged("sqlite3.connect", Path("/data/a.db")).detail == "/data/a.db"


# Networks


@pytest.mark.parametrize(
    "event", ["socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"]
)
@pytest.mark.parametrize(
    ("address", "told"),
    [
        (("10.0.0.1", 443), "10.0.0.1:443"),
        (("::1", 443, 0, 0), "::1:443"),
        ((b"host", 1), "host:1"),
        ("/run/socket", "/run/socket"),
        (b"/run/socket", "/run/socket"),
    ],
)
def test_address_is_told_as_host_and_port(event, address, told):
    assert judged(event, None, address) == Seen(Kind.NETWORK, told, RefusedConnectionError)


def test_message_without_an_address_is_refused():
    assert judged("socket.sendmsg", None) == Seen(Kind.NETWORK, "", RefusedConnectionError)


@pytest.mark.parametrize(
    ("event", "arguments", "told"),
    [
        ("socket.getaddrinfo", ("rates.test", 443, 0, 0, 0), "rates.test:443"),
        ("socket.getaddrinfo", ("rates.test", None, 0, 0, 0), "rates.test"),
        ("socket.getaddrinfo", (b"rates.test", "https", 0, 0, 0), "rates.test:https"),
        ("socket.gethostbyname", ("rates.test",), "rates.test"),
        ("socket.gethostbyaddr", ("10.0.0.1",), "10.0.0.1"),
        ("socket.getnameinfo", (("10.0.0.1", 80),), "10.0.0.1"),
    ],
)
def test_question_for_a_name_is_told_and_refused(event, arguments, told):
    assert judged(event, *arguments) == Seen(Kind.NETWORK, told, RefusedConnectionError)


@pytest.mark.parametrize("host", [None, ""])
def test_question_for_no_name_tells_nothing(host):
    assert judged("socket.getaddrinfo", host, 80, 0, 0, 0) is None


@pytest.mark.parametrize(
    "event", ["http.client.connect", "smtplib.connect", "ftplib.connect", "imaplib.open"]
)
def test_client_is_told_by_host_and_port(event):
    client = object()

    assert judged(event, client, "rates.test", 25) == Seen(
        Kind.NETWORK, "rates.test:25", RefusedConnectionError
    )
    assert judged(event, client, "rates.test").detail == "rates.test"


def test_request_is_told_by_its_url():
    seen = judged("urllib.Request", "https://rates.test/today", None, {}, "GET")

    assert seen == Seen(Kind.NETWORK, "https://rates.test/today", RefusedConnectionError)


def test_long_details_are_shortened():
    assert len(judged("urllib.Request", "x" * 1000, None, {}, "GET").detail) == 200


# Processes


@pytest.mark.parametrize("event", ["subprocess.Popen", "os.posix_spawn", "os.exec"])
@pytest.mark.parametrize(
    ("executable", "command", "told"),
    [
        ("git", ["git", "rev-parse", "HEAD"], "git rev-parse HEAD"),
        ("/bin/sh", ["/bin/sh", "-c", "echo 'a b'"], """/bin/sh -c 'echo '"'"'a b'"'"''"""),
        (b"git", (b"git", b"st\xff"), "git 'st\udcff'"),
        ("git", "git status", "git status"),
        ("git", None, "git"),
        ("git", ["only one"], "only one"),
    ],
)
def test_process_is_told_by_its_command(event, executable, command, told):
    assert judged(event, executable, command, None, None) == Seen(
        Kind.SUBPROCESS, told, RefusedAccessError
    )


def test_command_of_one_word_is_not_quoted():
    assert spawned(["a b"]).detail == "a b"
    assert spawned(["a b", Path("c")]).detail == "'a b' c"


@pytest.mark.parametrize(
    ("event", "arguments", "told"),
    [
        ("os.system", (b"rm -rf /",), "rm -rf /"),
        ("os.fork", (), ""),
        ("os.forkpty", (), ""),
        ("pty.spawn", (["sh"],), "['sh']"),
        ("webbrowser.open", ("http://a.test",), "http://a.test"),
        ("os.killpg", (7, 9), "7 9"),
        ("resource.prlimit", (7, 1, None), ""),
        ("socket.sethostname", ("x",), "x"),
    ],
)
def test_other_ways_to_a_process_are_refused(event, arguments, told):
    assert judged(event, *arguments) == Seen(Kind.SUBPROCESS, told, RefusedAccessError)


def test_signal_to_another_process_is_refused():
    seen = judged("os.kill", os.getppid(), signal.SIGTERM)

    assert seen.kind is Kind.SUBPROCESS
    assert seen.refusal is RefusedAccessError
    assert seen.detail.startswith(f"process {os.getppid()}, signal ")
    assert judged("os.kill", 0, 9).refusal is RefusedAccessError  # the whole group
    assert judged("os.kill", -1, 9).refusal is RefusedAccessError


def test_process_may_kill_itself():
    assert judged("os.kill", os.getpid(), signal.SIGKILL) is None


@pytest.mark.parametrize(
    ("event", "arguments", "told"),
    [
        ("ctypes.dlopen", ("libc.so.6",), "libc.so.6"),
        ("ctypes.dlopen", (None,), "this process"),
        ("ctypes.dlsym", (object(), "system"), "system"),
        ("ctypes.dlsym/handle", (7, "system"), "system"),
        ("ctypes.dlopen", (), "this process"),
    ],
)
def test_native_code_is_told_as_such_and_refused(event, arguments, told):
    assert judged(event, *arguments) == Seen(Kind.SUBPROCESS, told, RefusedAccessError, native=True)


# The process itself


@pytest.mark.parametrize("event", ["os.putenv", "os.unsetenv"])
def test_environment_is_told_by_the_variable_and_not_by_its_value(event):
    assert judged(event, b"NAME", b"secret") == Seen(Kind.ENVIRONMENT, "NAME")


@pytest.mark.parametrize("event", ["sys.addaudithook", "setopencodehook"])
def test_hooks_are_refused_in_the_one_way_that_python_takes(event):
    assert judged(event) == Seen(Kind.ENVIRONMENT, "", RefusedHookError)


@pytest.mark.parametrize("event", ["sys.settrace", "sys.setprofile"])
def test_tracing_is_told_and_not_refused(event):
    assert judged(event) == Seen(Kind.ENVIRONMENT, "")


@pytest.mark.parametrize(
    ("event", "arguments", "kind", "told"),
    [
        ("resource.setrlimit", (7, (1, 1)), Kind.ENVIRONMENT, "7"),
        ("syslog.openlog", ("name", 0, 8), WRITE, "name"),
        ("syslog.syslog", (6, "text"), WRITE, "text"),
    ],
)
def test_limits_and_logs_of_the_machine_are_refused(event, arguments, kind, told):
    assert judged(event, *arguments) == Seen(kind, told, RefusedAccessError)


# What CPython really says


def _really(tmp_path):
    """Do what the judges are for, with a hook that refuses; return what was judged by event."""
    inside, outside = tmp_path / "files", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "a").touch()
    (outside / "a").touch()
    table = Events(surroundings(scratch=str(inside)), (LIBRARY,)).table()
    descriptor = os.open(outside, os.O_RDONLY)
    seen = {}

    def hook(event, arguments):
        if event in table:
            judged = table[event](arguments)
            if judged is not None:
                seen.setdefault(event, []).append(judged.detail)
                if judged.refusal is not None:
                    raise judged.refusal(1, event)

    sys.addaudithook(hook)
    a = str(outside / "a")
    acts = [
        lambda: os.mkdir("new", dir_fd=descriptor),
        lambda: os.rmdir(a),  # noqa: PTH106
        lambda: os.remove("a", dir_fd=descriptor),
        lambda: os.truncate(a, 1),
        lambda: os.chmod("a", 0o600, dir_fd=descriptor),
        lambda: os.chown(a, 0, 0),
        lambda: os.utime("a", dir_fd=descriptor),
        lambda: os.setxattr(a, "user.x", b"1"),
        lambda: os.rename("a", "b", src_dir_fd=descriptor, dst_dir_fd=descriptor),
        lambda: os.symlink(str(inside / "a"), "b", dir_fd=descriptor),
        lambda: os.link(a, str(inside / "b")),
        lambda: shutil.rmtree(outside),
        lambda: shutil.copyfile(str(inside / "a"), str(outside / "b")),
        lambda: shutil.move(a, str(inside / "b")),
        lambda: sqlite3.connect(outside / "a.db"),
        lambda: socket.socket().connect(("127.0.0.1", 9)),
        lambda: socket.getaddrinfo("localhost", 80),
        lambda: subprocess.run(["git", "status"], check=False),
        lambda: os.system("true"),  # noqa: S605
        lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        lambda: os.posix_spawn("/bin/true", ["true", "x"], {}),
        lambda: urllib.request.urlopen("http://localhost:9/x"),
        lambda: os.environ.update(A_TEST="1"),
        os.fork,
    ]
    errors = []
    for act in acts:
        try:
            act()
        except OSError as error:
            errors.append(str(error))
    seen["refused"] = len(errors)
    seen["left"] = sorted(path.name for path in tmp_path.rglob("*"))
    return seen


def test_python_raises_the_events_that_are_judged_with_these_arguments(tmp_path):
    seen = forked(_really, tmp_path)
    outside = f"{tmp_path}/outside"

    for event, told in {
        "os.mkdir": f"{outside}/new",
        "os.rmdir": f"{outside}/a",
        "os.remove": f"{outside}/a",
        "os.truncate": f"{outside}/a",
        "os.chmod": f"{outside}/a",
        "os.chown": f"{outside}/a",
        "os.utime": f"{outside}/a",
        "os.setxattr": f"{outside}/a",
        "os.rename": f"{outside}/a",
        "os.symlink": f"{outside}/b",
        "os.link": f"{outside}/a",
        "shutil.rmtree": outside,
        "shutil.copyfile": f"{outside}/b",
        "shutil.move": f"{outside}/a",
        "sqlite3.connect": f"{outside}/a.db",
        "socket.connect": "127.0.0.1:9",
        "socket.getaddrinfo": "localhost:80",
        "subprocess.Popen": "git status",
        "os.system": "true",
        "os.exec": "true",
        "os.posix_spawn": "true x",
        "urllib.Request": "http://localhost:9/x",
        "os.putenv": "A_TEST",
        "os.fork": "",
    }.items():
        assert seen.get(event) == [told], event
    assert seen["refused"] == 23  # all but the environment
    assert seen["left"] == ["a", "a", "files", "outside"]


# Kinds


@pytest.mark.parametrize(
    ("kind", "packages", "told"),
    [
        (Kind.NETWORK, (), Kind.NETWORK),
        (Kind.NETWORK, ("urllib3.connection", "requests.api"), Kind.NETWORK),
        (Kind.NETWORK, ("socket", "psycopg"), Kind.DATABASE),
        (Kind.NETWORK, ("pymysql.connections", "sqlalchemy.engine.base"), Kind.DATABASE),
        (Kind.NETWORK, ("sqlalchemy.pool", "airflow.settings"), Kind.AIRFLOW_METADATA),
        (Kind.DATABASE, ("sqlite3", "airflow.utils.session"), Kind.AIRFLOW_METADATA),
        (Kind.NETWORK, ("airflow.models.variable", "redis.client"), Kind.DATABASE),
        (Kind.NETWORK, ("databricks.sql.client",), Kind.DATABASE),
        (Kind.NETWORK, ("databricks.sqlx",), Kind.NETWORK),
        (Kind.NETWORK, ("redistribute",), Kind.NETWORK),
        (Kind.NETWORK, ("airflow.settingsx",), Kind.NETWORK),
        (Kind.NETWORK, ("mlflow.tracking", "airflow.settings"), Kind.MLFLOW),
        (WRITE, ("mlflow.store.file",), Kind.MLFLOW),
        (WRITE, ("mlflows",), WRITE),
        (WRITE, ("sqlalchemy.pool",), WRITE),
        (READ, ("airflow.settings",), READ),
        (Kind.SUBPROCESS, ("redis",), Kind.SUBPROCESS),
    ],
)
def test_libraries_that_led_to_an_event_say_what_it_is_about(kind, packages, told):
    assert kind_of(Seen(kind, ""), packages) is told


def test_native_code_is_told_as_such_whoever_calls_it():
    assert kind_of(Seen(Kind.SUBPROCESS, "", native=True), ("mlflow",)) is Kind.SUBPROCESS


@pytest.mark.parametrize("name", PACKAGES)
def test_listed_package_and_its_modules_are_of_their_kind(name):
    seen = Seen(Kind.NETWORK, "")

    assert kind_of(seen, (name,)) is PACKAGES[name]
    assert kind_of(seen, (f"{name}.inner",)) is PACKAGES[name]


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("<frozen importlib._bootstrap_external>", True),
        ("/usr/lib/python3.11/linecache.py", True),
        ("/usr/lib/python3.11/inspect.py", True),
        ("/repository/dags/a.py", False),
        ("/repository/mylinecache.py", False),
    ],
)
def test_python_reads_sources_to_import_and_to_show_them(path, own):
    assert reads_for_python(path) is own
