"""Where known findings are written down, and which file is believed."""

import json

import pytest

from dagproof.model import UnavailableError, UsageError
from dagproof.verdict.known import BASELINE, Known


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    for name in "abc":
        (tmp_path / "dags" / f"{name}.py").write_text("x()\n")
    return tmp_path


@pytest.fixture
def written(root):
    """Return what a file says: path, code, count."""

    def written(file=None):
        document = json.loads((file or root / BASELINE).read_text())
        return [(one["path"], one["code"], one["count"]) for one in document["findings"]]

    return written


RAN = ("DP101", "DP102")


def test_nothing_is_known_where_no_file_is_named(root, finding):
    Known(root, None, None).write([finding()], ["dags/a.py"], RAN)

    assert Known(root, None, None).entries() is None


def test_file_that_the_command_names_wins_and_has_to_be_there(root, finding):
    asked, configured = root / "asked.json", root / "configured.json"
    Known(root, None, configured).write([finding()], ["dags/a.py"], RAN)

    assert len(Known(root, None, configured).entries()) == 1
    with pytest.raises(UsageError, match=r"There is no baseline .*asked\.json"):
        Known(root, asked, configured).entries()
    Known(root, asked, configured).write([], ["dags/a.py"], RAN)
    assert Known(root, asked, configured).entries() == ()


def test_configured_file_need_not_be_there(root):
    assert Known(root, None, root / "configured.json").entries() is None


def test_file_that_is_no_baseline_is_refused_by_readers_and_by_writers(root, finding):
    (root / BASELINE).write_text("{}")
    known = Known(root, root / BASELINE, None)

    for ask in (known.entries, known.there, lambda: known.write([finding()], [], RAN)):
        with pytest.raises(UsageError, match="is no baseline"):
            ask()
    assert (root / BASELINE).read_text() == "{}"


def test_what_is_there_is_what_would_be_written_over(root, finding):
    known = Known(root, None, None)
    assert known.there() == ()

    known.write([finding()], ["dags/a.py"], RAN)
    assert [entry.path for entry in known.there()] == ["dags/a.py"]
    assert Known(root, root / "other.json", None).there() == ()


@pytest.mark.parametrize(
    ("asked", "configured", "name"),
    [
        ("a.json", "c.json", "a.json"),
        ("a.json", None, "a.json"),
        (None, "c.json", "c.json"),
        (None, None, BASELINE),
    ],
)
def test_file_is_the_one_asked_for_else_configured_else_of_one_name(
    root, finding, written, asked, configured, name
):
    known = Known(root, asked and root / asked, configured and root / configured)

    note = known.write([finding()], ["dags/a.py"], RAN)

    assert written(root / name) == [("dags/a.py", "DP101", 1)]
    assert len(list(root.glob("*.json"))) == 1
    told = f"1 finding known from now on, by {root / name}"
    more = "; name it as `baseline` under [tool.dagproof], or by `--baseline`."
    assert note == told + ("." if configured else more)


@pytest.mark.parametrize(("number", "words"), [(0, "0 findings "), (1, "1 finding "),
                                               (2, "2 findings ")])  # fmt: skip
def test_note_counts_as_people_do(root, finding, number, words):
    assert Known(root, None, None).write([finding()] * number, [], RAN).startswith(words)


def test_what_was_looked_for_and_is_gone_is_forgotten(root, finding, written):
    known = Known(root, None, None)
    known.write([finding(), finding("DP102")], ["dags/a.py"], RAN)

    known.write([finding()], ["dags/a.py"], RAN)

    assert written() == [("dags/a.py", "DP101", 1)]


def test_codes_that_were_not_looked_for_are_kept(root, finding, written):
    known = Known(root, None, None)
    known.write([finding(), finding("DP201")], ["dags/a.py"], (*RAN, "DP201"))

    known.write([], ["dags/a.py"], RAN)

    assert written() == [("dags/a.py", "DP201", 1)]


def test_files_that_were_not_looked_at_are_kept(root, finding, written):
    known = Known(root, None, None)
    paths = ["dags/a.py", "dags/b.py"]
    known.write([finding(path=path) for path in paths], paths, RAN)

    known.write([], paths[:1], RAN)

    assert written() == [("dags/b.py", "DP101", 1)]


def test_files_that_are_not_there_any_more_are_forgotten(root, finding, written):
    known = Known(root, None, None)
    known.write([finding(path="dags/b.py")], ["dags/b.py"], RAN)
    (root / "dags" / "b.py").unlink()

    known.write([], ["dags/a.py"], ())

    assert written() == []


def test_finding_of_a_code_that_was_not_looked_for_is_written_once(root, finding, written):
    known = Known(root, None, None)
    for _ in range(3):
        known.write([finding()], ["dags/a.py"], ("DP102",))

    assert written() == [("dags/a.py", "DP101", 1)]


def test_file_that_cannot_be_written_is_refused(root, finding):
    with pytest.raises(UnavailableError, match="cannot be written"):
        Known(root, root / "nowhere" / "x.json", None).write([finding()], [], RAN)
