"""The evidence of the rules that run DAGs again: what was not the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagproof.model import Hit, RepetitionTrace
from dagproof.rules.counterexamples import hits_of


@dataclass(frozen=True, slots=True)
class Repeated:
    """One DAG file, as its DAGs were run again."""

    trace: RepetitionTrace

    def hits(self, offence: str) -> Iterator[Hit]:
        """Return what is not the same, each once for its place and words."""
        return hits_of(offence, self.trace.counterexamples)
