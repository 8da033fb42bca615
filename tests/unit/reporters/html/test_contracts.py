"""Contracts on the page: counterexamples with the smallest conf."""

from dataclasses import replace

from fixtures.markup import read
from fixtures.reports import full

from dagproof.model import ContractTrace, Report
from dagproof.reporters.html.contracts import contracts

TRACE = full().contracts[0]
EXAMPLE = TRACE.counterexamples[0]


def test_counterexample_has_offence_place_and_conf():
    page = read(contracts(full()))
    broken = page.classed("error")[0]
    assert broken.all("p")[0].text == (
        'uncast-template-value load.month with the conf {"month": "1"}'
    )
    assert broken.classed("said")[0].text == "load gives '1' dags/taxi/dag.py:12:5"
    assert broken.one("pre").text == "$ dagproof contracts"
    assert page.one("h2").text == "Contracts1 DAG, 1 counterexample"
    assert page.one("h3").text == "taxi"


def test_what_every_conf_breaks_says_so():
    every = replace(EXAMPLE, conf=None, detail="", dag_id="", task_id="", field="")
    page = read(contracts(Report(contracts=(replace(TRACE, counterexamples=(every, every)),))))
    assert "with every conf" in page.classed("error")[0].text
    assert not page.all("h3")
    assert "2 counterexamples" in page.one("h2").text


def test_conf_of_any_values_is_shown():
    odd = replace(
        EXAMPLE,
        conf={
            "x": {
                1,
            },
            "y": "é",
        },
    )
    text = read(contracts(Report(contracts=(replace(TRACE, counterexamples=(odd,)),)))).text
    assert '{"x": "{1}", "y": "é"}' in text


def test_file_that_could_not_be_tried_is_told():
    page = read(contracts(Report(contracts=(ContractTrace("x.py", failure="its process ended"),))))
    assert page.classed("card")[0].text == "x.py not tried to the endits process ended"


def test_many_counterexamples_are_counted():
    many = replace(TRACE, counterexamples=(EXAMPLE,) * 45)
    page = contracts(Report(contracts=(many,)))
    assert len(read(page).classed("error")) == 40
    assert "5 more counterexamples in report.json." in page


def test_what_was_tried_is_a_table():
    page = read(
        contracts(Report(contracts=(ContractTrace("x.py", ("a", "b"), (), 25, 3, 7, 0.5),)))
    )
    assert [cell.text for cell in page.all("td")] == ["x.py", "2", "25", "3", "7", "0.50 s"]
    assert contracts(Report()) == ""
