"""The findings of the page, and the rules they lead to."""

from dataclasses import replace

import pytest
from fixtures.markup import read
from fixtures.reports import RULE, finding, full

from dagproof.model import Related, Report, Severity, Span, Unread
from dagproof.reporters.html.findings import counted, findings
from dagproof.reporters.html.rule_notes import rule_notes


def shown(*found, **more):
    return read(findings(Report(findings=found, **more)))


def only(*found):
    return shown(*found).one("article")


def test_finding_says_what_where_and_what_to_do():
    article = only(finding(new=True, also=("DP201",)))
    assert article.children[0].text == "error DP101+DP201 mlflow-call-at-import new 12:5"
    assert article.classed("m")[0].attributes["data-m"] == "✗"
    assert article.one("a").attributes["href"] == "#DP101"
    assert article.classed("said")[0].text.startswith("mlflow.start_run() runs each time")
    assert article.classed("fix")[0].text == "Fix Move it into the task that logs."


@pytest.mark.parametrize(("new", "badge"), [(True, ["new"]), (False, ["known"]), (None, [])])
def test_mark_says_whether_it_was_there_before(new, badge):
    article = only(finding(new=new))
    assert [one.text for one in article.classed("badge")] == badge
    assert ("data-known" in article.attributes) == (new is False)


@pytest.mark.parametrize(
    ("line", "where", "marked"),
    [
        ("x = call(1)", Span("x.py", 3, 5, 3, 12), "call(1)"),
        ("x = call(", Span("x.py", 3, 5, 4, 2), "call("),
        ("x = 1", Span("x.py", 3, 40, 3, 41), " "),
        ("x = 1", Span("x.py", 3, 3, 3, 3), "="),
        ("漢字 = call()", Span("x.py", 3, 6, 3, 12), "call()"),
    ],
)
def test_span_is_underlined(line, where, marked):
    excerpt = only(finding(excerpt=line, span=where)).classed("excerpt")[0]
    assert excerpt.one("mark").text == marked
    assert excerpt.text == f"3{line}{' ' if marked == ' ' else ''}"


def test_long_line_is_cut_around_the_span():
    line = "a" * 500 + "call()" + "b" * 500
    excerpt = only(finding(excerpt=line, span=Span("x.py", 3, 501, 3, 507))).classed("excerpt")[0]
    assert excerpt.one("mark").text == "call()"
    assert excerpt.text == f"3…{'a' * 60}call(){'b' * 134}…"


def test_way_there_is_told_step_by_step():
    related = (
        Related(Span("a.py", 1, 2, 1, 3), "called here"),
        Related(Span("b.py", 4, 5, 4, 6), "`x`"),
    )
    chain = only(finding(related=related)).one("ol")
    assert [step.text for step in chain.all("li")] == [
        "reached from a.py:1:2: called here", "see b.py:4:5: x",
    ]  # fmt: skip
    assert "13 more steps" in only(finding(related=related[:1] * 25)).one("ol").text


def test_short_detail_is_open_and_a_long_one_is_folded():
    assert not only(finding(detail="- 1\n+ 2", excerpt="")).all("details")
    folded = only(finding(detail="line\n" * 30)).one("details")
    assert "open" not in folded.attributes
    assert folded.one("pre").text.count("line") == 30


def test_what_a_finding_does_not_have_leaves_nothing():
    bare = only(finding(excerpt="", related=(), detail="", fix=""))
    assert [child.name for child in bare.children] == ["p", "p"]


def test_findings_stand_by_file_the_worst_first():
    page = shown(
        finding(severity=Severity.NOTE, span=Span("a.py", 1, 1, 1, 2)),
        finding(severity=Severity.WARNING, new=False, span=Span("b.py", 1, 1, 1, 2)),
        finding(severity=Severity.WARNING, new=True, span=Span("c.py", 1, 1, 1, 2)),
        finding(severity=Severity.ERROR, span=Span("d.py", 1, 1, 1, 2)),
        finding(severity=Severity.NOTE, span=Span("d.py", 2, 1, 2, 2)),
    )
    assert [one.text for one in page.all("h3")] == ["d.py", "c.py", "b.py", "a.py"]
    assert "1 error, 1 note" in page.classed("file")[0].all("summary")[0].text


def test_number_is_told_by_severity():
    assert counted([finding(), finding(), finding(severity=Severity.NOTE)]) == "2 errors, 1 note"
    assert counted([]) == ""


def test_controls_offer_what_there_is():
    form = shown(finding(new=True), finding("DP201", Severity.NOTE, new=False)).one("form")
    assert "hidden" in form.attributes
    assert [one.attributes["value"] for one in form.all("option")] == ["", "DP101", "DP201"]
    assert [one.attributes["value"] for one in form.all("input", name="severity")] == [
        "bad",
        "note",
    ]
    assert form.all("input", name="new")
    assert not shown(finding(new=True)).all("input", name="new")
    assert not shown(finding()).all("input", name="new")


def test_findings_beyond_the_3000th_are_counted_least_severe_first():
    many = [finding(severity=Severity.NOTE, detail="", related=())] * 2
    many += [replace(finding(detail="", related=()), message=f"number {at}") for at in range(3_000)]
    page = shown(*many)
    assert len(page.all("article")) == 3_000
    assert not page.classed("note")
    assert "2 more findings in report.json." in page.classed("muted")[-1].text


def test_file_that_no_finding_is_about_is_told():
    page = shown(errors=(Unread("broken.py", "it is not UTF-8"),))
    assert page.one("p").text == "broken.py it is not UTF-8."
    assert not page.all("form")


def test_rule_says_why_and_shows_bad_and_good():
    page = read(rule_notes(Report(findings=(finding(), finding()), rules=(RULE,))))
    note = page.one("article")
    assert note.attributes["id"] == "DP101"
    assert "2 findings" in note.one("small").text
    assert "It blocks whenever the server is away." in note.text
    assert [one.text for one in note.all("pre")] == [RULE.bad.strip(), RULE.good.strip()]
    assert "# dagproof: ignore[DP101] reason" in note.text


def test_rule_that_the_report_does_not_have_is_named():
    page = read(rule_notes(full()))
    assert [one.attributes["id"] for one in page.all("article")] == [
        "DP101",
        "DP201",
        "DP304",
        "DP401",
    ]
    assert "dagproof rule DP401 explains it." in page.text


def test_rule_without_findings_is_left_out():
    assert rule_notes(Report(rules=(RULE,))) == ""
