"""Tries what tasks promise to XCom: values of their return annotations, pushed and pulled."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof.airflow_compat.xcoms import RETURN_VALUE, round_trip, silent
from dagproof.contracts.annotations import (
    NO_PROMISE,
    UnprovedError,
    in_words,
    place_of,
    return_annotation,
)
from dagproof.contracts.broken import UNPROVED, Broken
from dagproof.contracts.loss import shown
from dagproof.contracts.returned import strategy
from dagproof.contracts.troubles import (
    NON_FINITE,
    OUT_OF_REACH,
    STORED_BYTES,
    UNPUSHABLE,
    Trouble,
    code,
    troubles,
    way_troubles,
)
from dagproof.contracts.trying import smallest
from dagproof.contracts.undisturbed import undisturbed

TRIES: Final = 40
"""Values of an annotation: most types break with the first few, or never."""

OnValue = Callable[[object], None]
"""Told of each value that goes through XCom."""

_known: dict[object, tuple[Sequence[Trouble], str, int]] = {}
"""What was found of an annotation in this process: many tasks return a `dict[str, str]`."""


def nobody(_: object) -> None:
    """Be told, and do nothing."""


def broken_promises(
    dag_id: str,
    task_id: str,
    function: Callable[..., Any],
    *,
    examples: Sequence[object] = (),
    multiple_outputs: bool = False,
    budget: int = STORED_BYTES,
    tries: int = TRIES,
    on_value: OnValue = nobody,
) -> Iterator[Broken]:
    """Yield what a task's return annotation and example values promise and XCom does not keep.

    Made of the annotation are finite and small values: NaN, sizes and secrets are matters of
    examples alone, and what changes after a push is one of runs.

    Args:
        dag_id: of the DAG.
        task_id: of the task, mapped or not.
        function: the task's callable.
        examples: values that the task returned, or might.
        multiple_outputs: whether each item of a returned dict is an XCom of its own.
        budget: bytes of JSON that an example may take in the metadata database.
        tries: how many values of the annotation are tried.
        on_value: told of each value that is tried; None for one whose fate is known already.
    """
    name = code(getattr(function, "__name__", None) or task_id)
    place = place_of(function)

    def broken(offence: str, message: str, detail: str = "") -> Broken:
        return Broken(offence, message, dag_id, task_id, RETURN_VALUE, place=place, detail=detail)

    try:
        annotation = return_annotation(function)
        found, unproved = _of_annotation(annotation, multiple_outputs, tries, on_value)
        for one in found:
            subject = f"{name} returns {code(in_words(annotation))}"
            yield broken(one.offence, f"{subject}, and {one.predicate}", one.detail)
    except UnprovedError as why:
        unproved = str(why)
    if unproved:
        yield broken(UNPROVED, f"What {name} returns cannot be tried: {unproved}")
    with silent():
        for number, example in enumerate(examples, 1):
            on_value(example)
            for one in _of_example(example, multiple_outputs, budget):
                subject = f"{name} has the example value {number}"
                if one.offence == OUT_OF_REACH:
                    message = f"The example value {number} of {name} cannot be tried"
                    yield broken(UNPROVED, f"{message}: {one.predicate}")
                else:
                    yield broken(one.offence, f"{subject}, and {one.predicate}", one.detail)


def _of_annotation(
    annotation: object, multiple_outputs: bool, tries: int, on_value: OnValue
) -> tuple[Sequence[Trouble], str]:
    """Return what is wrong with values of an annotation, and why they cannot be tried."""
    if any(annotation is one for one in NO_PROMISE):
        return (), ""
    key = (annotation, multiple_outputs, tries)
    try:
        known = _known.get(key)
    except TypeError:  # not hashable
        return _tried(annotation, multiple_outputs, tries, on_value)
    if known is None:
        values: list[object] = []
        found = _tried(annotation, multiple_outputs, tries, values.append)
        known = _known[key] = (*found, len(values))
    for _ in range(known[2]):  # the same for each task, whoever was the first
        on_value(None)
    return known[:2]


def _tried(
    annotation: object, multiple_outputs: bool, tries: int, on_value: OnValue
) -> tuple[Sequence[Trouble], str]:
    def faults(value: object) -> Sequence[tuple[str, Trouble]]:
        on_value(value)
        told = _key_troubles(value, multiple_outputs) or way_troubles(value, round_trip(value))
        return [(one.offence, one) for one in told if one.offence != NON_FINITE]

    try:
        with silent(), undisturbed():
            found = smallest(strategy(annotation), faults, tries=tries)
    except UnprovedError as why:
        return (), str(why)
    unreached = found.pop(OUT_OF_REACH, None)
    return tuple(found.values()), unreached.predicate if unreached else ""


def _of_example(example: object, multiple_outputs: bool, budget: int) -> list[Trouble]:
    told = _key_troubles(example, multiple_outputs)
    return told or troubles(example, round_trip(example), budget=budget)


def _key_troubles(value: object, multiple_outputs: bool) -> list[Trouble]:
    """Return why Airflow refuses to make an XCom of each item of a value."""
    if not multiple_outputs or value is None:
        return []
    if not isinstance(value, Mapping):
        why = f"with `multiple_outputs` Airflow refuses {code(shown(value))}, which is no dict"
        return [Trouble(UNPUSHABLE, why)]
    wrong = next((key for key in value if not isinstance(key, str)), None)
    if wrong is None:
        return []
    why = f"with `multiple_outputs` Airflow refuses the key {code(shown(wrong))}, which is no text"
    return [Trouble(UNPUSHABLE, why)]
