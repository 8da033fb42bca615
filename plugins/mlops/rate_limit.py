"""Keeps the calls of all workers below a limit: by default 20 calls of MLflow in any 60 seconds.

The state is one document under `DATA_ROOT/rate_limit`, since a task of Airflow 3 cannot reach the
metadata database, and a Variable is read and written in two steps, between which others come. It
lists when the latest calls may start. To call is to put the next moment on the list: now, but not
before the last one on it, and not before the one `calls` places back is `window` and twice `grace`
ago. `shared_state` sees to it that no two take the same place. Then the caller waits, first come
first served, and never fails for having to. One that wakes up more than `grace` seconds late, since
its machine was busy, takes another place; clocks of machines may differ by as much again. So any
`window` holds at most `calls` starts, whoever is killed at whatever point: a place that nobody uses
costs others a moment and no call.

`python -m mlops.rate_limit mlflow_api` prints the state, with `--reset` it forgets it; the folder
`plugins` must be on PYTHONPATH. `RATE_LIMIT_MLFLOW_API=50/60` sets another limit for `mlflow_api`.
"""

import argparse
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from mlops import shared_state, storage, task_context
from mlops.names import is_finite

MLFLOW: Final = "mlflow_api"
_NEVER: Final = 1e11  # seconds since 1970; who writes milliseconds is beyond

_log = logging.getLogger(__name__)


class RateLimitError(Exception):
    """A limit cannot be kept as it is told; one sentence."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many calls in so many seconds, over all processes that share DATA_ROOT.

    Attributes:
        name: what is limited; also the name of the state's file.
        calls: how many there may be in a window.
        window: its seconds.
        grace: how many seconds a call may start late, and clocks may differ by.
        clock: tells seconds since 1970.
        sleep: waits some seconds.
    """

    name: str = MLFLOW
    calls: int = 20
    window: float = 60.0
    grace: float = 0.5
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        """Refuse what no call could keep to.

        Raises:
            RateLimitError: it is not so.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(self.name)):
            raise RateLimitError(
                f"`{self.name}` cannot name a rate limit; use small letters, digits and `_`."
            )
        if not is_finite(self.calls, int) or self.calls < 1:
            raise RateLimitError(
                f"`{self.calls}` calls are no limit; give `{self.name}` a whole number from 1 on."
            )
        if not (is_finite(self.window) and is_finite(self.grace)) or (
            self.window <= 0 or self.grace < 0
        ):
            raise RateLimitError(
                f"`{self.window}` seconds with `{self.grace}` of grace are no window; give "
                f"`{self.name}` more than none."
            )


class rate_limited(ContextDecorator):  # noqa: N801 - it is used like a function
    """Take one call of a limit before a block, or before each call of a decorated function."""

    def __init__(self, limit: RateLimit | str = MLFLOW) -> None:
        """Name the limit.

        Args:
            limit: the limit; a name means that of `configured`.
        """
        self._limit = limit

    def __enter__(self) -> Self:
        """Wait until the block may start.

        Raises:
            mlops.storage.StorageError: the state cannot be reached.
            RateLimitError: the environment sets a limit that is none.
        """
        acquire(configured(self._limit) if isinstance(self._limit, str) else self._limit)
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: a call counts from its start."""


def configured(name: str = MLFLOW) -> RateLimit:
    """Return the limit of that name: that of `RATE_LIMIT_<NAME>`, else 20 calls in 60 seconds.

    Raises:
        RateLimitError: the environment variable does not read like `20/60`.
    """
    variable = f"RATE_LIMIT_{name.upper()}"
    told = os.environ.get(variable)
    if not told:
        return RateLimit(name)
    read = re.fullmatch(r"([0-9]+)/([0-9]+(?:\.[0-9]+)?)", told.strip())
    if read is None:
        raise RateLimitError(f"{variable} is `{told}`; write calls and seconds, as in `20/60`.")
    return RateLimit(name, int(read[1]), float(read[2]))


