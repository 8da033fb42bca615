"""The table is put at the end of pyproject.toml, which otherwise stays as it was, byte by byte."""

import re
import tomllib
from pathlib import Path

import pytest

from dagproof.config import load_settings
from dagproof.onboarding import Edit, Layout, Left
from dagproof.onboarding.runs import Candidate
from dagproof.onboarding.settings_file import settings_part


@pytest.fixture
def part(repository, tmp_path):
    """Return what becomes of a pyproject.toml."""

    def part(before=None, runs=(), *, baseline=True, **layout):
        if before is not None:
            (tmp_path / "pyproject.toml").write_bytes(before)
        given = Layout(**{"dags": (tmp_path / "dags",), **layout})
        return settings_part(repository, given, runs, baseline=baseline)

    return part


def read(edit):
    return tomllib.loads(edit.after.decode("utf-8-sig"))["tool"]["dagproof"]


def test_file_that_is_missing_is_made(part):
    edit = part()

    assert edit.before is None
    assert read(edit) == {"dags": ["dags"], "baseline": "dagproof-baseline.json"}


def test_table_says_all_that_was_found(part, tmp_path):
    edit = part(
        baseline=False,
        dags=(tmp_path / "a" / "dags", tmp_path),
        plugins=tmp_path / "a" / "plugins",
        pythonpath=(tmp_path, tmp_path / "src"),
    )

    assert read(edit) == {
        "dags": ["a/dags", "."], "plugins": "a/plugins", "pythonpath": [".", "src"],
    }  # fmt: skip


def test_what_is_written_is_read_by_dagproof(part, tmp_path):
    for folder in ("dags", "plugins", "src"):
        (tmp_path / folder).mkdir()
    edit = part(
        runs=[Candidate("a"), Candidate("b", "sleeps")],
        plugins=tmp_path / "plugins",
        pythonpath=(tmp_path / "src",),
    )
    edit.path.write_bytes(edit.after)

    settings = load_settings(tmp_path)

    assert settings.dags == (tmp_path / "dags",)
    assert settings.plugins == tmp_path / "plugins"
    assert settings.pythonpath == (tmp_path / "src",)
    assert settings.baseline == tmp_path / "dagproof-baseline.json"
    assert [run.dag for run in settings.runs] == ["a"]


@pytest.mark.parametrize("name", ['a"b', "a\\b", "ä", "a\tb", "a\x7fb", "]", "#"])
def test_ids_and_folders_with_odd_characters_are_read_as_they_are(part, tmp_path, name):
    runs = [Candidate(name), Candidate(name, "sleeps")]
    edit = part(runs=runs, dags=(tmp_path / name,))

    assert read(edit)["dags"] == [name]
    assert read(edit)["runs"] == [{"dag": name}]


def test_runs_that_are_offered_can_be_turned_on_by_taking_the_marks_away(part):
    edit = part(runs=[Candidate("a", "sleeps"), Candidate("b", "uses a pool")])

    assert "runs" not in read(edit)
    text = edit.after.decode().replace("# [[", "[[").replace("# dag =", "dag =")
    assert tomllib.loads(text)["tool"]["dagproof"]["runs"] == [{"dag": "a"}, {"dag": "b"}]
    assert "# sleeps" in text


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"# only a comment",
        b"[project]\nname = 'x'  # keep\n\n\n",
        b"[project]\r\nname = 'x'\r\n",
        b"\xef\xbb\xbf[project]\nname = 'x'",
        "# grün\n[tool.ruff]\nline-length = 9".encode(),
        b"[tool]\n[tool.other]\na = 1\n",
        b"[[tool.list]]\na = 1\n",
        b"tool.x.y = 1\n",
    ],
)
def test_not_one_byte_before_the_table_changes(part, before):
    edit = part(before)

    assert edit.before == before
    assert edit.after.startswith(before)
    document = tomllib.loads(edit.after.decode("utf-8-sig"))
    assert document["tool"].pop("dagproof")["dags"] == ["dags"]
    was = tomllib.loads(before.decode("utf-8-sig"))
    assert document == {"tool": {}, **was}


def test_line_ends_of_windows_are_kept(part):
    edit = part(b"[project]\r\nname = 'x'\r\n")

    assert edit.after.count(b"\n") == edit.after.count(b"\r\n") > 3


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (b"no toml", "`pyproject.toml` is no valid TOML"),
        (b"tool = {x = 1}\n", "would not be read"),
        (b"\xff\xfea\x00", "is not UTF-8"),
        (b"[tool]\ndagproof.dags = ['x']\n[tool.y]", "has a \\[tool.dagproof\\] table already"),
    ],
)
def test_file_that_cannot_take_a_table_is_left_and_the_lines_are_shown(part, before, why):
    left = part(before)

    assert isinstance(left, Left)
    assert re.search(why, left.why)
    assert "baseline" in left.paste


def test_folder_that_is_no_file_is_left(part, tmp_path):
    (tmp_path / "pyproject.toml").mkdir()

    left = part()

    assert (left.why, left.paste[:15]) == (
        "`pyproject.toml` is no regular file; put these lines into it.", "[tool.dagproof]",
    )  # fmt: skip


def test_name_that_is_no_text_is_told(part, tmp_path):
    left = part(dags=(Path(str(tmp_path) + "/\udcff"),))

    assert isinstance(left, Left)


def test_table_of_the_users_own_is_left_and_what_it_lacks_is_shown(part):
    before = b'[tool.dagproof]\ndags = ["other"]\n'

    left = part(before, runs=[Candidate("a"), Candidate("b", "sleeps")])

    assert left.why.startswith("It has a [tool.dagproof] table already, which is left as it is")
    assert left.paste.splitlines()[0] == 'baseline = "dagproof-baseline.json"'
    assert 'dag = "a"' in left.paste
    assert "sleeps" not in left.paste


def test_second_time_there_is_nothing_to_do(part):
    edit = part(runs=[Candidate("a")])

    left = part(edit.after, runs=[Candidate("a")])

    assert (left.why, left.paste) == ("It has a [tool.dagproof] table already.", "")


def test_table_that_is_none_is_left(part):
    assert isinstance(part(b"[tool]\ndagproof = 1\n"), Left)


def test_table_in_the_middle_of_another_is_an_edit_of_the_end_alone(part):
    assert isinstance(part(b"[tool.a]\nx = '''\n[tool.b]\n'''\n"), Edit)
