"""Which findings count: reading beside seeing, comments, settings, a baseline, another commit."""

import json

import pytest

from dagproof.audit.judging import judged, with_excerpts
from dagproof.audit.request import AuditRequest
from dagproof.lint import LintRequest, lint
from dagproof.model import ImportTrace, ModuleCost, Severity, UsageError
from dagproof.rules import IMPORTS
from dagproof.verdict.known import BASELINE
from dagproof.verdict.twins import UNTOLD

REQUEST = 'import requests\nfrom airflow.sdk import DAG\nrequests.get("https://rates.test")\n'
HIDDEN = "import helpers\nfrom airflow.sdk import DAG\ngetattr(helpers, 'connect')()\n"
RAN = frozenset(rule.code for rule in IMPORTS)


@pytest.fixture
def judge(repository, connecting):
    """Judge findings in the repository as it is configured."""

    def judge(findings, traces=None, *, ran=RAN, before=(), **request):
        traces = [connecting()] if traces is None else traces
        return judged(repository.settings, AuditRequest(**request), findings, traces, ran=ran,
                      before=before)  # fmt: skip

    return judge


def told(verdict):
    return [(one.code, one.span.path, one.span.line, one.also) for one in verdict.findings]


@pytest.fixture
def known(repository):
    """Return the entries of the baseline: path, code, count."""

    def known(name=BASELINE):
        entries = json.loads((repository.root / name).read_text())["findings"]
        return [(one["path"], one["code"], one["count"]) for one in entries]

    return known


# Twins


def test_what_was_read_and_seen_is_told_once_by_the_code_of_reading(repository, judge, finding):
    repository.add("dags/a.py", REQUEST)

    [one] = judge([finding(message="It ran")]).findings

    assert (one.code, one.also) == ("DP102", ("DP202",))
    assert one.excerpt == 'requests.get("https://rates.test")'
    assert "It ran" in one.detail


def test_what_was_only_seen_says_so_and_shows_its_line(repository, judge, finding):
    repository.add("dags/a.py", HIDDEN)

    [one] = judge([finding(message="It ran")]).findings

    assert (one.code, one.also, one.message) == ("DP202", (), f"It ran{UNTOLD}")
    assert one.excerpt == "getattr(helpers, 'connect')()"


def test_what_was_only_read_is_left_to_lint(repository, judge, finding):
    repository.add("dags/a.py", REQUEST + "import time\ntime.sleep(9)\n")

    assert told(judge([finding()])) == [("DP102", "dags/a.py", 3, ("DP202",))]


def test_nothing_is_read_where_nothing_seen_can_have_a_twin(
    repository, judge, finding, monkeypatch
):
    monkeypatch.setattr("dagproof.audit.judging.lint", pytest.fail)
    repository.add("dags/a.py", REQUEST)

    assert told(judge([finding("DP224", line=1)])) == [("DP224", "dags/a.py", 1, ())]
    assert told(judge([])) == []


@pytest.mark.parametrize("trace", [ImportTrace("dags/a.py"), ImportTrace("dags/a.zip")])
def test_repository_is_not_read_where_no_file_is_known_to_matter(
    repository, judge, finding, monkeypatch, trace
):
    monkeypatch.setattr("dagproof.audit.judging.lint", pytest.fail)
    repository.add("dags/a.py", REQUEST)

    assert [one[0] for one in told(judge([finding("DP223")], [trace]))] == ["DP223"]


def test_only_the_files_of_which_something_was_seen_are_read(
    repository, judge, finding, connecting, monkeypatch
):
    asked = []

    def fake(settings, request):
        asked.append(([path.name for path in request.paths], settings.per_file_ignores))
        return lint(settings, request)

    monkeypatch.setattr("dagproof.audit.judging.lint", fake)
    repository.configure('per-file-ignores = { "b.py" = ["DP101"] }')
    for name in "abcd":
        repository.add(f"dags/{name}.py", REQUEST)
    traces = [connecting("dags/a.py"), ImportTrace("dags/b.py"),
              ImportTrace("dags/c.py", modules=(ModuleCost("pandas", 1, 1),)),
              connecting("dags/d.zip")]  # fmt: skip

    judge([finding()], traces)

    assert asked == [(["a.py", "c.py"], {})]


def test_file_that_cannot_be_read_is_judged_by_what_was_seen(repository, judge, finding):
    repository.configure('exclude = ["dags/"]')
    repository.add("dags/a.py", REQUEST)
    assert [one[0] for one in told(judge([finding()]))] == ["DP202"]

    assert [one[0] for one in told(judge([finding(path="gone.py")]))] == ["DP202"]


