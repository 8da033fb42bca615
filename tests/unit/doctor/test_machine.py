"""Python, the system, its kernel and the shell."""

import locale
import platform
import sys

import pytest

from dagproof.doctor import confinement, interpreter, shell


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10), "problem"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "problem")],
)
def test_python_is_3_11_to_3_13(told, monkeypatch, version, state):
    monkeypatch.setattr(sys, "version_info", (*version, 1, "final", 0))

    ((got, sentence, command),) = told(interpreter.python)

    assert got == state
    assert sentence.startswith(f"Python {platform.python_version()} in {sys.prefix}")
    assert command == ("" if state == "ok" else "uv venv --python 3.12")


@pytest.mark.parametrize(
    ("files", "names", "state"),
    [("UTF-8", "utf-8", "ok"), ("utf8", "utf8", "ok"), ("ANSI_X3.4-1968", "utf-8", "warning"),
     ("UTF-8", "latin-1", "warning")],
)  # fmt: skip
def test_everything_is_utf_8(told, monkeypatch, files, names, state):
    monkeypatch.setattr(locale, "getpreferredencoding", lambda **_: files)
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: names)

    assert told(interpreter.encoding)[0][0] == state


def test_bytecode_that_is_forbidden_is_told(told):
    assert told(interpreter.bytecode) == []

    ((state, _, command),) = told(interpreter.bytecode, environ={"PYTHONDONTWRITEBYTECODE": "1"})

    assert (state, command) == ("warning", "unset PYTHONDONTWRITEBYTECODE")


@pytest.mark.parametrize(
    ("name", "system", "state"),
    [("posix", "linux", "ok"), ("posix", "darwin", "warning"), ("nt", "win32", "problem")],
)
def test_system_is_linux_or_nearly(told, monkeypatch, name, system, state):
    monkeypatch.setattr(interpreter, "os", type("os", (), {"name": name}))
    monkeypatch.setattr(sys, "platform", system)

    assert told(interpreter.platform_of)[0][0] == state


@pytest.mark.parametrize(
    ("landlock", "machine", "state", "words"),
    [
        (7, "x86_64", "ok", "Landlock 7 and seccomp confine"),
        (1, "x86_64", "ok", "Landlock 1"),
        (0, "x86_64", "warning", "from files (no Landlock);"),
        (-1, "riscv64", "warning", "from files (no Landlock) and sockets;"),
        (1, "riscv64", "warning", "from sockets;"),
        (4, "riscv64", "ok", "Landlock 4"),
    ],
)
def test_what_the_kernel_does_not_confine_is_told(
    told, monkeypatch, landlock, machine, state, words
):
    monkeypatch.setattr(confinement, "_landlock", lambda: landlock)
    monkeypatch.setattr(platform, "machine", lambda: machine)

    ((got, sentence, _),) = told(confinement.confinement)

    assert got == state
    assert words in sentence


def test_kernel_is_asked_only_on_linux(told, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")

    assert told(confinement.confinement) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_version_of_landlock_is_that_which_the_audit_uses():
    from dagproof.import_audit import confine

    assert confinement._landlock() == confine._landlock_version()


def test_shell_without_settings_is_fine(told):
    given = {"AIRFLOW_HOME": "/x", "AIRFLOW__CORE__EXECUTOR": "x", "PATH": "/bin"}

    assert told(shell.shell, environ=given) == [
        ("ok", "no setting of Airflow in your shell reaches a run", "")
    ]


def test_settings_of_the_shell_that_reach_airflow_are_told(told, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dagproof.env]\nAIRFLOW__CORE__XCOM_BACKEND = "x"\n'
    )
    given = {
        "AIRFLOW__CORE__XCOM_BACKEND": "y", "AIRFLOW__CORE__PARALLELISM": "1",
        "AIRFLOW_VAR_A": "1", "AIRFLOW_CONN_B": "x",
    }  # fmt: skip

    ((state, sentence, command),) = told(shell.shell, environ=given)

    assert state == "warning"
    assert sentence.startswith("AIRFLOW_CONN_B, AIRFLOW_VAR_A, AIRFLOW__CORE__PARALLELISM of your")
    assert command == "unset AIRFLOW_CONN_B AIRFLOW_VAR_A AIRFLOW__CORE__PARALLELISM"


def test_many_settings_are_counted_and_no_value_is_shown(told, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\nno = 1\n")
    given = {f"AIRFLOW_CONN_{letter}": "postgres://u:secret@h" for letter in "ABCDEFG"}

    ((_, sentence, command),) = told(shell.shell, environ=given)

    assert "AIRFLOW_CONN_E and 2 more of your shell" in sentence
    assert "secret" not in sentence + command


def test_pythonpath_is_told(told):
    _, (state, sentence, command) = told(shell.shell, environ={"PYTHONPATH": "/x/lib"})

    assert (state, command) == ("warning", "unset PYTHONPATH")
    assert "`PYTHONPATH` is /x/lib" in sentence


def test_airflow_home_of_the_user_is_told_and_left(told, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert told(shell.airflow_home)[0][:2] == (
        "ok", f"runs have an Airflow home of their own; there is no {tmp_path}/airflow",
    )  # fmt: skip

    (tmp_path / "airflow").mkdir()
    assert "is there, and stays untouched" in told(shell.airflow_home)[0][1]

    (tmp_path / "airflow").rmdir()
    (tmp_path / "airflow").symlink_to("nothing")
    assert told(shell.airflow_home)[0][0] == "warning"


@pytest.mark.parametrize("name", ["relative/home", "file"])
def test_airflow_home_that_is_no_absolute_folder_is_told(told, tmp_path, name):
    (tmp_path / "file").write_text("")
    chosen = str(tmp_path / name) if name == "file" else name

    ((state, _, command),) = told(shell.airflow_home, environ={"AIRFLOW_HOME": chosen})

    assert (state, command) == ("warning", "unset AIRFLOW_HOME")
