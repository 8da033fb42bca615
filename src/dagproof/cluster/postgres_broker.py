"""The broker of a machine without Redis: Celery's queue in the metadata database."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from dagproof.services.addresses import METADATA_URL
from dagproof.services.postgres_cursor import database_cursor

LOST_SECONDS: Final = 20.0
"""After which a task that an ended worker had taken, and not begun, goes to another one.

As long as Airflow waits for the heartbeat of one that it had begun.
"""
_PATIENCE_SECONDS: Final = 2
_TAKEN: Final = "SELECT id FROM kombu_message WHERE NOT visible"
_GIVE_BACK: Final = """
UPDATE kombu_message SET visible = true FROM task_instance AS task
WHERE kombu_message.id = ANY(%s) AND task.state = 'queued'
AND task.external_executor_id = kombu_message.payload::json -> 'headers' ->> 'id'
AND NOT EXISTS (
    SELECT 1 FROM kombu_message AS other WHERE other.visible
    AND task.external_executor_id = other.payload::json -> 'headers' ->> 'id'
)
RETURNING kombu_message.id
"""


class PostgresBroker:
    """What workers take from Celery's SQLAlchemy broker is given back when they end.

    That broker forgets a message as soon as a worker has it: the task of one that is killed
    before it begins would stay queued, where Redis hands it to another one.

    Args:
        environment: of the services.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self, environment: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = environment[METADATA_URL]
        self._clock = clock
        self._worker_ended = False
        self._taken: deque[tuple[float, list[int]]] = deque()

    @property
    def url(self) -> str:
        """The broker's address, as Celery takes it."""
        return f"sqla+{self._database}"

    def worker_ended(self) -> None:
        """Have what any worker has taken looked at again: those that go on will have begun it."""
        self._worker_ended = True

    def look_after(self) -> None:
        """Note what is taken when a worker has ended; give back what nobody begins in a while."""
        now = self._clock()
        if self._worker_ended and (found := self._ask(_TAKEN)) is not None:
            self._taken.append((now + LOST_SECONDS, found))
            self._worker_ended = False
        if self._taken and self._taken[0][0] <= now:
            _, taken = self._taken[0]
            if self._ask(_GIVE_BACK, taken) is not None:
                self._taken.popleft()

    def _ask(self, query: str, *arguments: list[int]) -> list[int] | None:
        """Return the ids that the database answers; None while it does not."""
        try:
            with database_cursor(self._database, _PATIENCE_SECONDS) as cursor:
                cursor.execute(query, arguments)
                return [row[0] for row in cursor.fetchall()]
        except OSError:
            return None
