"""Says of a value that a task pushed in a run what became of it, without keeping the value."""

from functools import partial

from dagproof.airflow_compat.xcom_pushes import Push
from dagproof.airflow_compat.xcoms import is_masked, is_sensitive
from dagproof.contracts.losses import compare, diff
from dagproof.contracts.secrets_in import redacted, secrets_in
from dagproof.contracts.troubles import (
    LOSSY,
    MUTATED,
    OUT_OF_REACH,
    STORED_BYTES,
    Trouble,
    code,
    troubles,
)
from dagproof.model import XComRecord, XComTrouble


def recorder(budget: int = STORED_BYTES) -> "partial[XComRecord]":
    """Return what makes a record of a push.

    Args:
        budget: bytes of JSON that a value may take in the metadata database.
    """
    return partial(record, budget=budget)


def record(push: Push, *, budget: int = STORED_BYTES) -> XComRecord:
    """Return what there is to say of a push.

    Args:
        push: of a run.
        budget: bytes of JSON that the value may take in the metadata database.
    """
    told = _changed(push) if push.changed else troubles(push.value, push.trip, budget=budget)
    told = [one for one in told if one.offence != OUT_OF_REACH]
    lossy = next((one for one in told if one.offence == LOSSY), None)
    kind = type(push.value)
    path, line = push.place or ("", 1)
    return XComRecord(
        key=push.key,
        type=kind.__qualname__ if kind.__module__ == "builtins" else _qualified(kind),
        stored=push.trip.stored,
        elsewhere=push.trip.elsewhere,
        readable=push.trip.failure is None,
        loss=_sentence(push, lossy) if lossy else "",
        diff=lossy.detail if lossy else "",
        troubles=tuple(XComTrouble(one.offence, _sentence(push, one), one.detail) for one in told),
        path=path,
        line=line,
    )


def _qualified(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _sentence(push: Push, trouble: Trouble) -> str:
    return f"{code(push.task_id)} pushed {code(push.key)}, and {trouble.predicate}"


def _changed(push: Push) -> list[Trouble]:
    """Say how a value differs from the one that was pushed."""
    secrets = secrets_in(push.value, is_sensitive=is_sensitive, is_masked=is_masked)
    secrets += secrets_in(push.trip.pulled, is_sensitive=is_sensitive, is_masked=is_masked)
    comparison = compare(push.value, push.trip.pulled)
    if not comparison.losses:
        return []
    predicate = "it changed the value afterwards, which reaches nobody"
    return [Trouble(MUTATED, predicate, redacted(diff(comparison), secrets))]
