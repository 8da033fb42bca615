"""`dagproof cluster`: a deployment of Airflow on this machine, to try DAGs on."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dagproof.commands.services import BACKENDS_HELP
from dagproof.config import BACKENDS, load_settings
from dagproof.model import UnavailableError
from dagproof.terminal import Live

if TYPE_CHECKING:
    from dagproof.cluster import ClusterPlace, Record

_BROKERS: Final = ("redis", "postgres")
_MOST_WORKERS: Final = 64
_LAST_PORT: Final = 65535


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    cluster = commands.add_parser(
        "cluster",
        help="run Airflow with Celery workers on this machine",
        description=(
            "Runs this repository's DAGs as a deployment does: API server, scheduler, DAG "
            "processor, triggerer and Celery workers, over a broker, Postgres, MLflow and S3. "
            "Nothing of it outlives `down`, but for the logs."
        ),
    )
    actions = cluster.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_up(actions)
    down = actions.add_parser("down", help="stop it and remove what it held")
    down.set_defaults(command=_down)
    status = actions.add_parser(
        "status", help="say how each part is; exit code 1 where one is not well, 3 without any"
    )
    status.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    status.set_defaults(command=_status)


def _add_up(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = actions.add_parser("up", help="start it, and say where it is when all is healthy")
    up.add_argument(
        "--port", type=_between(1, _LAST_PORT), default=0, help="of the API; default a free one"
    )
    up.add_argument(
        "--workers", type=_between(1, _MOST_WORKERS), default=2, help="Celery workers; default 2"
    )
    up.add_argument(
        "--concurrency",
        type=_between(1, _MOST_WORKERS),
        default=2,
        help="tasks that each worker runs at a time; default 2",
    )
    up.add_argument(
        "--broker",
        choices=_BROKERS,
        default="",
        help="default: redis where `redis-server` is on the PATH, else the same Postgres",
    )
    up.add_argument(
        "--env",
        type=_variable,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable for all of it; wins over services and settings; repeatable",
    )
    up.add_argument("--services", choices=BACKENDS, help=BACKENDS_HELP)
    up.set_defaults(command=_up)


def _up(options: argparse.Namespace) -> int:
    from dagproof import cluster

    live = Live(sys.stderr)
    settings = load_settings(Path.cwd())
    plan = cluster.Plan(
        root=settings.root,
        folder=_place().folder,
        port=options.port,
        workers=options.workers,
        concurrency=options.concurrency,
        broker=options.broker,
        backend=options.services or "",
        env=dict(options.env),
    )
    held = cluster.up(plan, live.progress)
    if held.fresh:
        live.progress(f"All is healthy, {held.record.seconds:.1f} s after the start")
    else:
        live.progress("It is up already; `dagproof cluster down` stops it")
    for line in _told(held.record):
        print(line)
    return 0


def _told(record: "Record") -> Iterator[str]:
    """Yield what it takes to use a cluster."""
    yield f"Airflow    {record.url}"
    yield f"user       {record.user}"
    yield f"password   {record.password}"
    if tracking := record.environment.get("MLFLOW_TRACKING_URI"):
        yield f"MLflow     {tracking}"
    yield f"broker     {record.broker}"
    yield f"logs       {record.logs}"
    yield f"task logs  {record.task_logs}"


def _down(_: argparse.Namespace) -> int:
    from dagproof import cluster

    stopped = cluster.down(_place())
    print("The cluster is stopped." if stopped else "No cluster was up.", file=sys.stderr)
    return 0


def _status(options: argparse.Namespace) -> int:
    from dagproof import cluster

    record = cluster.status(_place())
    if record is None:
        raise UnavailableError(
            "No cluster of this repository is up; `dagproof cluster up` starts one."
        )
    states = cluster.states(record)
    if options.format == "json":
        told = asdict(record)
        del told["password"], told["environment"]
        print(json.dumps(told | {"states": states}, indent=2))
    else:
        pids = {member.name: member for member in record.members}
        width = max(map(len, states))
        for name, state in states.items():
            member = pids.get(name)
            process = f"process {member.pid}" if member else ""
            again = f", started {member.restarts + 1} times" if member and member.restarts else ""
            print(f"{name:<{width}}  {state:<9}  {process}{again}".rstrip())
        for line in _told(record):
            print(line)
    return 0 if cluster.all_well(states) else 1


def _place() -> "ClusterPlace":
    from dagproof.cluster import default_place

    return default_place(load_settings(Path.cwd()).root)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=VALUE")
    return name, value


class _between:  # noqa: N801 - argparse names it where a value is refused
    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._first - 1
        if not self._first <= number <= self._last:
            raise argparse.ArgumentTypeError(
                f"`{text}` is no whole number from {self._first} to {self._last}"
            )
        return number
