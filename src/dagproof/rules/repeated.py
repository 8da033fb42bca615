"""The evidence of the rules that run DAGs again: what was not the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagproof.model import Hit, RepetitionTrace


@dataclass(frozen=True, slots=True)
class Repeated:
    """One DAG file, as its DAGs were run again."""

    trace: RepetitionTrace

    def hits(self, offence: str) -> Iterator[Hit]:
        """Yield what is not the same, each once for its place and words."""
        told = set()
        for one in self.trace.counterexamples:
            key = (one.span, one.message)
            if one.offence == offence and key not in told:
                told.add(key)
                yield Hit(one.span, one.message, one.related, detail=one.detail)
