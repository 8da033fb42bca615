"""The hook goes to the end of the list of repositories; all else in the file stays."""

from pathlib import Path

import pytest
import yaml

from dagproof.onboarding import Edit, Left, Repository
from dagproof.onboarding.hook import hook_part
from dagproof.onboarding.origin import Origin

NAME = Origin()


@pytest.fixture
def part(repository, tmp_path):
    """Return what becomes of a .pre-commit-config.yaml."""

    def part(before=None, *, origin=NAME, where=repository):
        if before is not None:
            (tmp_path / ".pre-commit-config.yaml").write_bytes(before)
        return hook_part(where, origin)

    return part


def ours(edit):
    return yaml.safe_load(edit.after)["repos"][-1]["hooks"][0]


def test_file_that_is_missing_is_made(part):
    edit = part()

    assert edit.before is None
    assert ours(edit)["entry"] == "dagproof lint"
    assert ours(edit)["additional_dependencies"][0].startswith("dagproof==")
    assert ours(edit)["pass_filenames"] is False


def test_hook_is_what_our_own_hooks_file_says(part):
    given = yaml.safe_load(Path(".pre-commit-hooks.yaml").read_text())[0]

    hook = ours(part())

    keys = ("id", "name", "entry", "language", "types_or", "pass_filenames", "require_serial")
    assert {key: hook[key] for key in keys} == {key: given[key] for key in keys}


_REPO = b"- repo: https://x.test/a\n  rev: v1\n  hooks: [{id: a}]\n"
_INDENTED = b"".join(b"  " + line for line in _REPO.splitlines(keepends=True))


@pytest.mark.parametrize(
    "before",
    [
        b"repos:\n" + _REPO,
        b"repos:\n" + _INDENTED,
        b"repos:\n" + _INDENTED.rstrip(b"\n"),
        b"# first\nrepos:  # here\n\n" + _INDENTED + b"\n" + _INDENTED + b"\n# last\n",
        b"default_stages: [commit]\nrepos:\n" + _INDENTED + b"\nexclude: ^x$\n",
        b"repos:\n" + _REPO + b"exclude: ^x$\nci:\n  skip: [a]\n",
        (b"repos:\n" + _INDENTED).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbfx: 1\nrepos:\n" + _INDENTED,
        b"repos:\n  # comment\n" + _INDENTED + b"# outer comment\n" + _INDENTED,
        b"repos:\n-   repo: https://x.test/a\n    rev: v1\n    hooks:\n    -   id: a\n",
        b"repos:\n  - repo: a\n    hooks:\n    - id: a\n      entry: |\n        x\n\n        - y\n",
        b"exclude: dagproof-baseline.json\nrepos:\n" + _REPO,
        b"---\nrepos:\n" + _REPO,
    ],
)  # fmt: skip
def test_list_grows_at_its_end_and_all_else_stays(part, before):
    edit = part(before)

    assert isinstance(edit, Edit), edit
    was, now = yaml.safe_load(before), yaml.safe_load(edit.after)
    assert now["repos"].pop()["hooks"][0]["id"] == "dagproof-lint"
    assert now == was
    added = len(edit.after) - len(before)
    start = next(
        place for place in range(len(before) + 1)
        if edit.after[:place] + edit.after[place + added :] == before
        and edit.after[place : place + added].strip().startswith((b"-", b"\n"))
    )  # fmt: skip
    assert b"dagproof" in edit.after[start : start + added]


def test_line_ends_of_windows_are_kept(part):
    edit = part((b"repos:\n" + _INDENTED).replace(b"\n", b"\r\n"))

    assert edit.after.count(b"\n") == edit.after.count(b"\r\n")


@pytest.mark.parametrize(
    "before",
    [
        b"repos: []\n",
        b"repos:\n",
        b"{repos: [{repo: local, hooks: []}]}\n",
        b'"repos":\n' + _REPO,
        b"repos:\n" + _REPO + b"---\nrepos:\n" + _REPO,
        b"repos:\n  a: 1\n",
        b"repos:\n\t- repo: x\n",
        b"",
        b"x: 1\n",
    ],
)
def test_list_in_another_form_is_left_and_the_lines_are_shown(part, before):
    left = part(before)

    assert isinstance(left, Left)
    assert left.why == (
        "`repos:` in `.pre-commit-config.yaml` is not a plain list; put these lines below `repos:`."
    )
    assert yaml.safe_load("repos:\n" + left.paste)["repos"][0]["hooks"][0]["id"] == "dagproof-lint"


@pytest.mark.parametrize(
    "line",
    [b"      - id: dagproof-lint", b"    entry: .venv/bin/dagproof lint", b"- repo: x/dagproof"],
)
def test_hook_that_is_there_is_left(part, line):
    left = part(b"repos:\n" + line + b"\n")

    assert (left.why, left.paste) == ("It has a hook of dagproof already.", "")


def test_hook_of_another_project_does_not_count(part, tmp_path):
    first = part(where=Repository(tmp_path / "a", tmp_path))

    second = part(first.after, where=Repository(tmp_path / "b", tmp_path))

    assert ours(first)["entry"] == "sh -c 'cd \"a\" && exec dagproof lint'"
    assert ours(second)["entry"] == "sh -c 'cd \"b\" && exec dagproof lint'"
    assert isinstance(part(second.after, where=Repository(tmp_path / "a", tmp_path)), Left)


def test_folder_with_an_odd_name_is_left_to_the_user(part, tmp_path):
    left = part(where=Repository(tmp_path / "a'b", tmp_path))

    assert "would have to be quoted" in left.why


def test_file_that_is_no_text_is_left(part):
    assert "is not UTF-8" in part(b"\xff\xfe").why


def test_dagproof_of_a_commit_is_installed_from_there(part):
    edit = part(origin=Origin("https://x.test/d.git", "abc"))

    assert ours(edit)["additional_dependencies"] == ["dagproof @ git+https://x.test/d.git@abc"]
