"""`dagproof run`: DAGs by dag.test() among real services."""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from dagproof.commands import reporting
from dagproof.commands.services import BACKENDS_HELP
from dagproof.config import BACKENDS, load_settings
from dagproof.model import Fault, Report, UsageError
from dagproof.terminal import Live, check_output, output_aside, write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
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
    run.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SERVICE:KIND[@TASK]",
        help="let a service fail, as `mlflow:down@train,seconds=5`; repeatable",
    )
    run.add_argument(
        "--twice",
        action="store_true",
        help="run each DAG again, and again with retries, and say what differs (three runs)",
    )
    run.add_argument("--services", choices=BACKENDS, help=BACKENDS_HELP)
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


def _run(options: argparse.Namespace) -> int:
    from dagproof import app
    from dagproof.judging_runs import with_findings
    from dagproof.reporters import json as json_report
    from dagproof.reporters import text as text_report
    from dagproof.runner import RunOptions

    check_output(options.output)
    _check_twice(options)
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
        backend=options.services,
        faults=tuple(map(Fault.parse, options.fault)),
    )
    with output_aside() if options.format == "json" else contextlib.nullcontext():
        run: Callable[..., Report] = app.run
        if options.twice:
            from dagproof.repeating import run_twice as run
        report = run(settings, request, progress=live.progress, on_dag=live.dag)
    report = with_findings(settings, report)
    render = {"text": text_report.render, "json": json_report.render}[options.format]
    write_report(render(report), options.output)
    if options.output is not None:
        live.progress(f"{'Clean' if report.clean else 'Failed'}; report in {options.output}")
    return 0 if report.clean else 1


def _check_twice(options: argparse.Namespace) -> None:
    """Refuse what makes no sense together.

    Raises:
        UsageError: `--twice` beside something that changes single runs.
    """
    for name, given in (("--pdb", options.pdb), ("--fault", options.fault)):
        if options.twice and given:
            raise UsageError(
                f"`--twice` compares runs that nothing disturbs; leave `{name}` out, or `--twice`."
            )


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
