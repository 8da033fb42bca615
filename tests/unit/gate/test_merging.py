"""What several stages know is told once."""

from dataclasses import replace

from dagproof.gate.merging import merged
from dagproof.model import (
    ContractTrace,
    DagOutcome,
    Effect,
    Ending,
    Finding,
    ImportTrace,
    Kind,
    Related,
    Report,
    Severity,
    Span,
    Tracking,
    Unread,
)
from dagproof.model.report import RegisteredVersion
from dagproof.rules import RULES

STEP = Related(Span("dags/a.py", 9, 1, 9, 4), "called here")


def finding(code="DP101", line=1, path="dags/a.py", **more):
    span = Span(path, line, 1, line, 9)
    return Finding(code, "s", Severity.ERROR, Kind.MLFLOW, "It is", "Mend it.", span, **more)


def test_finding_of_two_stages_is_told_once_by_both_codes_and_the_way_there():
    read = finding(related=(STEP,))
    seen = finding(also=("DP201",), excerpt="import x")

    [one] = merged([Report(findings=(read,)), Report(findings=(seen,))]).findings

    assert one == replace(seen, related=(STEP,))


def test_findings_at_other_places_and_in_other_words_stay():
    findings = (finding(), finding(line=2), replace(finding(), message="It was"), finding("DP102"))
    assert set(merged([Report(findings=findings)]).findings) == set(findings)


def test_findings_come_in_order_of_their_places():
    later, first = finding(line=7), finding(line=2)
    other = finding(path="dags/b.py")
    assert merged([Report(findings=(other, later)), Report(findings=(first,))]).findings == (
        first,
        later,
        other,
    )


def test_file_that_does_not_import_is_not_told_to_be_unproved_too():
    broken = finding("DP220")
    unproved = finding("DP390")
    elsewhere = finding("DP390", path="dags/b.py")
    report = merged([Report(findings=(broken,)), Report(findings=(unproved, elsewhere))])
    assert report.findings == (broken, elsewhere)


def test_rules_are_those_of_all_stages_in_order_of_code():
    first, second, *_ = RULES
    assert merged([Report(rules=(second,)), Report(rules=(first, second))]).rules == (first, second)


def test_other_parts_are_those_of_the_stages_that_have_them():
    run = DagOutcome("d", "r", "success", (), 1.0)
    held = Tracking(versions=(RegisteredVersion("m", "1", (), "r"),))
    report = merged(
        [
            Report(files=9, notes=("held back",), errors=(Unread("b", "no"), Unread("a", "no"))),
            Report(files=3, imports=(ImportTrace("a"),), notes=("held back", "more")),
            Report(contracts=(ContractTrace("a"),), errors=(Unread("a", "again"),)),
            Report(runs=(run,), tracking=held),
        ]
    )
    assert report == Report(
        files=9,
        notes=("held back", "more"),
        errors=(Unread("a", "no"), Unread("b", "no")),
        imports=(ImportTrace("a"),),
        contracts=(ContractTrace("a"),),
        runs=(run,),
        tracking=held,
    )


def test_file_that_does_not_import_is_told_by_the_audit_alone():
    untried = Report(
        contracts=(
            ContractTrace("dags/a.py", failure="it does not import: no"),
            ContractTrace("dags/b.py", failure="it does not import: no"),
            ContractTrace("dags/c.py", ("d",), failure="its process ended"),
        ),
        errors=(Unread("dags/a.py", "no"), Unread("dags/b.py", "no")),
    )
    failed = Ending.FAILED
    seen = Report(imports=(ImportTrace("dags/a.py", failed), ImportTrace("dags/c.py", failed)))

    both = merged([seen, untried])

    assert [one.path for one in both.contracts] == ["dags/b.py", "dags/c.py"]
    assert both.errors == (Unread("dags/b.py", "no"),)
    assert merged([untried]) == untried


def test_file_that_the_audit_could_import_and_contracts_could_not_is_told():
    timed_out = Report(contracts=(ContractTrace("dags/a.py", failure="its time ran out"),))
    span = Span("dags/a.py", 1, 1, 1, 2)
    refused = Effect(Kind.NETWORK, "socket.connect", "x", span, refused=True)

    assert not merged([Report(imports=(ImportTrace("dags/a.py"),)), timed_out]).clean
    effects = Report(imports=(ImportTrace("dags/a.py", effects=(refused,)),))
    assert merged([effects, timed_out]).clean  # its finding tells, or a baseline knows it


def test_file_that_does_not_import_is_told_in_a_note_whoever_holds_its_finding_back():
    seen = Report(imports=(ImportTrace("dags/a.py", Ending.FAILED),), notes=("held back",))
    once = merged([seen])
    assert once.notes == (
        "held back",
        "1 DAG file does not import, and nothing of it is proved: dags/a.py.",
    )
    assert merged([once, Report()]).notes == once.notes


def test_counts_of_a_baseline_are_those_of_all_stages():
    held = "1 known finding is held back by the baseline."
    reports = [
        Report(notes=(held,), held=1),
        Report(notes=(held, "more"), held=1),
        Report(notes=("more",)),
    ]
    found = merged(reports, ["lint", "audit", "contracts"])
    assert found.held == 2
    assert found.notes == (
        "2 known findings are held back by the baseline (1 of lint, 1 of audit).",
        "more",
    )


def test_nothing_merged_is_an_empty_report():
    assert merged([]) == Report()
