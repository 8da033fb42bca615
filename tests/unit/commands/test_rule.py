"""A rule's page is found by code and by slug, and the table lists them all."""

import pytest

from dagproof import cli
from dagproof.rules import RULES


@pytest.mark.parametrize("word", ["DP102", "network-call-at-import"])
def test_page_tells_what_why_and_what_to_do(capsys, word):
    assert cli.main(["rule", word]) == 0

    page = capsys.readouterr().out
    [rule] = [rule for rule in RULES if rule.code == "DP102"]
    assert page.startswith("DP102 network-call-at-import")
    for part in (rule.fix.split()[0], rule.bad.splitlines()[0], rule.good.splitlines()[0]):
        assert part in page


def test_table_lists_every_rule_once(capsys):
    assert cli.main(["rule"]) == 0

    _, *lines = capsys.readouterr().out.splitlines()
    listed = [tuple(line.split()[:2]) for line in lines if line.startswith("DP")]
    assert listed == [(rule.code, rule.slug) for rule in RULES]


def test_unknown_rule_is_refused_with_the_nearest(capsys):
    assert cli.main(["rule", "slep-at-import"]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "DP109 sleep-at-import" in said.err
