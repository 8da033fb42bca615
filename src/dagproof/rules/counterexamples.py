"""Counterexamples of one offence as hits, wherever they were found."""

from collections.abc import Iterable, Iterator

from dagproof.model import Counterexample, Hit


def hits_of(offence: str, counterexamples: Iterable[Counterexample]) -> Iterator[Hit]:
    """Yield the counterexamples of one offence, each once for its place and words."""
    told = set()
    for one in counterexamples:
        key = (one.span, one.message)
        if one.offence == offence and key not in told:
            told.add(key)
            yield Hit(one.span, one.message, one.related, detail=one.detail)
