"""The narrowest word decides which rules are looked for and what their findings weigh."""

import pytest

from dagproof.model import Severity, UsageError
from dagproof.verdict.selection import select, settle


@pytest.fixture
def selected(rules):
    def selected(chosen=(), left_out=(), **options):
        return [rule.code for rule in select(rules, select=chosen, ignore=left_out, **options)]

    return selected


@pytest.fixture
def settled(rules, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def settled(findings, per_file_ignores=None, severity=None, root=tmp_path):
        return settle(
            findings,
            per_file_ignores=per_file_ignores or {},
            severity=severity or {},
            root=root,
            rules=rules,
        )

    return settled


@pytest.mark.parametrize(
    ("chosen", "left_out", "expected"),
    [
        ([], [], ["DP101", "DP102", "DP120", "DP201"]),
        (["ALL"], [], ["DP101", "DP102", "DP120", "DP121", "DP201"]),
        (["DP12"], [], ["DP120", "DP121"]),
        (["DP"], ["DP1"], ["DP201"]),
        (["uncalled-dag"], [], ["DP120"]),
        ([], ["ALL"], []),
        ([], ["DP1"], ["DP201"]),
        ([], ["uncalled-dag"], ["DP101", "DP102", "DP201"]),
        (["DP1"], ["DP12"], ["DP101", "DP102"]),
        (["DP1", "DP120"], ["DP12"], ["DP101", "DP102", "DP120"]),
        (["DP1", "uncalled-dag"], ["DP12"], ["DP101", "DP102", "DP120"]),
        (["DP120"], ["ALL"], ["DP120"]),
        (["DP120"], ["uncalled-dag"], []),
        (["DP12"], ["DP12"], []),
    ],
)
def test_narrowest_word_decides_and_ignore_wins_a_tie(selected, chosen, left_out, expected):
    assert selected(chosen, left_out) == expected


def test_rules_keep_their_order(selected):
    assert selected(["DP201", "DP101"]) == ["DP101", "DP201"]


@pytest.mark.parametrize(
    ("word", "offer"),
    [
        ("DP110", "did you mean `DP1"),
        ("dp120", "did you mean `DP120`?"),
        ("uncaled-dag", "did you mean `uncalled-dag`?"),
        ("DP9", "lists them all."),
        ("", "`dagproof rule` lists them all."),
        ("W503", "`dagproof rule` lists them all."),
        ("DP1*", "did you mean"),
    ],
)
def test_word_that_names_no_rule_is_refused_with_the_nearest(selected, word, offer):
    with pytest.raises(UsageError) as caught:
        selected([word])

    assert str(caught.value).startswith(f"--select: there is no rule `{word}`; ")
    assert offer in str(caught.value)


def test_refusal_names_where_the_word_stands(selected):
    with pytest.raises(UsageError, match=r"^tool\.dagproof\.ignore: there is no rule `X`"):
        selected(left_out=["X"], where=("--select", "tool.dagproof.ignore"))
    with pytest.raises(UsageError, match=r"^--ignore: there is no rule `X`"):
        selected(left_out=["X"])


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("dags/old/*.py", ["dags/old/sub/c.py", "dags/a.py"]),
        ("old/", ["dags/a.py"]),
        ("*.py", []),
        ("/a.py", ["dags/old/b.py", "dags/old/sub/c.py", "dags/a.py"]),
    ],
)
def test_files_of_a_glob_may_have_the_findings(settled, finding, glob, left):
    findings = [finding(path=path) for path in ("dags/old/b.py", "dags/old/sub/c.py", "dags/a.py")]

    assert [each.span.path for each in settled(findings, {glob: ["DP1"]})] == left


def test_other_rules_still_count_in_such_a_file(settled, finding):
    findings = [finding("DP101"), finding("DP120")]

    assert settled(findings, {"*.py": ["uncalled-dag"]}) == (findings[0],)


def test_globs_are_relative_to_the_root_wherever_dagproof_is_called(
    settled, finding, tmp_path, monkeypatch
):
    (tmp_path / "dags").mkdir()
    monkeypatch.chdir(tmp_path / "dags")
    below, absolute = finding(path="a.py"), finding(path=str(tmp_path / "dags" / "a.py"))

    assert settled([below, absolute], {"dags/a.py": ["ALL"]}) == ()


def test_file_outside_the_root_is_matched_by_its_name_alone(settled, finding, tmp_path):
    outside = finding(path="/elsewhere/a.py")

    assert settled([outside], {"/elsewhere/a.py": ["ALL"]}) == (outside,)
    assert settled([outside], {"a.py": ["ALL"]}) == ()


def test_narrowest_word_decides_the_severity(settled, finding):
    severity = {"DP120": "error", "ALL": "note", "DP1": "warning"}
    findings = settled([finding(code) for code in ("DP101", "DP120", "DP201")], severity=severity)

    assert [each.severity for each in findings] == [
        Severity.WARNING,
        Severity.ERROR,
        Severity.NOTE,
    ]


def test_finding_that_nobody_weighs_stays_as_it_is(settled, finding):
    assert settled([finding()]) == (finding(),)


def test_unknown_words_of_the_settings_are_refused_by_key(settled):
    with pytest.raises(UsageError, match=r"^tool\.dagproof\.per-file-ignores\.'a/\*': .*`X`"):
        settled([], {"a/*": ["X"]})
    with pytest.raises(UsageError, match=r"^tool\.dagproof\.severity: .* `Y`"):
        settled([], severity={"Y": "note"})
