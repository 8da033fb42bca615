"""Sends values through the configured XCom backend and back, as a task and its consumer do."""

import contextlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

from dagproof.airflow_compat.xcom_storage import elsewhere, is_out_of_reach

RETURN_VALUE: Final = "return_value"
LARGEST_READ_BACK: Final = 16 * 1024 * 1024
"""Bytes of JSON above which a value is not read back: that takes many seconds and much memory."""

_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

_PLACE: Final[Mapping[str, Any]] = {
    "dag_id": "dagproof",
    "task_id": "dagproof",
    "run_id": "manual__dagproof",
    "map_index": -1,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a value got stuck.

    Attributes:
        stage: `push` where the backend cannot serialize it, `non-finite` where JSON refuses NaN
            or infinity, `wire` where the message to the supervisor or the API refuses it, `pull`
            where it cannot be read back, `storage` where the backend could not reach its own.
        type: the class name of the exception.
        text: what it says, its first line.
    """

    stage: str
    type: str
    text: str

    @property
    def words(self) -> str:
        """The exception in one line."""
        return f"{self.type}: {self.text}" if self.text else self.type


@dataclass(frozen=True, slots=True)
class Trip:
    """What became of a value.

    Attributes:
        pulled: what a consumer gets; None where there is a failure, or it was not read back.
        stored: bytes of JSON for the metadata database; None where it did not get there.
        elsewhere: bytes that the backend keeps in local files beside it; None where unknown.
        failure: where it got stuck; None where it did not.
        read_back: whether `pulled` means anything.
    """

    pulled: object = None
    stored: int | None = None
    elsewhere: int | None = None
    failure: Failure | None = None
    read_back: bool = False


def backend() -> Any:
    """Return the XCom class that this process is configured to use."""
    from airflow.sdk.execution_time.xcom import XCom

    return XCom


@contextlib.contextmanager
def configured() -> Iterator[None]:
    """Use the XCom class that is configured now: Airflow chose one when it was imported."""
    from airflow.sdk.execution_time import task_runner, xcom

    chosen = xcom.resolve_xcom_backend()
    with (
        mock.patch.object(xcom, "XCom", chosen),
        mock.patch.object(task_runner, "XCom", chosen),
    ):
        yield


def round_trip(
    value: object,
    *,
    key: str = RETURN_VALUE,
    place: Mapping[str, Any] | None = None,
    backend_class: Any = None,
    keep: bool = False,
) -> Trip:
    """Push and pull a value without a database; never raises.

    Args:
        value: of any kind.
        key: the XCom's key.
        place: `dag_id`, `task_id`, `run_id` and `map_index`, or some of them.
        backend_class: a subclass of `BaseXCom`; the configured one when None.
        keep: leave what the backend stored elsewhere, which is purged otherwise.
    """
    owner = backend_class or backend()
    where = {**_PLACE, **(place or {}), "key": key}
    with silent():
        try:
            serialized = owner.serialize_value(value, **where)
        except Exception as error:  # noqa: BLE001 - backends and values are anybody's
            return Trip(failure=failed("push", error, owner))
        try:
            return sent(serialized, value, where=where, owner=owner)
        finally:
            if not keep:
                purge(owner, key, serialized)


def sent(serialized: Any, value: object, *, where: Mapping[str, Any], owner: Any = None) -> Trip:
    """Carry on where a value has been serialized: JSON, the metadata database, and back.

    Args:
        serialized: what `serialize_value` gave.
        value: what it was.
        where: `key`, `dag_id`, `task_id`, `run_id` and `map_index`.
        owner: the backend; the configured one when None.
    """
    owner = owner or backend()
    try:
        text = _through_the_wire(serialized, where)
    except Exception as error:  # noqa: BLE001 - the same
        stage = "non-finite" if _is_non_finite(serialized) else "wire"
        return Trip(failure=failed(stage, error, owner))
    beside = elsewhere(text, value, owner)
    if len(text) > LARGEST_READ_BACK:
        return Trip(stored=len(text), elsewhere=beside)
    try:
        pulled = pull(text, where["key"], owner)
    except Exception as error:  # noqa: BLE001 - the same
        return Trip(stored=len(text), elsewhere=beside, failure=failed("pull", error, owner))
    return Trip(pulled, len(text), beside, read_back=True)


def push(value: object, place: Mapping[str, Any], backend_class: Any = None) -> bytes:
    """Return the JSON that goes into the database for a value.

    Raises:
        Exception: whatever the backend, the message to the supervisor or JSON raises.
    """
    where = {**_PLACE, "key": RETURN_VALUE, **place}
    return _through_the_wire((backend_class or backend()).serialize_value(value, **where), where)


def as_stored(text: bytes, key: str = RETURN_VALUE) -> Any:
    """Return what Airflow gives a backend to read or to purge."""
    from airflow.sdk.execution_time.comms import XComResult

    return XComResult(key=key, value=json.loads(text))


def pull(text: bytes, key: str, owner: Any = None) -> object:
    """Return what a consumer gets of a value whose JSON is stored.

    Raises:
        Exception: whatever the backend raises.
    """
    stored = as_stored(text, key)
    if stored.value is None:
        return None  # as `get_one` has it, without asking the backend
    value: object = (owner or backend()).deserialize_value(stored)
    return value


def purge(owner: Any, key: str, serialized: object) -> None:
    """Have the backend remove what it stored elsewhere."""
    with silent(), contextlib.suppress(Exception):
        owner.purge(SimpleNamespace(key=key, value=serialized))


def allow_classes_of(dag: Any) -> None:
    """Allow for reading back what Airflow 3.3 allows because operators of the DAG declare it."""
    from airflow.sdk.execution_time import task_runner

    register = getattr(task_runner, "_register_deserialization_allowed_classes", None)
    if register is not None:
        with contextlib.suppress(Exception):
            register(dag, logging.getLogger(__name__))


def is_sensitive(name: str) -> bool:
    """Return whether Airflow's secrets masker hides values of that name, as it is configured."""
    return bool(_masker().should_hide_value_for_key(name))


def is_masked(text: str) -> bool:
    """Return whether all of a text is a secret that the masker has been told in this process."""
    return bool(_masker().redact(text) == "***" != text)


def _masker() -> Any:
    try:
        from airflow.sdk._shared import secrets_masker
    except ImportError:  # before 3.1
        from airflow.sdk.execution_time import secrets_masker
    return secrets_masker


def _through_the_wire(serialized: Any, where: Mapping[str, Any]) -> bytes:
    """Return the JSON that the API server is sent, where the message to the supervisor holds it.

    Raises:
        Exception: JSON, the message or Postgres refuses it.
    """
    from airflow.sdk.execution_time.comms import SetXCom, _RequestFrame

    text = as_json(serialized)
    if len(text) <= LARGEST_READ_BACK:
        _RequestFrame(id=0, body=SetXCom(value=serialized, **where).model_dump()).as_bytes()
    if rb"\u0000" in text and _NUL.search(text):
        raise ValueError("a text with the character NUL, which Postgres refuses")
    return text


def as_json(value: object) -> bytes:
    """Return JSON as the client of the execution API writes it.

    Raises:
        ValueError: NaN, infinity, a circle or a lone surrogate.
        TypeError: JSON has no form for it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _is_non_finite(serialized: object) -> bool:
    """Say whether NaN or infinity is all that JSON has against a value."""
    try:
        json.dumps(serialized)
    except Exception:  # noqa: BLE001 - then it is something else that JSON refuses
        return False
    try:
        json.dumps(serialized, allow_nan=False)
    except ValueError:
        return True
    return False


def failed(stage: str, error: Exception, owner: Any) -> Failure:
    """Return where a value got stuck, and whether it was because of the backend's own storage."""
    from airflow.sdk.bases.xcom import BaseXCom

    if stage in ("push", "pull") and owner is not BaseXCom and is_out_of_reach(error):
        stage = "storage"
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - it is the user's
        text = ""
    return Failure(stage, type(error).__name__, text.strip().partition("\n")[0])


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep serializers and backends from logging what is told otherwise."""
    before = logging.root.manager.disable
    if before >= logging.CRITICAL:
        yield
        return
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