def acquire(limit: RateLimit) -> float:
    """Wait until one more call may start; return how many seconds that took.

    Raises:
        mlops.storage.StorageError: the state cannot be reached, or is damaged.
    """
    tell = _stats()  # before the wait: its first use may look up a host
    if tell is not None:
        tell.incr(f"rate_limit.{limit.name}.calls")
    began = limit.clock()
    hit = False
    while True:
        start, asked = shared_state.change(
            _uri(limit.name), lambda document: _next(document, limit), sleep=limit.sleep
        )
        if start > asked:
            hit = True
            _log.info("Waiting %.1f s for the rate limit `%s`.", start - asked, limit.name)
        while (now := limit.clock()) < start:
            limit.sleep(start - now)
        if now <= start + limit.grace:
            if hit and tell is not None:
                tell.incr(f"rate_limit.{limit.name}.hits")
                tell.timing(f"rate_limit.{limit.name}.waits", timedelta(seconds=now - began))
            return now - began
        _log.info("%.1f s late for the rate limit `%s`; waiting again.", now - start, limit.name)


def state(name: str = MLFLOW) -> dict[str, Any] | None:
    """Return the state of a limit, or None before its first call.

    Returns:
        `calls` and `window` of who called last, and when (`asked`), `taken` (calls since the last
        reset) and `starts`, when the latest of them might start, in seconds since 1970.

    Raises:
        mlops.storage.StorageError: the state cannot be reached, or is damaged.
    """
    document = shared_state.read(_uri(name))
    return None if document is None else _checked(document, name)


def reset(name: str = MLFLOW) -> None:
    """Forget the calls of a limit; those that wait already go on waiting.

    Raises:
        mlops.storage.StorageError: the state cannot be reached.
    """
    storage.remove(_uri(name))


def _next(document: Any, limit: RateLimit) -> tuple[dict[str, Any], tuple[float, float]]:
    """Put one more start on the list; return it, and when it was asked for.

    The list never goes back in time, whatever clocks do.
    """
    before = {} if document is None else _checked(document, limit.name)
    starts = before.get("starts", [])
    now = limit.clock()
    behind = before.get("asked", now) - now
    if behind > limit.grace:
        _log.warning(
            "The clock of this machine is %.1f s behind that of the caller before, more than the "
            "rate limit `%s` allows for; set the clocks.", behind, limit.name,
        )  # fmt: skip
    start = max(now, starts[-1] if starts else 0.0)
    if len(starts) >= limit.calls:
        start = max(start, starts[-limit.calls] + limit.window + 2 * limit.grace)
    kept = max(limit.calls, len(starts))  # somebody else's limit may be higher
    after = {
        "calls": limit.calls,
        "window": limit.window,
        "asked": now,
        "taken": before.get("taken", 0) + 1,
        "starts": [*starts, start][-kept:],
    }
    return after, (start, now)


def _checked(document: Any, name: str) -> dict[str, Any]:
    starts = document.get("starts") if isinstance(document, Mapping) else None
    if (
        not isinstance(starts, list)
        or not all(is_finite(moment) and moment < _NEVER for moment in starts)
        or not is_finite(document.get("asked", 0))
        or not all(is_finite(document.get(key), int) for key in ("calls", "taken"))
    ):
        raise storage.StorageError(
            f"{_uri(name)} is no state of a rate limit; remove it with "
            f"`python -m mlops.rate_limit {name} --reset`."
        )
    return dict(document)


def _uri(name: str) -> str:
    return storage.uri("rate_limit", f"{name}.json")


def _stats() -> Any:
    """Return Airflow's Stats, inside a task."""
    if task_context.current() is None:
        return None
    try:
        from airflow.sdk.observability.stats import Stats
    except ImportError:  # Airflow 3.0, 3.1
        from airflow.stats import Stats
    return Stats


def main(arguments: list[str] | None = None) -> None:
    """Print the state of a limit, or forget it."""
    parser = argparse.ArgumentParser(prog="python -m mlops.rate_limit", description=main.__doc__)
    parser.add_argument("name", nargs="?", default=MLFLOW)
    parser.add_argument("--reset", action="store_true", help="forget the calls there were")
    told = parser.parse_args(arguments)
    if told.reset:
        reset(told.name)
    print(json.dumps(state(told.name), indent=2))


if __name__ == "__main__":
    main()
