"""Which rules are looked for, and that what they find becomes findings."""

import pytest

from dagproof.audit.findings import found, looked_for, selected, unread
from dagproof.audit.request import AuditRequest
from dagproof.audit.targets import Targets
from dagproof.config import Budgets
from dagproof.model import Edit, Hit, ImportTrace, Related, Span, UsageError
from dagproof.rules import IMPORTS

RULES = {rule.code: rule for rule in IMPORTS}


@pytest.fixture
def codes(repository):
    def codes(**request):
        return [rule.code for rule in selected(repository.settings, AuditRequest(**request))]

    return codes


def test_rules_that_watch_are_looked_for_and_no_others(codes):
    assert codes() == [rule.code for rule in IMPORTS if rule.on]
    assert codes(select=["ALL"]) == [rule.code for rule in IMPORTS]
    assert codes(select=["DP1"]) == []


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"select": ["DP202"]}, ["DP202"]),
        ({"select": ["DP22"], "ignore": ["DP224"]},
         ["DP220", "DP221", "DP222", "DP223", "DP225", "DP226", "DP227", "DP228", "DP229"]),
        ({"select": ["unstable-dag"], "extend_select": ["DP202"]}, ["DP202", "DP224"]),
    ],
)  # fmt: skip
def test_question_chooses_rules(codes, request_, expected):
    assert codes(**request_) == expected


def test_settings_choose_rules_and_the_question_wins(codes, repository):
    repository.configure('select = ["DP202"]\nignore = ["DP203"]\nextend-select = ["DP224"]')

    assert codes() == ["DP202", "DP224"]
    assert codes(select=["DP20"])[:3] == ["DP201", "DP202", "DP203"]
    assert "DP203" not in codes(extend_select=["DP2"])


@pytest.mark.parametrize("key", ["select", "ignore", "extend_select"])
def test_unknown_word_is_refused_with_where_it_stands(codes, repository, key):
    name = key.replace("_", "-")
    with pytest.raises(UsageError, match=f"^--{name}: there is no rule `DP299`"):
        codes(**{key: ["DP299"]})

    repository.configure(f'{name} = ["DP299"]')
    with pytest.raises(UsageError, match=rf"^tool\.dagproof\.{name}: there is no rule `DP299`"):
        codes()


def test_what_could_not_be_seen_was_not_looked_for():
    rules = [RULES[code] for code in ("DP202", "DP224", "DP229")]

    assert looked_for(rules, AuditRequest()) == {"DP202", "DP224"}
    assert looked_for(rules, AuditRequest(against="HEAD")) == {"DP202", "DP224", "DP229"}
    assert looked_for(rules, AuditRequest(twice=False)) == {"DP202"}
    assert looked_for([], AuditRequest(against="HEAD")) == frozenset()


def test_effect_is_a_finding_of_its_rule(connecting):
    [finding] = found([connecting()], [RULES["DP202"], RULES["DP203"]], Budgets(), {})

    rule = RULES["DP202"]
    assert (finding.code, finding.slug, finding.severity) == (rule.code, rule.slug, rule.severity)
    assert (finding.kind, finding.fix) == (rule.kind, rule.fix)
    assert finding.span == Span("dags/a.py", 3, 1, 3, 9)
    assert "rates.test:443" in finding.message


def test_all_that_a_hit_says_is_kept(rule_that_hits):
    span = Span("a.py", 1, 2, 3, 4)
    way, edit = (Related(span, "called here"),), (Edit(span, "x"),)

    [finding] = found([ImportTrace("a.py")], [rule_that_hits(span, way, edit)], Budgets(), {})

    assert (finding.related, finding.edits, finding.detail) == (way, edit, "more")


@pytest.fixture
def rule_that_hits():
    from dataclasses import replace

    def rule_that_hits(span, way, edits):
        hit = Hit(span, "it", way, edits, detail="more")
        return replace(RULES["DP202"], check=lambda _: [hit])

    return rule_that_hits


def test_budgets_and_the_cost_of_before_reach_the_rules():
    trace = ImportTrace("dags/a.py", seconds=2.0)
    rules = [RULES["DP223"], RULES["DP229"]]

    def told(budgets, before):
        return [one.code for one in found([trace], rules, budgets, before)]

    assert told(Budgets(import_seconds=2.0), {}) == []
    assert told(Budgets(import_seconds=1.9), {}) == ["DP223"]
    assert told(Budgets(import_seconds=2.0), {"dags/a.py": 0.5}) == ["DP229"]
    assert told(Budgets(import_seconds=2.0, import_growth=1.5), {"dags/a.py": 0.5}) == []
    assert told(Budgets(import_seconds=2.0), {"dags/b.py": 0.5}) == []


def test_file_that_cannot_be_read_is_a_finding_by_its_shown_path(repository):
    path = repository.root / "dags" / "a.py"
    targets = Targets((), (), (), ((path, "it cannot be read: Is a directory"),), ())

    [finding] = unread(targets)

    assert (finding.code, finding.span) == ("DP100", Span("dags/a.py", 1, 1, 1, 1))
    assert finding.message == "This file cannot be read: it cannot be read: Is a directory"