def test_graver_severity_of_the_two_holds(repository, judge, finding):
    repository.add("dags/a.py", REQUEST)
    repository.configure('severity = { DP102 = "note", DP202 = "warning" }')

    assert [one.severity for one in judge([finding()]).findings] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("table", "request_"),
    [
        ('per-file-ignores = { "a.py" = ["DP102"] }', {}),
        ('ignore = ["DP102"]', {}),
        ('ignore = ["network-call-at-import"]', {}),
        ("", {"ignore": ["DP102"]}),
    ],
)
def test_ignored_code_of_reading_leaves_what_was_seen_under_its_own(
    repository, judge, finding, table, request_
):
    repository.configure(table)
    repository.add("dags/a.py", REQUEST)

    [one] = judge([finding(message="It ran")], **request_).findings

    assert (one.code, one.also) == ("DP202", ())
    assert one.message == "It ran", "reading could tell, and was not asked"


def test_selection_of_the_question_wins_over_what_the_settings_ignore(repository, judge, finding):
    repository.configure('ignore = ["DP102"]')
    repository.add("dags/a.py", REQUEST)

    assert told(judge([finding()], select=["DP202"])) == [("DP102", "dags/a.py", 3, ("DP202",))]


# Comments and settings


@pytest.mark.parametrize("word", ["DP202", "DP102", "network-call-during-import",
                                  "network-call-at-import"])  # fmt: skip
def test_comment_with_a_reason_silences_both_kinds_of_evidence(repository, judge, finding, word):
    comment = f"  # dagproof: ignore[{word}] answered by a sidecar"
    repository.add("dags/a.py", REQUEST.replace('test")', f'test"){comment}'))

    assert told(judge([finding()])) == []


@pytest.mark.parametrize("comment", ["ignore[DP202]", "ignore[DP203] a reason"])
def test_comment_without_a_reason_or_for_another_code_silences_nothing(
    repository, judge, finding, comment
):
    repository.add("dags/a.py", REQUEST.replace('test")', f'test")  # dagproof: {comment}'))

    assert [one[0] for one in told(judge([finding()]))] == ["DP102"]


def test_comment_in_a_file_that_is_not_there_any_more_is_no_crash(judge, finding):
    assert [one[0] for one in told(judge([finding("DP220", path="gone.py")]))] == ["DP220"]


def test_per_file_ignore_holds_for_the_code_that_was_seen(repository, judge, finding):
    repository.configure('per-file-ignores = { "dags/a.py" = ["DP202"] }')
    repository.add("dags/a.py", REQUEST)

    assert told(judge([finding()])) == []
    assert [one[1] for one in told(judge([finding(path="dags/b.py")]))] == ["dags/b.py"]


def test_severity_of_the_settings_holds_for_what_was_seen(repository, judge, finding):
    repository.configure('severity = { unstable-dag = "note" }')

    assert [one.severity for one in judge([finding("DP224")]).findings] == [Severity.NOTE]


def test_unknown_word_of_the_settings_is_refused(repository, judge, finding):
    repository.configure('severity = { DP999 = "note" }')

    with pytest.raises(UsageError, match="there is no rule `DP999`"):
        judge([finding()])


# The baseline


def test_written_findings_are_known_the_next_time(repository, judge, finding, known):
    repository.add("dags/a.py", HIDDEN)

    verdict = judge([finding()], write_baseline=True)

    assert verdict.findings == ()
    [note] = verdict.notes
    assert note == (
        f"1 finding known from now on, by {repository.root / BASELINE}; name it as `baseline` "
        "under [tool.dagproof], or by `--baseline`."
    )
    assert known() == [("dags/a.py", "DP202", 1)]
    held = judge([finding()], baseline=repository.root / BASELINE)
    assert (held.findings, held.notes) == ((), ("1 known finding is held back by the baseline.",))


def test_configured_baseline_is_used_where_it_is_there(repository, judge, finding):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", HIDDEN)
    assert len(judge([finding()]).findings) == 1

    assert judge([finding()], write_baseline=True).notes[0].endswith("known.json.")
    assert judge([finding()]).findings == ()


def test_what_is_known_because_it_was_read_is_known(repository, judge, finding):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", REQUEST)
    lint(repository.settings, LintRequest(write_baseline=True))

    held = judge([finding()])

    assert (held.findings, held.notes) == ((), ("1 known finding is held back by the baseline.",))


def test_entries_of_lint_stay_when_the_audit_writes_and_the_other_way_round(
    repository, judge, finding, known
):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", REQUEST)
    lint(repository.settings, LintRequest(write_baseline=True))
    assert known("known.json") == [("dags/a.py", "DP102", 1)]

    judge([finding()], write_baseline=True)
    assert known("known.json") == [("dags/a.py", "DP102", 1), ("dags/a.py", "DP202", 1)]

    lint(repository.settings, LintRequest(write_baseline=True))
    assert known("known.json") == [("dags/a.py", "DP102", 1), ("dags/a.py", "DP202", 1)]
    judge([], write_baseline=True)
    assert known("known.json") == [("dags/a.py", "DP102", 1)]


