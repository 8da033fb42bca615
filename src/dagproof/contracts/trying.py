"""Looks for the smallest values with which something goes wrong, the same ones each time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from dagproof.contracts.annotations import UnprovedError
from dagproof.contracts.undisturbed import undisturbed

Fault = TypeVar("Fault")


class _FoundError(Exception):
    """Tells Hypothesis that a value is worth to be made smaller."""


def smallest(
    strategy: SearchStrategy[Any],
    faults: Callable[[Any], Sequence[tuple[str, Fault]]],
    *,
    tries: int,
) -> dict[str, Fault]:
    """Return for each name of a fault the fault of the smallest value that has it.

    Nothing is read from or written to a database of examples, and no clock is looked at.

    Args:
        strategy: makes the values.
        faults: returns the names and the faults of a value; must not raise.
        tries: how many values are made in each search.

    Raises:
        UnprovedError: no value can be made.
    """
    found: dict[str, Fault] = {}
    while (fault := _one(strategy, faults, found, tries)) is not None:
        found[fault[0]] = fault[1]
    return found


def _one(
    strategy: SearchStrategy[Any],
    faults: Callable[[Any], Sequence[tuple[str, Fault]]],
    known: dict[str, Fault],
    tries: int,
) -> tuple[str, Fault] | None:
    """Return a fault whose name is not known, of the smallest value that was found."""
    wanted: list[str] = []
    last: list[tuple[str, Fault]] = []

    def judge(value: Any) -> None:
        for name, fault in faults(value):
            if name not in known and name in (wanted or [name]):
                wanted[:] = [name]
                last[:] = [(name, fault)]
                raise _FoundError

    search = settings(
        max_examples=tries,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    try:
        with undisturbed():
            search(given(strategy)(judge))()
    except _FoundError:
        return last[0]
    except Exception as error:
        if last:  # it went wrong once, and something else when it was tried again
            return last[0]
        said = str(error).partition("\n")[0].rstrip(".")
        made = "no value can be made" if isinstance(error, HypothesisException) else "its class"
        verb = "" if isinstance(error, HypothesisException) else " raises"
        raise UnprovedError(f"{made}{verb}: {type(error).__name__}: {said}") from error
    return None
