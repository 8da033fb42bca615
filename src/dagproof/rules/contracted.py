"""The evidence of the rules that prove by example: what was tried of one DAG file."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagproof.model import ContractTrace, Hit


@dataclass(frozen=True, slots=True)
class Contracted:
    """One DAG file, as its promises were tried."""

    trace: ContractTrace

    def hits(self, offence: str) -> Iterator[Hit]:
        """Yield the counterexamples of one offence, each once for its place and words."""
        told = set()
        for one in self.trace.counterexamples:
            key = (one.span, one.message)
            if one.offence == offence and key not in told:
                told.add(key)
                yield Hit(one.span, one.message, one.related, detail=one.detail)
