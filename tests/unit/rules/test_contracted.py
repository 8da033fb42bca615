"""Each rule that proves by example tells the counterexamples of its offence, and no others."""

from typing import Any

import pytest

from dagproof.model import ContractTrace, Counterexample, Hit, Related, Span
from dagproof.rules import CONTRACTS
from dagproof.rules.contracted import Contracted

PATH = "dags/a.py"
HERE = Span(PATH, 4, 1, 4, 20)
THERE = Span(PATH, 7, 1, 7, 9)
WAY = (Related(Span("plugins/b.py", 7, 5, 7, 9), "the definition"),)


def tried(*counterexamples: Counterexample) -> Contracted:
    return Contracted(ContractTrace(PATH, counterexamples=counterexamples))


@pytest.mark.parametrize("rule", CONTRACTS, ids=lambda rule: rule.code)
def test_rule_tells_the_offence_that_it_is_named_for(rule: Any) -> None:
    one = Counterexample(rule.slug, "It breaks", HERE, related=WAY, detail="$ again")
    other = Counterexample("another-offence", "It breaks", HERE)

    assert list(rule.check(tried(other, one))) == [Hit(HERE, "It breaks", WAY, detail="$ again")]


@pytest.mark.parametrize("rule", CONTRACTS, ids=lambda rule: rule.code)
def test_file_that_keeps_its_promises_is_clean(rule: Any) -> None:
    others = [Counterexample(one.slug, "m", HERE) for one in CONTRACTS if one is not rule]

    assert list(rule.check(tried(*others))) == []


def test_counterexample_is_told_once_for_its_place_and_words() -> None:
    told = [
        Counterexample("slug", "a", HERE, "etl"),
        Counterexample("slug", "a", HERE, "elt", detail="another"),
        Counterexample("slug", "b", HERE),
        Counterexample("slug", "a", THERE),
    ]

    assert [(hit.message, hit.span) for hit in tried(*told).hits("slug")] == [
        ("a", HERE), ("b", HERE), ("a", THERE),
    ]  # fmt: skip
