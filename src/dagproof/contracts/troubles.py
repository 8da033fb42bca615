"""Judges what became of one value on its way through XCom."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dagproof.airflow_compat.xcoms import Failure, Trip, is_masked, is_sensitive
from dagproof.contracts.loss import Loss, key_text, shown
from dagproof.contracts.losses import compare, diff
from dagproof.contracts.secrets_in import redacted, secrets_in

STORED_BYTES: Final = 1024 * 1024
"""What a value may take in the metadata database, in bytes of JSON.

A thousand times a summary and an address. Every pull sends it through the API server and the
supervisor, each of which holds it whole, and the row stays for as long as the run is kept; a value
of 300 MB has starved heartbeats (apache/airflow#69508).
"""

LOSSY: Final = "lossy-xcom"
OVERSIZED: Final = "oversized-xcom"
PULL_ONLY: Final = "pull-only-failure"
UNPUSHABLE: Final = "unpushable-xcom"
NON_FINITE: Final = "non-finite-xcom-value"
SECRET: Final = "secret-in-xcom"  # noqa: S105 - the name of an offence
MUTATED: Final = "mutated-xcom"
OUT_OF_REACH: Final = "out-of-reach"
"""No offence: the backend could not reach its storage."""

_MOST_PARTS: Final = 50_000
_SHORT: Final = 70
_WORDS: Final = re.compile(r"(the keys? |one key |the item |dtype |shape |index |columns )(.*)")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a value, or with its way.

    Attributes:
        offence: the slug of a rule, or `OUT_OF_REACH`.
        predicate: what follows "`load` returns this, and": a main clause without a full stop.
        detail: more than one line.
    """

    offence: str
    predicate: str
    detail: str = ""


def troubles(value: object, trip: Trip, *, budget: int = STORED_BYTES) -> list[Trouble]:
    """Say what is wrong with a value that somebody gave or a run pushed.

    Secrets are looked for, and are shown nowhere.
    """
    secrets = secrets_in(value, is_sensitive=is_sensitive, is_masked=is_masked)
    found = [Trouble(SECRET, _secret(one.words, one.path)) for one in secrets[:3]]
    found += way_troubles(value, trip)
    if trip.stored is not None and trip.stored > budget:
        sizes = f"{in_bytes(trip.stored)} go into the metadata database"
        found.append(Trouble(OVERSIZED, f"{sizes}, where {in_bytes(budget)} are the budget"))
    return [
        Trouble(one.offence, redacted(one.predicate, secrets), redacted(one.detail, secrets))
        for one in found
    ]


def _secret(words: str, path: str) -> str:
    inside = f" in {code(f'value{path}')}" if path else ""
    return f"{words[0].lower()}{words[1:]} is{inside} readable in the metadata database"


def way_troubles(value: object, trip: Trip) -> list[Trouble]:
    """Say what is wrong with the way of a value: where it got stuck, or what it lost."""
    if trip.failure is not None:
        return [_stuck(value, trip.failure)]
    comparison = compare(value, trip.pulled) if trip.read_back else None
    if comparison is None or not comparison.losses:
        return []
    return [Trouble(LOSSY, _came_back(value, trip.pulled, comparison.losses[0]), diff(comparison))]


def _came_back(value: object, pulled: object, first: Loss) -> str:
    """Say what came for what: the values where they are short, else the first thing lost."""
    before, after = shown(value), shown(pulled)
    if before != after and max(len(before), len(after)) <= _SHORT:
        return f"{code(after)} comes back for {code(before)}"
    place = f"in {code(f'value{first.path}')} " if first.path else ""
    return f"{place}{in_code(first.pulled)} comes back for {in_code(first.pushed)}"


def _stuck(value: object, failure: Failure) -> Trouble:
    why, what = code(failure.words), code(shown(value))
    if failure.stage == "storage":
        return Trouble(OUT_OF_REACH, f"the XCom backend cannot reach its storage: {why}")
    if failure.stage == "pull":
        return Trouble(PULL_ONLY, f"{what} can be pushed but not read back: {why}")
    if failure.stage != "non-finite":
        return Trouble(UNPUSHABLE, f"XCom cannot carry {what}: {why}")
    path, number = next(non_finite(value), ("", "a number that is not finite"))
    place = f" in {code(f'value{path}')}" if path else ""
    return Trouble(NON_FINITE, f"JSON has no form for {code(number)}{place}")


def non_finite(value: object) -> Iterator[tuple[str, str]]:
    """Yield where plain containers hold NaN or infinity, and which."""
    rest: list[tuple[str, object]] = [("", value)]
    count = 0
    while rest and count < _MOST_PARTS:
        path, part = rest.pop()
        count += 1
        if isinstance(part, float) and not math.isfinite(part):
            yield path, str(part)
        elif isinstance(part, Mapping):
            items = islice(part.items(), _MOST_PARTS)
            rest += [(f"{path}[{key_text(key)}]", one) for key, one in items][::-1]
        elif isinstance(part, list | tuple):
            first = enumerate(islice(part, _MOST_PARTS))
            rest += [(f"{path}[{number}]", one) for number, one in first][::-1]


def code(text: str) -> str:
    """Return a text as code, in backticks."""
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def in_code(text: str) -> str:
    """Return what a loss says of a part, the part itself as code."""
    if text.startswith("no such "):
        return text
    words = _WORDS.fullmatch(text)
    return f"{words[1]}{code(words[2])}" if words else code(text)


def in_bytes(count: int) -> str:
    """Return a size as a person says it: `512 bytes`, `1.5 MiB`."""
    size, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004 - the step between units
            break
        size, unit = size / 1024, larger
    return f"{size:.4g} {unit}" if unit != "bytes" else f"{count} bytes"
