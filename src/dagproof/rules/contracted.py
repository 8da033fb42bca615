"""The evidence of the rules that prove by example: what was tried of one DAG file."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagproof.model import ContractTrace, Hit
from dagproof.rules.counterexamples import hits_of


@dataclass(frozen=True, slots=True)
class Contracted:
    """One DAG file, as its promises were tried."""

    trace: ContractTrace

    def hits(self, offence: str) -> Iterator[Hit]:
        """Return the counterexamples of one offence, each once for its place and words."""
        return hits_of(offence, self.trace.counterexamples)