def test_more_of_the_same_than_is_known_are_new(repository, judge, finding):
    repository.configure('baseline = "known.json"')
    line = "getattr(helpers, 'connect')()\n"
    repository.add("dags/a.py", HIDDEN + line)
    judge([finding(line=3)], write_baseline=True)

    verdict = judge([finding(line=3), finding(line=4)])

    assert told(verdict) == [("DP202", "dags/a.py", 4, ())]
    assert verdict.notes == ("1 known finding is held back by the baseline.",)


def test_unreadable_file_is_known_once_however_often_it_is_written(
    repository, judge, finding, known
):
    repository.add("dags/a.py", "x")
    for _ in range(3):
        judge([finding("DP100", line=1)], write_baseline=True)

    assert known() == [("dags/a.py", "DP100", 1)]


def test_entry_that_nobody_finds_any_more_is_stale(repository, judge, finding):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", HIDDEN)
    judge([finding(), finding("DP224", line=1)], write_baseline=True)

    [note] = judge([]).notes
    assert note.startswith("2 findings of the baseline are gone, as in dags/a.py: write it anew")
    assert judge([], ran={"DP224"}).notes[0].startswith("1 finding of the baseline is gone")
    assert judge([], ran=()).notes == ()


def test_entry_of_a_helper_is_stale_where_everything_was_looked_at(
    repository, judge, finding, known
):
    repository.configure('baseline = "known.json"')
    a, _ = repository.add("dags/a.py", HIDDEN), repository.add("dags/helpers.py", HIDDEN)
    judge([finding(path="dags/helpers.py")], write_baseline=True)

    assert judge([], paths=[a]).notes == ()
    assert judge([]).notes[0].startswith("1 finding of the baseline is gone, as in dags/helpers.py")

    judge([], paths=[a], write_baseline=True)
    assert known("known.json") == [("dags/helpers.py", "DP202", 1)]
    judge([], write_baseline=True)
    assert known("known.json") == []


def test_what_comments_and_settings_silence_is_not_written(repository, judge, finding, known):
    repository.configure('per-file-ignores = { "dags/b.py" = ["DP2"] }')
    comment = "  # dagproof: ignore[DP202] answered by a sidecar"
    repository.add("dags/a.py", REQUEST.replace('test")', f'test"){comment}'))

    judge([finding(), finding(path="dags/b.py")], write_baseline=True)

    assert known() == []


def test_missing_baseline_is_refused(repository, judge, finding):
    with pytest.raises(UsageError, match="There is no baseline"):
        judge([finding()], baseline=repository.root / "gone.json")


# Another commit


def test_what_was_there_before_is_counted_and_not_told(repository, judge, finding):
    repository.add("dags/a.py", HIDDEN)
    old = with_excerpts([finding(line=3)], lambda _: repository.root / "dags/a.py")
    repository.add("dags/a.py", "\n\n" + HIDDEN)

    verdict = judge([finding(line=5), finding("DP224", line=1)], before=old)

    assert told(verdict) == [("DP224", "dags/a.py", 1, ())]
    assert verdict.notes == ("1 finding there before, at the commit.",)


def test_second_of_the_same_is_new_since_the_commit(repository, judge, finding):
    repository.add("dags/a.py", HIDDEN + "getattr(helpers, 'connect')()\n")
    old = with_excerpts([finding(line=3)], lambda _: repository.root / "dags/a.py")

    assert told(judge([finding(line=3), finding(line=4)], before=old)) == [
        ("DP202", "dags/a.py", 4, ())
    ]


def test_nothing_is_said_of_a_commit_in_which_nothing_was_found(repository, judge, finding):
    repository.add("dags/a.py", HIDDEN)

    assert judge([finding()], before=()).notes == ()


def test_everything_is_written_down_though_it_was_there_before(repository, judge, finding, known):
    repository.add("dags/a.py", HIDDEN)
    old = with_excerpts([finding()], lambda _: repository.root / "dags/a.py")

    judge([finding()], before=old, write_baseline=True)

    assert known() == [("dags/a.py", "DP202", 1)]


# Excerpts


def test_excerpt_is_the_line_that_a_finding_begins_on(repository, finding):
    path = repository.root / "a.py"
    path.write_bytes("one\r\ntwo ü\r\n\x0cthree".encode())

    found = with_excerpts([finding(line=number) for number in (1, 2, 3, 4, 0)], lambda _: path)

    assert [one.excerpt for one in found] == ["one", "two ü", "\x0cthree", "", ""]


def test_file_that_cannot_be_read_has_no_excerpt_and_odd_bytes_do(repository, finding):
    path = repository.root / "a.py"
    path.write_bytes(b"\xff\xfe")
    assert with_excerpts([finding(line=1)], lambda _: path)[0].excerpt == "\ufffd\ufffd"
    assert with_excerpts([finding(line=1)], lambda _: repository.root)[0].excerpt == ""
    assert with_excerpts([finding(line=1)], lambda _: path / "x")[0].excerpt == ""
