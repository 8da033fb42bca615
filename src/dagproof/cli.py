"""The command line: arguments in, text and an exit code out."""

import argparse
import contextlib
import json
import os
import pdb  # noqa: T100 - `--pdb` is what it is for
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, TextIO

from dagproof import __version__
from dagproof.config import LONGEST_TIMEOUT, load_settings
from dagproof.model import DagproofError, TaskOutcome, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Returns:
        0 clean, 1 findings or a failed run, 2 wrong question, 3 could not look, 130 Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code: int = options.command(options)
    except DagproofError as error:
        print(f"dagproof: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\ndagproof: interrupted; what it had started is stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`), perhaps before the run was over: there is
        # nobody left to tell, but nothing was proved either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    return code


def _terminated(*_: object) -> NoReturn:
    """Let SIGTERM unwind like Ctrl-C, so that services stop and folders go."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dagproof", description="Proves an Airflow DAG repository before it merges."
    )
    parser.add_argument("--version", action="version", version=f"dagproof {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_services(commands)
    return parser


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    run = commands.add_parser(
        "run",
        help="run DAGs by dag.test() among real services",
        description=(
            "Runs DAGs by their own dag.test() in this process, among a real Postgres, MLflow and "
            "S3. Without DAG: the runs listed as [[tool.dagproof.runs]] in pyproject.toml."
        ),
    )
    run.add_argument("dags", nargs="*", metavar="DAG", help="a DAG id, or the path of a DAG file")
    run.add_argument("--conf", type=_json_object, metavar="JSON", help="the run's conf")
    run.add_argument("--logical-date", type=_date, metavar="DATE", help="ISO 8601; default now")
    run.add_argument(
        "--stub",
        type=_assignment,
        action="append",
        default=[],
        metavar="TASK=JSON",
        help="give this return value in place of executing the task; repeatable",
    )
    run.add_argument(
        "--env",
        type=_assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable for the run; wins over services and settings; repeatable",
    )
    run.add_argument("--format", choices=("text", "json"), default="text")
    run.add_argument("--output", type=Path, metavar="FILE", help="write the report there")
    run.add_argument("--pdb", action="store_true", help="debug a failing task where it failed")
    run.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="end a run that hangs")
    run.add_argument(
        "--real-retry-delays", action="store_true", help="wait through retry_delay as in production"
    )
    run.add_argument(
        "--fresh", action="store_true", help="clean services, even where `services up` keeps some"
    )
    run.add_argument("-v", "--verbose", action="store_true", help="show the tasks' log lines")
    run.set_defaults(command=_run)


def _add_services(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    services = commands.add_parser(
        "services", help="keep services warm between debugging runs"
    ).add_subparsers(title="actions", metavar="ACTION", required=True)
    up = services.add_parser("up", help="start them and print their environment")
    up.set_defaults(command=_services_up)
    down = services.add_parser("down", help="stop them and remove what they held")
    down.set_defaults(command=_services_down)


def _run(options: argparse.Namespace) -> int:
    from dagproof import app
    from dagproof.reporters import json as json_report
    from dagproof.reporters import text as text_report
    from dagproof.runner import RunOptions

    settings = load_settings(Path.cwd())
    live = _Live(sys.stdout if options.format == "text" else sys.stderr)
    timeout = options.timeout or settings.timeout
    request = app.RunRequest(
        dags=options.dags,
        conf=options.conf,
        options=RunOptions(
            logical_date=options.logical_date,
            stubs={task: _json(value, f"--stub {task}") for task, value in options.stub},
            timeout=86400.0 if options.pdb else timeout,
            end_process=not options.pdb,
            real_retry_delays=options.real_retry_delays,
            debugger=_debug if options.pdb else None,
            on_start=live.start,
            on_task=live.task,
        ),
        env=dict(options.env),
        fresh=options.fresh,
        verbose=options.verbose,
    )
    with _output_aside() if options.format == "json" else contextlib.nullcontext():
        report = app.run(settings, request, progress=live.progress, on_dag=live.dag)
    render = {"text": text_report.render, "json": json_report.render}[options.format]
    _write(render(report), options.output, live)
    return 0 if report.clean else 1


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Send what tasks and their child processes print to standard error.

    A JSON report stays alone on standard output.
    """
    stream = sys.stdout
    stream.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        stream.flush()  # a log handler may have held on to it
        os.dup2(kept, 1)
        os.close(kept)


def _services_up(_: argparse.Namespace) -> int:
    from dagproof import services

    live = _Live(sys.stderr)
    environment = services.up(load_settings(Path.cwd()).services, progress=live.progress)
    for name, value in sorted(environment.items()):
        print(f"export {name}={_quoted(value)}")
    return 0


def _services_down(_: argparse.Namespace) -> int:
    from dagproof import services

    print("Services stopped." if services.down() else "No services were up.", file=sys.stderr)
    return 0


class _Live:
    """Lines as things happen; the task that runs right now is shown on a terminal only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._started = time.monotonic()

    def progress(self, text: str) -> None:
        elapsed = time.monotonic() - self._started
        print(f"[{elapsed:5.1f} s] {text}", file=sys.stderr, flush=True)

    def dag(self, dag: str) -> None:
        from dagproof.reporters.text import dag_line

        self.write(dag_line(dag))

    def start(self, label: str) -> None:
        if self._terminal:
            self.write(f"  … {label}", end="")

    def task(self, task: TaskOutcome) -> None:
        from dagproof.reporters.text import task_line

        self.write(("\r\x1b[K" if self._terminal else "") + task_line(task))

    def write(self, text: str, end: str = "\n") -> None:
        from dagproof.reporters.text import plain

        encoding = getattr(self._stream, "encoding", None) or "ascii"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = plain(text)
        print(text, end=end, file=self._stream, flush=True)


def _write(text: str, output: Path | None, live: _Live) -> None:
    if output is None:
        _Live(sys.stdout).write(text, end="")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"The report cannot be written to {output}: {error.strerror}.") from error
    live.progress(f"report written to {output}")


def _debug(error: BaseException) -> None:
    print(f"\n{type(error).__name__}: {error}", file=sys.__stderr__)
    pdb.post_mortem(error.__traceback__)


def _json(text: str, where: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{where}` is no JSON: {error}.") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _json_object(text: str) -> dict[str, object]:
    try:
        value = _json(text, "--conf")
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(
            f'`--conf` must be a JSON object such as {{"year": 2023}}, not {text}'
        )
    return value


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return name, value


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no ISO 8601 date: {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LONGEST_TIMEOUT:
        wanted = f"a number of seconds above 0 and up to {LONGEST_TIMEOUT:g}"
        raise argparse.ArgumentTypeError(f"expected {wanted}, not {text!r}")
    return value


def _quoted(value: str) -> str:
    import shlex

    return shlex.quote(value)
