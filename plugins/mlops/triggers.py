"""Waits in the triggerer, beside its event loop, for what the deferred sensors wait for."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import lru_cache
from typing import Any, ClassVar, Final

from airflow.triggers.base import BaseTrigger, TriggerEvent

from mlops import waiting
from mlops.mlflow_session import TrackingError
from mlops.storage import StorageError

_AT_ONCE: Final = 32  # questions; the others wait for their turn
_LAST_ANSWER: Final = 30.0  # seconds that an answer may come after the deadline


class WaitingTrigger(BaseTrigger):
    """Asks again and again, in a thread, until there is an answer or the time is over.

    Its event is `{"found": …, "problem": …}`: what was found, or None when the time was over; then
    the sentence why nobody could say, or None if the answer was no to the end. The deadline is a
    moment, not a duration: a triggerer that is restarted does not begin to wait anew. The addresses
    come from the sensor, so that the triggerer need not be told where MLflow and the data are.
    """

    awaited_class: ClassVar[type[waiting.Awaited]]

    def __init__(self, *, poke_interval: float, deadline: float, **awaited: Any) -> None:
        """Say what to wait for.

        Args:
            poke_interval: seconds from one answer to the next question.
            deadline: seconds since 1970, after which there are no more questions.
            awaited: the fields of the awaited.
        """
        super().__init__()
        self.poke_interval = poke_interval
        self.deadline = deadline
        self.awaited = self.awaited_class(**awaited)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return class path and arguments, plain data all of them."""
        kind = type(self)
        return f"{kind.__module__}.{kind.__qualname__}", {
            "poke_interval": self.poke_interval,
            "deadline": self.deadline,
            **asdict(self.awaited),
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event."""
        while True:
            found, problem = await self._look()
            if problem:
                self.log.warning("Nobody can say yet: %s", problem)
            left = self.deadline - time.time()
            if found is not None or left <= 0:
                yield TriggerEvent({"found": found, "problem": problem})
                return
            await asyncio.sleep(min(self.poke_interval, left))

    async def _look(self) -> tuple[dict[str, Any] | None, str | None]:
        """Return what was found, and why nobody can say; gives up soon after the deadline."""
        answer = asyncio.get_running_loop().run_in_executor(_threads(), self.awaited.look)
        left = max(self.deadline - time.time(), 0.0)
        try:
            return await asyncio.wait_for(answer, left + _LAST_ANSWER), None
        except (TrackingError, StorageError) as error:
            return None, str(error)
        except TimeoutError:
            return None, f"Nobody said in time whether there is {self.awaited}."


class ModelVersionTrigger(WaitingTrigger):
    """Waits for a version of a registered model."""

    awaited_class = waiting.VersionAwaited


class ModelAliasTrigger(WaitingTrigger):
    """Waits for an alias of a registered model."""

    awaited_class = waiting.AliasAwaited


class FreshDataTrigger(WaitingTrigger):
    """Waits for a file."""

    awaited_class = waiting.DataAwaited


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """Return threads of our own: asyncio's are few, and it looks up host names in them."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mlops-waiting")
