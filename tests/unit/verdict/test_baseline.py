"""A baseline knows findings by the text of their line, and lets through what is new."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import Finding, Kind, Report, Severity, Span, UnavailableError, UsageError
from dagproof.verdict.baseline import hold_back, read, together, write

CODES = ("DP101", "DP102")
HELD = "{} known finding{} held back by the baseline."
GONE = (
    "1 finding of the baseline is gone, as in a: write it anew by `dagproof {} --write-baseline`."
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "a.py").touch()
    return tmp_path


@pytest.fixture
def held(root):
    def held(known, found, looked_at=("dags/a.py",), ran=CODES):
        write(root / "baseline.json", known, root)
        return hold_back(found, read(root / "baseline.json"), root, looked_at=looked_at, ran=ran)

    return held


def test_known_finding_is_held_back(held, finding):
    result = held([finding(excerpt="x()")], [finding(excerpt="x()")])

    assert (result.new, result.held, result.stale) == ((), 1, ())
    assert result.notes() == ("1 known finding is held back by the baseline.",)


def test_finding_stays_known_when_its_line_moves_and_is_indented(held, finding):
    assert held([finding(excerpt="x()")], [finding(line=9, excerpt="    x()  ")]).new == ()


@pytest.mark.parametrize(
    "other",
    [{"excerpt": "y()"}, {"code": "DP102"}, {"path": "dags/b.py"}],
)
def test_anything_else_is_new(held, finding, other):
    new = finding(**{"excerpt": "x()", **other})

    assert held([finding(excerpt="x()")], [new]).new == (new,)


def test_more_on_equal_lines_than_are_known_are_new(held, finding):
    known = [finding(line=line, excerpt="x()") for line in (1, 2)]
    found = [finding(line=line, excerpt="x()") for line in (1, 5, 9)]

    assert held(known, found).new == (found[2],)


def test_finding_that_is_gone_is_stale(held, finding):
    known = [finding(line=line, excerpt="x()") for line in (1, 2, 3)]
    result = held(known, known[:1])

    assert [(entry.path, entry.code, entry.count) for entry in result.stale] == [
        ("dags/a.py", "DP101", 2)
    ]
    held_back, gone = result.notes()
    assert held_back == "1 known finding is held back by the baseline."
    assert gone.startswith("2 findings of the baseline are gone, as in dags/a.py: ")


def test_notes_count_as_people_do(held, finding):
    several = [finding(line=line, excerpt="x()") for line in (1, 2)]

    assert held(several, several).notes() == ("2 known findings are held back by the baseline.",)
    assert held(several[:1], []).notes()[0].startswith("1 finding of the baseline is gone, as in ")


@pytest.mark.parametrize(
    ("code", "command"),
    [("DP101", "lint"), ("DP190", "lint"), ("DP205", "audit"), ("DP303", "contracts")],
)
def test_what_is_gone_is_told_with_the_command_that_forgets_it(held, finding, code, command):
    result = held([finding(code, excerpt="x()")], [], ran=(code,))
    gone = "1 finding of the baseline is gone, as in dags/a.py"
    assert result.notes() == (f"{gone}: write it anew by `dagproof {command} --write-baseline`.",)


def test_what_is_gone_of_several_kinds_is_told_for_each(held, finding):
    known = [finding("DP205", excerpt="y()"), finding(excerpt="x()"), finding("DP102")]
    gone = ("of the baseline are gone, as in dags/a.py", "of the baseline is gone, as in dags/a.py")
    assert held(known, [], ran=("DP101", "DP102", "DP205")).notes() == (
        f"2 findings {gone[0]}: write it anew by `dagproof lint --write-baseline`.",
        f"1 finding {gone[1]}: write it anew by `dagproof audit --write-baseline`.",
    )


def test_what_is_gone_of_a_named_baseline_is_told_with_its_name(held, finding):
    [told] = held([finding(excerpt="x()")], []).notes(" --baseline 'my known.json'")
    assert told.endswith("by `dagproof lint --baseline 'my known.json' --write-baseline`.")


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        ({"lint": Report(notes=(HELD.format(2, "s are"),), held=2)}, (HELD.format(2, "s are"),)),
        (
            {
                "lint": Report(notes=("a", HELD.format("1,020", "s are")), held=1020),
                "audit": Report(notes=(HELD.format(1, " is"), "a"), held=1),
            },
            (
                "a",
                "1,021 known findings are held back by the baseline (1,020 of lint, 1 of audit).",
            ),
        ),
        (
            {
                "lint": Report(notes=(GONE.format("lint"),)),
                "audit": Report(notes=(GONE.format("audit"),)),
            },
            (GONE.format("lint"), GONE.format("audit")),
        ),
        ({}, ()),
    ],
)
def test_counts_of_several_commands_are_added_up(reports, told):
    assert together(reports) == told


def test_nothing_to_say_is_not_said(held):
    assert held([], []).notes() == ()


def test_stale_entries_come_in_order(root, finding):
    write(root / "baseline.json", [finding(code) for code in CODES], root)
    entries = read(root / "baseline.json")[::-1]

    stale = hold_back([], entries, root, looked_at=["dags/a.py"], ran=CODES).stale
    assert [entry.code for entry in stale] == ["DP101", "DP102"]


def test_what_was_not_looked_at_is_not_stale(held, finding):
    assert held([finding()], [], looked_at=()).stale == ()
    assert held([finding()], [], ran=("DP102",)).stale == ()


def test_finding_of_a_file_that_is_gone_is_stale(held, finding):
    assert len(held([finding(path="dags/gone.py")], [], looked_at=()).stale) == 1


def test_paths_are_those_of_the_repository_wherever_dagproof_is_called(root, finding, monkeypatch):
    write(root / "baseline.json", [finding(path="dags/a.py")], root)
    monkeypatch.chdir(root / "dags")
    found = [finding(path="a.py")]
    entries = read(root / "baseline.json")

    assert hold_back(found, entries, root, looked_at=["a.py"], ran=CODES).new == ()


def test_file_has_one_sorted_entry_on_a_line_and_no_line_numbers(root, finding):
    findings = [finding(path=path, line=7) for path in ("b.py", "a.py", "b.py")]
    write(root / "baseline.json", findings, root)
    lines = (root / "baseline.json").read_text().splitlines()

    assert lines[0] == '{"version": 1, "findings": ['
    assert [json.loads(line.rstrip(","))["path"] for line in lines[1:-1]] == ["a.py", "b.py"]
    assert [json.loads(line.rstrip(","))["count"] for line in lines[1:-1]] == [1, 2]
    assert lines[-1] == "]}"


def test_order_of_findings_does_not_change_the_file(root, finding):
    findings = [finding(code, excerpt=line) for code in CODES for line in "xy"]
    write(root / "one", findings, root)
    write(root / "two", findings[::-1], root)

    assert (root / "one").read_bytes() == (root / "two").read_bytes()


def test_entry_that_both_branches_added_counts_once(root, finding):
    write(root / "baseline.json", [finding()], root)
    entries = read(root / "baseline.json") * 2
    result = hold_back([finding()] * 2, entries, root, looked_at=["dags/a.py"], ran=CODES)

    assert (result.held, len(result.new)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "it is no valid JSON"),
        (b"<<<<<<< HEAD\n{}", "it is no valid JSON"),
        (b"\xff\xfe\x00", "it is no valid JSON"),
        (b"[" * 100_000, "it is no valid JSON"),
        (b"[]", "of version 1"),
        (b'{"version": 2, "findings": []}', "of version 1"),
        (b'{"version": 1}', "no list `findings`"),
        (b'{"version": 1, "findings": [{"path": "a"}]}', "the entry {'path': 'a'}"),
        (
            b'{"version": 1, "findings": [{"path": 1, "code": "", "line": "", "count": 1}]}',
            "the entry",
        ),
    ],
)
def test_damaged_file_is_refused_with_the_way_out(root, text, expected):
    (root / "baseline.json").write_bytes(text)

    with pytest.raises(UsageError, match=r"is no baseline.*`dagproof lint --write-base") as caught:
        read(root / "baseline.json")
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{root / 'baseline.json'} is no baseline")


def test_missing_file_is_refused_with_the_way_out(root):
    with pytest.raises(
        UsageError,
        match=r"^There is no baseline .*/b: write it with `dagproof lint .* --baseline .*/b`\.$",
    ):
        read(root / "b")


def test_folder_is_refused(root):
    with pytest.raises(UsageError, match=r"dags cannot be read: Is a directory\."):
        read(root / "dags")
    with pytest.raises(UnavailableError, match=r"dags cannot be written: Is a directory\."):
        write(root / "dags", [], root)


def _finding(root, code, path, excerpt):
    span = Span(f"{root}/{path}", 1, 1, 1, 1)
    return Finding(code, "slug", Severity.ERROR, Kind.MLFLOW, "", "", span, excerpt)


SPOTS = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(["a.py", "ü.py", "\udcff.py"]), st.text())
)


@given(known=SPOTS, found=SPOTS)
def test_what_was_written_is_known_and_nothing_else(tmp_path_factory, known, found):
    root = tmp_path_factory.mktemp("repository")
    file = root / "baseline.json"
    findings = [_finding(root, *spot) for spot in found]
    write(file, [_finding(root, *spot) for spot in known], root)
    result = hold_back(findings, read(file), root, looked_at=(), ran=CODES)

    stripped = [
        Counter((code, path, line.strip()) for code, path, line in spots)
        for spots in (known, found)
    ]
    assert result.held == (stripped[0] & stripped[1]).total()
    assert len(result.new) == (stripped[1] - stripped[0]).total()
    assert sum(entry.count for entry in result.stale) == (stripped[0] - stripped[1]).total()
