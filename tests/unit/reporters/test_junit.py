"""JUnit XML as Jenkins, GitLab and GitHub's actions read it."""

from dataclasses import replace

import pytest
from fixtures.reports import clean, finding, full, run, span
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dagproof.model import (
    ContractTrace,
    DagDiff,
    DagOutcome,
    Fate,
    ImportTrace,
    Repetition,
    Report,
    Severity,
    Stage,
    StageState,
    StateDifference,
    TaskError,
    TaskOutcome,
    Unread,
)
from dagproof.reporters.junit import render

# As surefire, Jenkins and publish-unit-test-result have it, without what only they write.
SCHEMA = etree.XMLSchema(
    etree.XML(b"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="Number"><xs:restriction base="xs:nonNegativeInteger"/></xs:simpleType>
  <xs:simpleType name="Seconds"><xs:restriction base="xs:decimal">
    <xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Name"><xs:restriction base="xs:string">
    <xs:minLength value="1"/></xs:restriction></xs:simpleType>
  <xs:attributeGroup name="Sums">
    <xs:attribute name="name" type="Name" use="required"/>
    <xs:attribute name="tests" type="Number" use="required"/>
    <xs:attribute name="failures" type="Number" use="required"/>
    <xs:attribute name="errors" type="Number" use="required"/>
    <xs:attribute name="skipped" type="Number" use="required"/>
    <xs:attribute name="time" type="Seconds" use="required"/>
  </xs:attributeGroup>
  <xs:complexType name="Bad"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message" type="xs:string" use="required"/>
    <xs:attribute name="type" type="Name" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="testsuites"><xs:complexType>
    <xs:sequence>
      <xs:element name="testsuite" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:sequence>
          <xs:element name="testcase" minOccurs="1" maxOccurs="unbounded"><xs:complexType>
            <xs:sequence>
              <xs:choice minOccurs="0">
                <xs:element name="failure" type="Bad"/>
                <xs:element name="error" type="Bad"/>
                <xs:element name="skipped"><xs:complexType>
                  <xs:attribute name="message" type="xs:string" use="required"/>
                </xs:complexType></xs:element>
              </xs:choice>
              <xs:element name="system-out" type="xs:string" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="classname" type="xs:string" use="required"/>
            <xs:attribute name="name" type="Name" use="required"/>
            <xs:attribute name="time" type="Seconds" use="required"/>
            <xs:attribute name="file" type="Name"/>
            <xs:attribute name="line" type="xs:positiveInteger"/>
          </xs:complexType></xs:element>
        </xs:sequence>
        <xs:attributeGroup ref="Sums"/>
      </xs:complexType></xs:element>
    </xs:sequence>
    <xs:attributeGroup ref="Sums"/>
  </xs:complexType></xs:element>
</xs:schema>""")
)
FAILED = TaskError("taxi.errors.EmptyError", "no rows\nat all", "Traceback\nEmptyError: no rows")


def read(report):
    root = etree.fromstring(render(report).encode("utf-8"))
    SCHEMA.assertValid(root)
    return root


def suites(report):
    return {one.get("name"): one for one in read(report)}


def ends(suite):
    """Return how each test of a suite ended, by its names."""
    return {
        (case.get("classname"), case.get("name")): case[0].tag
        if len(case) and case[0].tag != "system-out"
        else "passed"
        for case in suite
    }


def ran(*tasks, state="failed", **more):
    return DagOutcome("taxi", "r", state, tasks, 5.0, **more)


def test_schema_refuses_what_no_reader_takes():
    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(etree.XML("<testsuites name='a'/>"))


def test_report_of_everything_fits_the_schema_and_its_own_sums():
    root = read(full())
    cases = root.findall(".//testcase")

    assert root.get("tests") == str(len(cases)) == "33"
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert root.get(attribute) == str(len(root.findall(f".//{child}"))) != "0"
    for suite in root:
        assert suite.get("tests") == str(len(suite))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
    names = [(one.getparent().get("name"), one.get("classname"), one.get("name")) for one in cases]
    assert len(set(names)) == len(names)


def test_stages_are_suites_in_their_order_with_their_seconds():
    root = read(full())

    assert [(one.get("name"), one.get("time")) for one in root] == [
        ("lint", "0.500"),
        ("audit", "8.000"),
        ("contracts", "9.000"),
        ("run", "1.000"),
        ("diff", "0.000"),
    ]
    assert root.get("time") == "61.500"


def test_clean_gate_has_a_test_for_every_stage_and_none_that_fails():
    found = suites(clean())

    assert set(found) == {"lint", "audit", "contracts", "run"}
    assert {end for suite in found.values() for end in ends(suite).values()} == {"passed"}


def test_file_with_findings_is_one_failure_at_its_first_line():
    findings = (finding(), finding("DP102", Severity.WARNING, span=span(line=30)))
    [case] = suites(Report(findings=findings))["lint"]
    [failure] = case

    assert dict(case.attrib) == {
        "classname": "dags/taxi/dag.py",
        "name": "lint",
        "time": "0.000",
        "file": "dags/taxi/dag.py",
        "line": "12",
    }
    assert failure.get("type") == "DP101, DP102"
    assert failure.get("message").endswith("is imported and 1 more finding")
    assert "dags/taxi/dag.py:12:5 DP101" in failure.text
    assert "dags/taxi/dag.py:30:5 DP102" in failure.text


def test_notes_fail_nothing_and_are_told():
    [case] = suites(Report(findings=(finding(severity=Severity.NOTE),)))["lint"]

    assert [child.tag for child in case] == ["system-out"]
    assert "DP101" in case[0].text


@pytest.mark.parametrize(
    ("code", "suite"),
    [("DP101", "lint"), ("DP230", "audit"), ("DP390", "contracts"), ("DP401", "run")],
)
def test_findings_are_in_the_suite_of_their_evidence(code, suite):
    assert list(suites(Report(findings=(finding(code),)))) == [suite]


def test_files_that_were_imported_pass():
    traces = (ImportTrace("dags/a.py", seconds=1.5), ImportTrace("dags/b.py"))
    report = Report(imports=traces, findings=(finding("DP201", span=span("dags/b.py")),))
    found = suites(report)

    assert list(found) == ["audit"]
    assert ends(found["audit"]) == {
        ("dags/a.py", "audit"): "passed",
        ("dags/b.py", "audit"): "failure",
    }
    assert found["audit"][0].get("time") == "1.500"


def test_what_could_not_be_read_or_tried_is_an_error():
    report = Report(
        errors=(Unread("dags/x.py", "it is not UTF-8"),),
        contracts=(ContractTrace("dags/y.py", failure="its process ended"),),
    )
    found = suites(report)

    assert ends(found["lint"]) == {("dags/x.py", "lint"): "error"}
    assert found["contracts"].find("testcase/error").get("message") == "its process ended"


def test_stage_that_could_not_look_is_an_error_and_one_left_out_is_skipped():
    stages = (
        Stage("run", StageState.UNABLE, "no Postgres was found", exit_code=3),
        Stage("diff", StageState.SKIPPED, "nothing to compare with"),
        Stage("audit", StageState.UNABLE),
    )
    found = suites(Report(stages=stages))

    assert ends(found["run"]) == {("dagproof.run", "run"): "error"}
    assert found["run"].find("testcase/error").get("message") == "no Postgres was found"
    assert found["audit"].find("testcase/error").get("message") == "it could not be looked at"
    assert found["diff"].find("testcase/skipped").get("message") == "nothing to compare with"


def test_task_instances_are_tests():
    tasks = (
        TaskOutcome("load", 0, "success", 1, 0.5),
        TaskOutcome("load", 1, "failed", 3, 1.25, error=FAILED),
        TaskOutcome("odd", -1, "failed", 1, 0.0),
        TaskOutcome("fit", -1, "upstream_failed", 0, 0.0),
        TaskOutcome("maybe", -1, "skipped", 0, 0.0),
        TaskOutcome("gone", -1, "removed", 0, 0.0),
        TaskOutcome("waits", -1, "deferred", 1, 0.0),
    )
    suite = suites(Report(runs=(ran(*tasks),)))["run"]

    assert ends(suite) == {
        ("taxi", "load[0]"): "passed",
        ("taxi", "load[1]"): "failure",
        ("taxi", "odd"): "failure",
        ("taxi", "fit"): "skipped",
        ("taxi", "maybe"): "skipped",
        ("taxi", "gone"): "skipped",
        ("taxi", "waits"): "error",
    }
    failure = suite[1][0]
    assert failure.get("type") == "taxi.errors.EmptyError"
    assert failure.get("message") == "no rows"
    assert failure.text == "Traceback\nEmptyError: no rows"
    assert suite[1].find("system-out").text == "3 tries"
    assert suite[1].get("time") == "1.250"


def test_what_is_notable_of_a_task_is_its_output():
    [outcome] = [one for one in run().tasks if one.task_id == "fit"]
    [case] = suites(Report(runs=(ran(outcome),)))["run"]

    assert case.find("system-out").text.splitlines() == [
        "3 tries",
        "left environment TOKEN changed: the variable was set",
        "XCom rows: lossy-xcom: `fit` pushes a tuple",
        "left MLflow run run1 open",
    ]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (ran(state="timeout", error=TaskError("TimeoutError", "after 5 s", "")), "after 5 s"),
        (ran(TaskOutcome("a", -1, "success", 1, 0.0)), "the run ended in state failed"),
    ],
)
def test_run_that_fails_outside_its_tasks_is_a_test_of_its_own(outcome, message):
    suite = suites(Report(runs=(outcome,)))["run"]

    assert suite[-1].get("name") == "the run itself"
    assert suite[-1][0].get("message") == message


def test_successful_run_has_no_test_of_its_own():
    suite = suites(Report(runs=(ran(TaskOutcome("a", -1, "success", 1, 0.0), state="success"),)))

    assert len(suite["run"]) == 1


def test_runs_of_one_dag_are_told_apart():
    task = TaskOutcome("a", -1, "success", 1, 0.0)
    one = ran(task, state="success")
    suite = suites(Report(runs=(one, one, replace(one, label="again"))))["run"]

    assert [case.get("classname") for case in suite] == ["taxi", "taxi #2", "taxi, again"]


def test_dag_that_cannot_be_run_again_fails():
    same = Repetition("iris", (), notes=("tables were not looked at",))
    other = Repetition("taxi", (), (StateDifference("file", "x", "it differs", tasks=("a",)),))
    suite = suites(Report(repetitions=(same, other)))["run"]

    assert ends(suite) == {("iris", "run again"): "passed", ("taxi", "run again"): "failure"}
    assert suite[0].find("system-out").text == "tables were not looked at"
    assert suite[1][0].text == "`a`: it differs"


def test_changes_of_dags_fail_nothing():
    report = Report(diffs=(*full().diffs, DagDiff("new", Fate.ADDED)))
    suite = suites(report)["diff"]

    assert set(ends(suite).values()) == {"passed"}
    assert "warning tasks.fit.retries: `fit` is not" in suite[0].find("system-out").text


def test_nothing_found_is_one_test_that_passes():
    [suite] = read(Report(files=12, seconds=1.5))

    assert ends(suite) == {("dagproof", "clean"): "passed"}
    assert suite[0].find("system-out").text == "12 files"
    assert suite.get("time") == "1.500"


@given(st.text(st.characters(codec=None), min_size=1) | st.sampled_from(["]]>", "\ufffe", "\x00"]))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_the_document(words):
    text = render(full(lambda _: words))

    text.encode()
    SCHEMA.assertValid(etree.fromstring(text.encode()))


def test_ten_megabytes_are_shortened():
    big = TaskError("E", "x" * 10_000_000, "line\n" * 2_000_000 + "the end")
    text = render(Report(runs=(ran(TaskOutcome("a", -1, "failed", 1, 0.0, error=big)),)))

    assert len(text) < 20_000
    assert "the end" in text
    assert "more lines" in text
