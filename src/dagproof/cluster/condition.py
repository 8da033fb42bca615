"""How each part of a running cluster is: each that can be asked is asked, at the same time."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.components import answering_workers
from dagproof.cluster.broker import redis_answers, redis_url
from dagproof.cluster.health import HEALTHY, NO_ANSWER, health, service_state
from dagproof.cluster.record import Record
from dagproof.services.addresses import MLFLOW_PROBE, S3_ENDPOINT, TRACKING_URI

RUNS: Final = "running"
"""Of a process that cannot be asked: the kernel says that it runs, and nobody says how well."""

STOPPED: Final = "stopped"
ENDED: Final = "ended"
_ANSWER_SECONDS: Final = 3.0
"""Within which a part must answer; those that are well do so in a fraction of a second."""

_BY_LETTER: Final = {"T": STOPPED, "t": STOPPED, "Z": ENDED, "X": ENDED}


def states(record: Record) -> dict[str, str]:
    """Return how each part of a running cluster is, by its name.

    Returns:
        `healthy` where the part answers, or its heartbeat is fresh; `running` where nothing is
        known but that its process runs; `stopped` by a signal; `ended`; `no answer`; or what
        Airflow says of it.
    """
    asked: dict[str, Callable[[], Mapping[str, str]]] = {
        "airflow": lambda: health(record.url, _ANSWER_SECONDS),
        "workers": lambda: _workers(record),
        "services": lambda: _services(record),
    }
    with ThreadPoolExecutor(len(asked)) as threads:
        said = {
            name: state
            for answers in threads.map(lambda ask: ask(), asked.values())
            for name, state in answers.items()
        }
    for member in record.members:
        seen = process_state(member.pid)
        said[member.name] = said.get(member.name, RUNS) if seen == RUNS else seen
    return said


def all_well(found: Mapping[str, str]) -> bool:
    """Say whether no part is known to be unwell."""
    return set(found.values()) <= {HEALTHY, RUNS}


def process_state(pid: int) -> str:
    """Return whether a process runs, is stopped, or has ended."""
    try:
        os.kill(pid, 0)
        if sys.platform == "linux":
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            return _BY_LETTER.get(after_name.split()[0], RUNS)
    except OSError:
        return ENDED
    return RUNS


def _workers(record: Record) -> Mapping[str, str]:
    """Ask Redis, and through it the workers; a broker in a database carries no questions."""
    if not record.redis:
        return {}
    if not redis_answers(Path(record.redis)):
        return {"redis": NO_ANSWER}
    names = [one.name for one in record.members if one.name.startswith("worker-")]
    answering = answering_workers(redis_url(Path(record.redis)), names, _ANSWER_SECONDS)
    answered = {name: HEALTHY if name in answering else NO_ANSWER for name in names}
    return {"redis": HEALTHY, **answered}


def _services(record: Record) -> Mapping[str, str]:
    found = {}
    with contextlib.suppress(KeyError):
        url = record.environment[TRACKING_URI] + MLFLOW_PROBE
        found["mlflow"] = service_state(url, _ANSWER_SECONDS)
    with contextlib.suppress(KeyError):
        found["s3"] = service_state(record.environment[S3_ENDPOINT], _ANSWER_SECONDS)
    return found
