"""Becomes one of Airflow's own processes, in a fork of one that has loaded them all."""

import contextlib
import importlib
import re
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any, Final

from dagproof.model import UnavailableError

_CORE: Final = "apache-airflow-core"
_PROVIDER: Final = "apache-airflow-providers-celery"
_QUEUES_ITSELF: Final = (3, 1)
"""The first Airflow whose executors have a queue in common."""

_LEAVES_QUEUES: Final = (3, 16)
"""The first provider whose executor has none of its own any more."""

_TELLS_RUNNING: Final = (3, 1, 9)
"""The first Airflow that says of a task that it runs already, when another worker asks for it."""

_EXECUTION: Final = "airflow/providers/celery/executors/celery_executor_utils.py"
"""Where the provider heeds that, or does not yet."""

_NEEDED: Final = (
    "airflow.__main__",
    "airflow.cli.cli_parser",
    "airflow.settings",
    "airflow.providers_manager",
    # Celery 5.7 lacks a name that the provider imports, which shows here.
    "airflow.providers.celery.executors.celery_executor",
    "airflow.providers.celery.cli.celery_command",
)
_LOADED: Final = (
    "airflow.models.dagbag",
    "airflow.models.serialized_dag",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.auth.managers.simple.simple_auth_manager",
    "airflow.api_fastapi.core_api.app",
    "airflow.api_fastapi.core_api.routes.public",
    "airflow.api_fastapi.core_api.routes.ui",
    "airflow.api_fastapi.execution_api.app",
    "airflow.api_fastapi.execution_api.routes",
    "airflow.jobs.scheduler_job_runner",
    "airflow.jobs.dag_processor_job_runner",
    "airflow.jobs.triggerer_job_runner",
    "airflow.dag_processing.manager",
    "airflow.sdk",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.timetables.trigger",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.operators.bash",
    "celery.apps.worker",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.backends.database",
    "uvicorn",
)
"""What one component or another imports when it starts; each Airflow has most of it."""


def check_installed(*, redis: bool) -> None:
    """Complain when Airflow cannot run tasks by Celery here.

    Args:
        redis: whether Celery's broker is Redis.

    Raises:
        UnavailableError: a package is missing, or does not fit the others.
    """
    for package in (_CORE, _PROVIDER, *(["redis"] * redis)):
        if not installed(package):
            raise UnavailableError(f"`{package}` is not installed. Install `dagproof[cluster]`.")
    if _numbers(_CORE)[:2] < _QUEUES_ITSELF and _numbers(_PROVIDER)[:2] >= _LEAVES_QUEUES:
        raise UnavailableError(
            f"Airflow {version(_CORE)} hands no task to `{_PROVIDER}` {version(_PROVIDER)}. "
            f"Install `{_PROVIDER}<3.16`, or Airflow 3.1 or later."
        )


def ignores_repetition() -> bool:
    """Say whether a task goes on when the broker hands its message out again.

    Else the second worker, which is refused, has Airflow fail the task that runs on the first.
    """
    provider = distribution(_PROVIDER).locate_file(_EXECUTION)
    told = Path(str(provider)).read_text("utf-8")
    return _numbers(_CORE) >= _TELLS_RUNNING and "TaskAlreadyRunningError" in told


def _numbers(package: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version(package))[:3])


def installed(package: str) -> bool:
    """Say whether a distribution is there, without importing anything of it."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def load_components() -> None:
    """Import what Airflow's processes run, so that each can be forked instead of started.

    Raises:
        UnavailableError: Airflow does not load, or has started a thread, which a fork would lose.
    """
    try:
        for name in _NEEDED:
            importlib.import_module(name)
        for name in _LOADED:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        from airflow.configuration import write_default_airflow_configuration_if_needed

        write_default_airflow_configuration_if_needed()  # once, and not by all at the same time
    except Exception as error:
        raise UnavailableError(f"Airflow does not load: {error!r}.") from error
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise UnavailableError(f"Airflow has started threads while it was loaded: {names}.")


def make_queue(url: str) -> None:
    """Make the tables and the queue of a broker in a database: workers that all do so at once fail.

    Args:
        url: of the broker, as Celery takes it: `sqla+…`.
    """
    from airflow.configuration import conf
    from kombu import Connection
    from kombu.transport.sqlalchemy import Channel

    with Connection(url) as connection:
        connection.SimpleQueue(conf.get("operators", "default_queue")).close()
    while Channel._engines:  # noqa: SLF001 - a fork must not inherit its connections
        Channel._engines.popitem()[1][0].dispose()  # noqa: SLF001 - the same


def answering_workers(url: str, names: Collection[str], seconds: float) -> set[str]:
    """Return the Celery workers that answer, by the names that they were started with.

    Args:
        url: of a broker that has remote control, as Celery takes it.
        names: of the workers to ask.
        seconds: to wait for the last of them.
    """
    from celery import Celery

    app = Celery(broker=url, set_as_current=False)
    timeouts = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    app.conf.update(broker_transport_options=timeouts, broker_connection_retry=False)
    nodes = {f"celery@{name}": name for name in names}
    try:
        answers = app.control.ping(destination=list(nodes), timeout=seconds)
    except Exception:  # noqa: BLE001 - a broker that fails, by whichever library, lets none answer
        return set()
    finally:
        app.close()
    return {nodes[node] for answer in answers for node in answer if node in nodes}


def run_component(arguments: Sequence[str], ready: Callable[[], None]) -> None:
    """Do what `airflow` does with some arguments, in this process.

    Args:
        arguments: after `airflow`.
        ready: called when a Celery worker takes tasks; others are asked over HTTP.
    """
    if tuple(arguments[:2]) == ("celery", "worker"):
        from celery.signals import worker_ready

        def tell(**_: Any) -> None:
            ready()

        worker_ready.connect(tell, weak=False)
    from airflow.__main__ import main

    sys.argv = ["airflow", *arguments]
    main()
