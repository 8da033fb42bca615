"""Arguments in, text and an exit code out; `app.run` is replaced by what a test wants to happen."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dagproof import __version__, app, cli, repeating, terminal
from dagproof.model import (
    DagOutcome,
    DagproofError,
    Fault,
    Repetition,
    Report,
    TaskError,
    TaskOutcome,
    UnavailableError,
    UsageError,
)
from dagproof.runner import BrokenDagError
from dagproof.terminal import Live


def outcome(state="success", message=""):
    error = TaskError("ValueError", message, message) if message else None
    task = TaskOutcome("fit", -1, state, 1, 0.5, error=error)
    return DagOutcome("taxi", "run-1", state, (task,), 1.0)


class _Fake:
    """Stands for `app.run`: keeps what it was asked, does what it is told, reports."""

    def __init__(self):
        self.report = Report((outcome(),))
        self.during = lambda: None

    def __call__(self, settings, request, *, progress, on_dag):
        self.settings, self.request = settings, request
        progress("Starting")
        for run in self.report.runs:
            on_dag(run.dag_id)
            for task in run.tasks:
                request.options.on_start(task.label)
                request.options.on_task(task)
        self.during()
        return self.report


@pytest.fixture(autouse=True)
def _sigterm_handler_kept():
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def fake(monkeypatch, tmp_path):
    made = _Fake()
    monkeypatch.setattr(app, "run", made)
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\ntimeout = 77\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return made


def fail_with(error):
    def failing(*_, **__):
        raise error

    return failing


# Exit codes


@pytest.mark.parametrize(("state", "code"), [("success", 0), ("failed", 1), ("timeout", 1)])
def test_exit_code_says_whether_every_run_succeeded(fake, state, code):
    fake.report = Report((outcome(), outcome(state)))

    assert cli.main(["run", "taxi"]) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BrokenDagError("d.py does not import"), 1),
        (UsageError("No DAG"), 2),
        (UnavailableError("MLflow is down"), 3),
        (DagproofError("No"), 3),
    ],
)
def test_complaint_is_one_sentence_and_its_own_exit_code(fake, capsys, error, code):
    fake.during = fail_with(error)

    assert cli.main(["run", "taxi"]) == code
    assert capsys.readouterr().err.endswith(f"\ndagproof: {error}\n")


def test_ctrl_c_is_130_and_says_that_nothing_is_left(fake, capsys):
    fake.during = fail_with(KeyboardInterrupt())

    assert cli.main(["run", "taxi"]) == 130
    assert capsys.readouterr().err.endswith(
        "\ndagproof: interrupted; what it had started is stopped.\n"
    )


def test_sigterm_unwinds_like_ctrl_c(fake):
    unwound = []

    def terminated():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            unwound.append(True)

    fake.during = terminated

    assert cli.main(["run", "taxi"]) == 130
    assert unwound == [True]


def test_bug_of_ours_is_no_finding_and_shows_its_traceback(fake, capsys):
    fake.during = fail_with(ZeroDivisionError("ours"))
    assert cli.main(["run", "taxi"]) == 3
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.splitlines()[-1] == "dagproof: this is a defect of dagproof; nothing was proved."


def test_reader_that_goes_away_is_neither_a_success_nor_a_traceback(tmp_path):
    script = (
        "import sys\n"
        "from dagproof import app, cli\n"
        "from dagproof.model import Report\n"
        "def run(*_, on_dag, **__):\n"
        "    sys.stdin.read()\n"  # until the reader is gone
        "    on_dag('taxi')\n"
        "    return Report()\n"
        "app.run = run\n"
        "sys.exit(cli.main(['run', 'taxi']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        process.stdout.close()
        process.stdin.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (3, "")


# Arguments


def refused(capsys, *arguments):
    """Return what the command line says when it refuses its arguments."""
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])

    assert (caught.value.code, capsys.readouterr().out) == (0, f"dagproof {__version__}\n")


def test_module_is_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"dagproof {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["fly"], ["services"], ["run", "--fly"]])
def test_unknown_or_missing_commands_are_refused(capsys, arguments):
    assert refused(capsys, *arguments).startswith("dagproof")


@pytest.mark.parametrize(
    ("conf", "complaint"),
    [
        ("{year: 1}", "`--conf` is no JSON: Expecting property name"),
        ("", "`--conf` is no JSON: Expecting value"),
        ("[1]", '`--conf` must be a JSON object such as {"year": 2023}, not [1]'),
        ("null", '`--conf` must be a JSON object such as {"year": 2023}, not null'),
        ('{"a": NaN}', "`--conf` is no JSON: NaN is no JSON number"),
        ('{"a": -Infinity}', "`--conf` is no JSON: -Infinity is no JSON number"),
        ("[" * 100_000, "`--conf` is no JSON: maximum recursion depth"),
    ],
)
def test_conf_that_is_no_json_object_is_refused(capsys, conf, complaint):
    assert f"argument --conf: {complaint}" in refused(capsys, "run", "taxi", "--conf", conf)


@pytest.mark.parametrize("option", ["--stub", "--env"])
@pytest.mark.parametrize("text", ["fit", "=1", "="])
def test_assignment_needs_a_name_and_an_equals_sign(capsys, option, text):
    said = refused(capsys, "run", "taxi", option, text)

    assert f"argument {option}: expected a name, `=` and a value, not {text!r}" in said


def test_date_must_be_iso_8601(capsys):
    said = refused(capsys, "run", "taxi", "--logical-date", "13/01/2023")

    assert "argument --logical-date: no ISO 8601 date: '13/01/2023'" in said


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", "1e10"])
def test_timeout_must_be_seconds_that_a_clock_can_count(capsys, text):
    said = refused(capsys, "run", "taxi", f"--timeout={text}")

    assert f"expected a number of seconds above 0 and up to 1e+09, not {text!r}" in said


def test_format_must_be_one_that_we_write(capsys):
    assert "argument --format: invalid choice: 'xml'" in refused(capsys, "run", "--format", "xml")


def test_stub_that_is_no_json_is_refused_by_its_task(fake, capsys):
    assert cli.main(["run", "taxi", "--stub", "fit=abc"]) == 2
    assert "dagproof: `--stub fit` is no JSON: Expecting value" in capsys.readouterr().err


def test_broken_settings_are_refused(fake, tmp_path, capsys):
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\ndgas = []\n", encoding="utf-8")

    assert cli.main(["run", "taxi"]) == 2
    assert "there is no key `tool.dagproof.dgas`" in capsys.readouterr().err


# What is asked of the app


def asked(fake, *arguments):
    cli.main(["run", *arguments])
    return fake.request


def test_bare_run_asks_for_the_configured_runs(fake):
    request = asked(fake)

    assert (request.dags, request.conf, request.env) == ([], None, {})
    assert (request.fresh, request.verbose) == (False, False)
    assert request.options.stubs == {}
    assert request.options.logical_date is None
    assert request.options.real_retry_delays is False
    assert request.options.debugger is None


def test_everything_on_the_command_line_is_asked(fake):
    request = asked(
        fake,
        *("a", "b.py", "--conf", '{"year": 2023}', "--stub", 'fit={"x": "="}', "--stub", "load=[]"),
        *("--env", "A=b=c", "--env", "EMPTY=", "--real-retry-delays", "--fresh", "--verbose"),
    )

    assert request.dags == ["a", "b.py"]
    assert request.conf == {"year": 2023}
    assert request.options.stubs == {"fit": {"x": "="}, "load": []}
    assert request.env == {"A": "b=c", "EMPTY": ""}
    assert request.options.real_retry_delays
    assert request.fresh
    assert request.verbose


def test_settings_are_those_of_the_working_directory(fake, tmp_path):
    asked(fake)

    assert fake.settings.root == tmp_path


def test_date_without_a_timezone_is_utc(fake):
    options = asked(fake, "taxi", "--logical-date", "2023-01-02").options

    assert options.logical_date == datetime(2023, 1, 2, tzinfo=UTC)


def test_date_with_a_timezone_keeps_it(fake):
    options = asked(fake, "taxi", "--logical-date", "2023-01-02T03:00+02:00").options

    assert options.logical_date == datetime(2023, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert options.logical_date.utcoffset() == timedelta(hours=2)


def test_timeout_is_that_of_the_settings(fake):
    assert asked(fake).options.timeout == 77


def test_timeout_of_the_command_line_wins(fake):
    assert asked(fake, "--timeout", "0.5").options.timeout == 0.5


def test_hanging_run_may_end_the_process(fake):
    assert asked(fake).options.end_process is True


def test_debugger_has_a_day_and_keeps_its_process(fake):
    options = asked(fake, "--pdb", "--timeout", "5").options

    assert (options.timeout, options.end_process) == (86400, False)


def test_debugger_opens_where_the_task_failed(fake, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("pdb.post_mortem", opened.append)
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    debugger = asked(fake, "--pdb").options.debugger
    with pytest.raises(ValueError, match="no rows") as caught:
        fail_with(ValueError("no rows"))()

    debugger(caught.value)

    assert opened == [caught.value.__traceback__]
    assert capsys.readouterr().err.endswith("\nValueError: no rows\n")


# Text


def test_text_run_tells_tasks_as_they_end_and_then_the_verdict(fake, capsys):
    assert cli.main(["run", "taxi"]) == 0

    assert capsys.readouterr().out == (
        f"\ntaxi\n  ✓ {'fit':<32}    0.50 s\n\n✓ taxi: success in 1.0 s (1 success)\n"
    )


def test_progress_goes_to_standard_error_with_the_time(fake, capsys):
    cli.main(["run", "taxi"])

    assert re.fullmatch(r"\[ {1,3}\d+\.\d s\] Starting\n", capsys.readouterr().err)


class _Stream(io.TextIOWrapper):
    """Standard output of some encoding, perhaps a terminal."""

    def __init__(self, encoding="utf-8", *, terminal=False):
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._is_terminal = terminal

    def isatty(self):
        """Say what the test said."""
        return self._is_terminal

    def text(self):
        """Return what was written."""
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


def test_task_that_takes_long_is_named_while_it_runs(monkeypatch):
    monkeypatch.setattr(terminal, "_A_WHILE", 0.01)
    stream = io.StringIO()
    live = Live(stream)

    live.start("fit")
    while not stream.getvalue():
        time.sleep(0.01)
    live.task(TaskOutcome("fit", -1, "success", 1, 0.5))

    assert stream.getvalue() == f"  ... fit\n  + {'fit':<32}    0.50 s\n"


def test_quick_task_is_named_once(fake, capsys):
    cli.main(["run", "taxi"])

    assert "…" not in capsys.readouterr().out


def test_ascii_output_gets_ascii(fake, monkeypatch):
    stream = _Stream("ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    cli.main(["run", "taxi"])

    assert "\n+ taxi: success in 1.0 s (1 success)\n" in stream.text()


def test_stream_that_does_not_know_its_encoding_gets_ascii():
    stream = io.StringIO()

    Live(stream).task(TaskOutcome("fit", -1, "success", 1, 0.5))

    assert stream.getvalue().startswith("  + fit")


def test_reader_that_goes_away_does_not_stop_the_tasks():
    class Gone(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

    Live(Gone()).task(TaskOutcome("fit", -1, "success", 1, 0.5))


# JSON


def test_json_is_alone_on_standard_output_while_tasks_print(fake, capfd):
    def printing():
        print("a task prints")
        sys.stdout.flush()
        subprocess.run(["echo", "a child process prints"], check=True)
        os.write(1, b"a C library prints\n")

    fake.during = printing

    assert cli.main(["run", "taxi", "--format", "json"]) == 0
    said = capfd.readouterr()

    assert json.loads(said.out)["runs"][0]["dag_id"] == "taxi"
    for who in ("a task", "a child process", "a C library"):
        assert f"{who} prints\n" in said.err


def test_json_is_alone_even_when_somebody_held_on_to_standard_output(tmp_path):
    script = (
        "import sys\n"
        "from dagproof import app, cli\n"
        "from dagproof.model import Report\n"
        "held = sys.stdout\n"
        "def run(*_, **__):\n"
        "    held.write('a log handler prints\\n')\n"
        "    return Report()\n"
        "app.run = run\n"
        "held.write('before\\n')\n"
        "sys.exit(cli.main(['run', 'taxi', '--format', 'json']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=True
    )

    assert done.stderr == "a log handler prints\n"
    before, _, document = done.stdout.partition("\n")
    assert before == "before"
    assert json.loads(document)["version"] == 1


def test_json_run_tells_its_tasks_on_standard_error(fake, capfd):
    cli.main(["run", "taxi", "--format", "json"])

    assert f"\ntaxi\n  ✓ {'fit':<32}    0.50 s\n" in capfd.readouterr().err


def test_standard_output_is_back_after_a_json_run_that_failed(fake, capfd):
    fake.during = fail_with(UnavailableError("MLflow is down"))
    stdout = sys.stdout

    assert cli.main(["run", "taxi", "--format", "json"]) == 3
    os.write(1, b"still here\n")

    assert sys.stdout is stdout
    assert capfd.readouterr().out == "still here\n"


def test_json_run_leaves_no_descriptor_open(fake, capfd):
    cli.main(["run", "taxi", "--format", "json"])
    free = os.dup(1)
    os.close(free)

    cli.main(["run", "taxi", "--format", "json"])
    again = os.dup(1)
    os.close(again)

    assert again == free


def test_text_run_lets_tasks_print_to_standard_output(fake, capfd):
    fake.during = lambda: os.write(1, b"a task prints\n")

    cli.main(["run", "taxi"])

    assert "a task prints\n" in capfd.readouterr().out


def test_json_of_an_ascii_terminal_keeps_every_character(fake, monkeypatch):
    fake.report = Report((outcome("failed", "Zürich → …"),))
    stream = _Stream("ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    cli.main(["run", "taxi", "--format", "json"])

    error = json.loads(stream.text())["runs"][0]["tasks"][0]["error"]
    assert error["message"] == "Zürich → …"


# --output


def test_report_is_written_to_a_file_and_not_printed(fake, tmp_path, capsys):
    file = tmp_path / "reports" / "run.json"

    assert cli.main(["run", "taxi", "--format", "json", "--output", str(file)]) == 0

    assert json.loads(file.read_text(encoding="utf-8"))["version"] == 1
    assert capsys.readouterr().out == ""


def test_report_in_a_file_is_utf_8_whatever_the_terminal(fake, tmp_path, monkeypatch):
    file = tmp_path / "run.txt"
    monkeypatch.setattr(sys, "stdout", _Stream("ascii"))

    cli.main(["run", "taxi", "--output", str(file)])

    assert file.read_text(encoding="utf-8").startswith("\n✓ taxi: ")


def test_characters_that_no_file_holds_are_escaped(fake, tmp_path):
    fake.report = Report((outcome("failed", "bad name \udcff"),))
    file = tmp_path / "run.txt"

    assert cli.main(["run", "taxi", "--output", str(file)]) == 1
    assert file.read_text(encoding="utf-8").endswith("bad name \\udcff\n")


def test_output_that_cannot_be_written_is_refused_with_the_reason(fake, tmp_path, capsys):
    assert cli.main(["run", "taxi", "--output", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith(
        f"dagproof: The report cannot be written to {tmp_path}: Is a directory.\n"
    )


def test_output_below_a_file_is_refused_with_the_reason(fake, tmp_path, capsys):
    file = tmp_path / "pyproject.toml" / "deeper" / "run.txt"

    assert cli.main(["run", "taxi", "--output", str(file)]) == 2
    assert capsys.readouterr().err.endswith("pyproject.toml/deeper/run.txt: Not a directory.\n")


# Running again


def test_twice_runs_what_checks_whether_dags_can_be_run_again(fake, monkeypatch):
    again = _Fake()
    again.report = Report(repetitions=(Repetition("taxi", (outcome(),)),), runs=(outcome(),))
    monkeypatch.setattr(repeating, "run_twice", again)
    fake.during = fail_with(AssertionError("run once"))

    assert cli.main(["run", "taxi", "--twice", "--conf", '{"a": 1}']) == 0
    assert again.request.conf == {"a": 1}


@pytest.mark.parametrize(
    ("options", "name"), [(["--pdb"], "--pdb"), (["--fault", "mlflow:down"], "--fault")]
)
def test_twice_goes_with_nothing_that_disturbs_a_run(fake, capsys, options, name):
    assert cli.main(["run", "taxi", "--twice", *options]) == 2
    assert capsys.readouterr().err == (
        "dagproof: `--twice` compares runs that nothing disturbs; "
        f"leave `{name}` out, or `--twice`.\n"
    )


# Faults


def test_faults_are_read_from_the_command_line(fake):
    request = asked(fake, "taxi", "--fault", "mlflow:down@fit,seconds=5", "--fault", "s3:500")

    assert request.faults == (Fault("mlflow", "down", "fit", seconds=5), Fault("s3", "500"))
    assert asked(fake, "taxi").faults == ()


def test_fault_that_is_none_is_a_wrong_question(fake, capsys):
    assert cli.main(["run", "taxi", "--fault", "mlflow:dwn"]) == 2
    assert "Faults know no kind `dwn`; there are `down`," in capsys.readouterr().err


FULL = Path("/dev/full")
"""Where every write fails as on a disk that is full."""


def dagproof_lint(folder, *, close="", **streams):
    """Return the exit code of a clean lint, and what it says on standard error."""
    (folder / "dags").mkdir()
    (folder / "dags/a.py").write_text("from airflow import DAG\n\nDAG('a')\n")
    command = [sys.executable, "-m", "dagproof", "lint"]
    if close:
        command = ["sh", "-c", f'exec "$@" {close}', "sh", *command]
    done = subprocess.run(
        command, cwd=folder, check=False, text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this system")
def test_standard_output_that_is_full_is_one_sentence(tmp_path):
    with FULL.open("w") as full:
        code, err = dagproof_lint(tmp_path, stdout=full)
    assert code == 3
    assert err == "dagproof: Standard output cannot be written: No space left on device.\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this system")
def test_nobody_who_hears_is_neither_a_finding_nor_green(tmp_path):
    with FULL.open("w") as full:
        assert dagproof_lint(tmp_path, stdout=full, stderr=full)[0] == 3


@pytest.mark.parametrize("close", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_verdict(tmp_path, close):
    assert dagproof_lint(tmp_path, close=close) == (0, "")


def test_complaint_goes_nowhere_where_standard_error_is_closed(tmp_path):
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m dagproof lint --format json 2>&-', sys.executable],
        cwd=tmp_path, check=False, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")


def test_working_directory_that_is_gone_is_one_sentence(tmp_path):
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m dagproof lint'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], cwd=tmp_path, check=False, text=True,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "dagproof: the working directory is gone: go to one that is there.\n"
