"""The command line: arguments in, text and an exit code out."""

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from dagproof import __version__
from dagproof.commands import audit, contracts, lint, reporting, rule
from dagproof.config import load_settings
from dagproof.model import DagproofError, UsageError
from dagproof.terminal import Live, check_output, end_soon, output_aside, write_report


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Returns:
        0 clean, 1 findings or a failed run, 2 wrong question, 3 could not look, 130 Ctrl-C.
    """
    code = _carry_out(_parser().parse_args(arguments))
    if arguments is None:  # the process is ours
        end_soon(code)
    return code


def _carry_out(options: argparse.Namespace) -> int:
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
    lint.add(commands)
    audit.add(commands)
    contracts.add(commands)
    _add_run(commands)
    _add_services(commands)
    rule.add(commands)
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
    run.add_argument(
        "--timeout", type=reporting.seconds, metavar="SECONDS", help="end a run that hangs"
    )
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
    from dagproof.commands.run_findings import with_findings
    from dagproof.reporters import json as json_report
    from dagproof.reporters import text as text_report
    from dagproof.runner import RunOptions

    check_output(options.output)
    settings = load_settings(Path.cwd())
    live = Live(sys.stdout if options.format == "text" else sys.stderr)
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
    with output_aside() if options.format == "json" else contextlib.nullcontext():
        report = app.run(settings, request, progress=live.progress, on_dag=live.dag)
    report = with_findings(settings, report)
    render = {"text": text_report.render, "json": json_report.render}[options.format]
    write_report(render(report), options.output)
    if options.output is not None:
        live.progress(f"{'Clean' if report.clean else 'Failed'}; report in {options.output}")
    return 0 if report.clean else 1


def _services_up(_: argparse.Namespace) -> int:
    from dagproof import services
    from dagproof.app import wanted_services

    live = Live(sys.stderr)
    wanted = wanted_services(load_settings(Path.cwd()), live.progress)
    environment = services.up(wanted, progress=live.progress)
    for name, value in sorted(environment.items()):
        print(f"export {name}={_quoted(value)}")
    where = environment.get("MLFLOW_TRACKING_URI", "")
    live.progress(f"Up{where and f', MLflow at {where}'}; `dagproof services down` stops them")
    return 0


def _services_down(_: argparse.Namespace) -> int:
    from dagproof import services

    print("Services stopped." if services.down() else "No services were up.", file=sys.stderr)
    return 0


def _debug(error: BaseException) -> None:
    import pdb  # noqa: T100 - `--pdb` is what it is for

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
        raise argparse.ArgumentTypeError(f"expected a name, `=` and a value, not {text!r}")
    return name, value


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no ISO 8601 date: {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _quoted(value: str) -> str:
    import shlex

    return shlex.quote(value)
