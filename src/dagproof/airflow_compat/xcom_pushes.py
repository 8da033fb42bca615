"""Watches what a task pushes to XCom while it runs, and what a consumer will get of it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

from dagproof.airflow_compat import xcoms
from dagproof.airflow_compat.xcoms import RETURN_VALUE, Trip

_WATCHED_BYTES: Final = 16 * 1024 * 1024
"""How much JSON of one attempt is kept to see whether values change after they were pushed."""

_FIXED: Final = (str, int, float, bytes, type(None))


@dataclass(frozen=True, slots=True)
class Push:
    """A value that a task pushed.

    Attributes:
        task_id: of the task, with its groups.
        key: of the XCom.
        value: what was pushed, or what has become of it where `changed`.
        trip: what a consumer gets.
        place: absolute path and line of the task's callable; None where it has none.
        changed: whether this tells of an earlier push whose value has changed since.
    """

    task_id: str
    key: str
    value: object
    trip: Trip
    place: tuple[str, int] | None = None
    changed: bool = False


OnPush = Callable[[Push], None]
"""Told of each push of an attempt at once, and at its end of the values that have changed."""


@contextlib.contextmanager
def pushes_watched(task: Any, tell: OnPush) -> Iterator[None]:
    """Tell of what is pushed in this process through the configured backend.

    What the backend itself does is left as it is: its values are only read once more.

    Args:
        task: the operator that runs.
        tell: told; nothing that it raises is kept from the task.
    """
    watch = _Watch(xcoms.backend(), str(task.task_id), _place(task), tell)
    with watch.patched():
        yield
    watch.tell_changes()


class _Watch:
    """The pushes of one attempt."""

    def __init__(
        self, owner: Any, task_id: str, place: tuple[str, int] | None, tell: OnPush
    ) -> None:
        self._owner = owner
        self._task_id = task_id
        self._place = place
        self._tell = tell
        self._serialized: list[Any] = []
        self._kept: dict[str, tuple[Any, bytes, bytes]] = {}
        self._left = _WATCHED_BYTES

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        owner, serialize, set_now = self._owner, self._owner.serialize_value, self._owner.set

        def serialize_value(value: Any, **where: Any) -> Any:
            result = serialize(value, **where)
            self._serialized[:] = [result]
            return result

        def push(*arguments: Any, **options: Any) -> Any:
            with self._noticed(*arguments, **options):
                return set_now(*arguments, **options)

        with contextlib.ExitStack() as stack:
            patch = mock.patch.object
            stack.enter_context(patch(owner, "serialize_value", staticmethod(serialize_value)))
            stack.enter_context(patch(owner, "set", staticmethod(push)))
            set_later = getattr(owner, "aset", None)  # since 3.3
            if set_later is not None:

                async def apush(*arguments: Any, **options: Any) -> Any:
                    with self._noticed(*arguments, **options):
                        return await set_later(*arguments, **options)

                stack.enter_context(patch(owner, "aset", staticmethod(apush)))
            yield

    @contextlib.contextmanager
    def _noticed(self, key: str, value: Any, **where: Any) -> Iterator[None]:
        self._serialized.clear()
        place = {name: where.get(name) for name in ("dag_id", "task_id", "run_id", "map_index")}
        try:
            yield
        except Exception as error:
            if self._serialized:
                trip = xcoms.sent(self._serialized.pop(), value, where={**place, "key": key})
            else:
                trip = Trip(failure=xcoms.failed("push", error, self._owner))
            self._tell(Push(self._task_id, key, value, trip, self._place))
            raise
        if self._serialized:
            serialized = self._serialized.pop()
            trip = xcoms.sent(serialized, value, where={**place, "key": key})
            self._keep(key, value, serialized, trip)
            self._tell(Push(self._task_id, key, value, trip, self._place))

    def _keep(self, key: str, value: Any, serialized: Any, trip: Trip) -> None:
        """Remember a value that may change yet; what is returned is pushed when all is over."""
        self._kept.pop(key, None)
        size = trip.stored
        if key == RETURN_VALUE or size is None or size > self._left or isinstance(value, _FIXED):
            return
        plain = _plain_json(value)
        if trip.read_back and plain is not None:
            self._left -= size + len(plain)
            self._kept[key] = (value, plain, xcoms.as_json(serialized))

    def tell_changes(self) -> None:
        for key, (value, plain, text) in self._kept.items():
            if _plain_json(value) not in (plain, None):
                with xcoms.silent(), contextlib.suppress(Exception):
                    trip = Trip(xcoms.pull(text, key), len(text), read_back=True)
                    self._tell(Push(self._task_id, key, value, trip, self._place, changed=True))


def _plain_json(value: Any) -> bytes | None:
    """Return a value's JSON as Airflow's own backend has it; None where it has none."""
    from airflow.sdk.bases.xcom import BaseXCom

    with xcoms.silent(), contextlib.suppress(Exception):
        return xcoms.as_json(BaseXCom.serialize_value(value))
    return None


def _place(task: Any) -> tuple[str, int] | None:
    code = getattr(_innermost(getattr(task, "python_callable", None)), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code is not None else None


def _innermost(function: Any) -> Any:
    seen = 0
    while hasattr(function, "__wrapped__") and seen < 100:  # noqa: PLR2004 - a circle of wrappers
        function, seen = function.__wrapped__, seen + 1
    return function
