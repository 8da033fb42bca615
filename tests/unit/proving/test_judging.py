"""Which findings count: the rules that are asked for, comments, settings, a baseline."""

import json

import pytest

from dagproof.model import (
    ContractTrace,
    Counterexample,
    Related,
    Severity,
    Span,
    UsageError,
)
from dagproof.proving.judging import found, judged, selected
from dagproof.proving.request import ContractsRequest
from dagproof.rules import CONTRACTS
from dagproof.verdict.known import BASELINE

RAN = frozenset(rule.code for rule in CONTRACTS)
HERE = Span("dags/a.py", 2, 1, 2, 9)


def counterexample(offence="broken-template", message="It breaks", span=HERE, **facts):
    return Counterexample(offence, message, span, **facts)


def findings(*counterexamples, path="dags/a.py"):
    return list(found([ContractTrace(path, counterexamples=counterexamples)], CONTRACTS))


@pytest.fixture
def judge(repository):
    """Judge what was found in the repository, as it is configured."""

    def judge(*counterexamples, looked_at=("dags/a.py",), ran=RAN, **request):
        return judged(
            repository.settings, ContractsRequest(**request), findings(*counterexamples),
            set(looked_at), ran,
        )  # fmt: skip

    return judge


def codes(verdict):
    return [one.code for one in verdict.findings]


def test_rules_are_those_of_contracts_alone(repository):
    def asked(**words):
        return [rule.code for rule in selected(repository.settings, ContractsRequest(**words))]

    assert asked() == [rule.code for rule in CONTRACTS if rule.on]
    assert asked(select=["ALL"]) == [rule.code for rule in CONTRACTS]
    assert asked(select=["DP101", "broken-template"]) == ["DP308"]
    assert asked(select=["DP3"], ignore=["DP302"])[:2] == ["DP301", "DP303"]
    assert asked(select=["DP302"], extend_select=["DP304"]) == ["DP302", "DP304"]


def test_settings_choose_rules_where_nobody_asks(repository):
    repository.configure('select = ["DP302", "DP303"]\nignore = ["DP303"]\n')

    assert [one.code for one in selected(repository.settings, ContractsRequest())] == ["DP302"]


def test_word_that_names_no_rule_is_refused(repository):
    with pytest.raises(UsageError, match="DP999"):
        selected(repository.settings, ContractsRequest(select=["DP999"]))


def test_finding_has_the_rules_words_and_the_counterexamples_place():
    related = (Related(Span("dags/b.py", 1, 1, 1, 1), "the definition"),)
    [one] = findings(counterexample(related=related, detail="$ again"))
    [rule] = [rule for rule in CONTRACTS if rule.slug == "broken-template"]

    assert (one.code, one.slug, one.severity) == ("DP308", "broken-template", Severity.ERROR)
    assert (one.kind, one.fix) == (rule.kind, rule.fix)
    assert (one.message, one.span, one.related) == ("It breaks", HERE, related)
    assert one.detail == "$ again"


def test_offence_of_no_rule_that_is_asked_for_is_not_told():
    trace = ContractTrace("dags/a.py", counterexamples=(counterexample(),))
    others = [rule for rule in CONTRACTS if rule.slug != "broken-template"]

    assert list(found([trace], others)) == []


def test_line_of_the_finding_is_shown(repository, judge):
    repository.add("dags/a.py", "first\nsecond(1)\n")

    assert [one.excerpt for one in judge(counterexample()).findings] == ["second(1)"]


def test_comment_on_the_line_holds_a_finding_back(repository, judge):
    repository.add("dags/a.py", "first\nsecond(1)  # dagproof: ignore[DP308] - on purpose\n")

    assert codes(judge(counterexample(), counterexample("lossy-xcom"))) == ["DP304"]


def test_settings_hold_back_and_grade(repository, judge):
    repository.configure(
        'severity = { DP304 = "error" }\nper-file-ignores = { "dags/*.py" = ["DP308"] }\n'
    )
    verdict = judge(counterexample(), counterexample("lossy-xcom"))

    assert [(one.code, one.severity) for one in verdict.findings] == [("DP304", Severity.ERROR)]


def test_baseline_is_written_and_holds_back_what_it_knows(repository, judge):
    repository.add("dags/a.py", "first\nsecond(1)\n")
    verdict = judge(counterexample(), write_baseline=True)

    assert verdict.findings == ()
    assert verdict.notes[0].startswith("1 finding known from now on, by ")
    entries = json.loads((repository.root / BASELINE).read_text())["findings"]
    assert [(one["path"], one["code"]) for one in entries] == [("dags/a.py", "DP308")]

    repository.configure(f'baseline = "{BASELINE}"\n')
    assert codes(judge(counterexample(), counterexample("lossy-xcom"))) == ["DP304"]
    assert codes(judge(counterexample(), baseline=repository.root / BASELINE)) == []


def test_known_finding_that_is_gone_is_said_unless_only_a_part_was_asked_for(repository, judge):
    repository.add("dags/a.py", "first\nsecond(1)\n")
    judge(counterexample(), write_baseline=True)
    repository.configure(f'baseline = "{BASELINE}"\n')

    assert len(judge().notes) == 1
    assert judge(dag_id="etl").notes == ()
    assert judge(conf={}).notes == ()
    assert judge(looked_at=["dags/b.py"]).notes == ()
