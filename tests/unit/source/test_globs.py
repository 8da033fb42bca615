"""Patterns mean what they mean to git."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dagproof.source.globs import compile_globs

PARTS = ["a", "b.py", "ab", "a b", "[x]", "x", "#a", "!a", "a*", "\\"]
WORDS = ["a", "b", "x", ".py", "*", "**", "?", "/", "/", "!", "#", " ", "\\", "\\*", "\\#", "\\ "]
CLASSES = ["[ab]", "[!a]", "[^a]", "[a-c]", "[z-a]", "[]x]", "[[:alpha:]]", "[", "]"]
PATTERNS = st.lists(st.sampled_from([*WORDS, *CLASSES]), min_size=1, max_size=6).map("".join)


@pytest.fixture(scope="module")
def ignored_by_git(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)

    def ignored_by_git(patterns, paths):
        (root / ".gitignore").write_text("\n".join(patterns) + "\n", encoding="utf-8")
        asked = b"".join(path.encode() + b"\0" for path in paths)
        command = ["git", "-C", str(root), "check-ignore", "--no-index", "-z", "--stdin"]
        answer = subprocess.run(command, input=asked, capture_output=True, check=False)
        assert answer.returncode in {0, 1}, answer.stderr
        return set(answer.stdout.decode().split("\0")) - {""}

    return ignored_by_git


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    patterns=st.lists(PATTERNS, min_size=1, max_size=4),
    paths=st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), min_size=1),
)
@example(patterns=["a/", "!a"], paths=[["a", "b.py"]])
@example(patterns=["a/**", "!a/x"], paths=[["a", "x"], ["a", "b.py"]])
@example(patterns=["a/*", "!a/x"], paths=[["a", "x"], ["a", "b.py"]])
@example(patterns=["\\\\ "], paths=[["\\"]])
@example(patterns=["**/a/x"], paths=[["a", "x"], ["x", "a", "x"]])
@example(patterns=["a/**/x"], paths=[["a", "x"], ["a", "a", "ab", "x"]])
def test_git_says_the_same(ignored_by_git, patterns, paths):
    asked = sorted({"/".join(path) for path in paths})
    globs = compile_globs(patterns)

    assert {path for path in asked if globs.cover(path)} == ignored_by_git(patterns, asked)


def test_pattern_that_no_regex_can_say_is_dropped():
    assert compile_globs(["[z-a]", "b.py"]).cover("b.py")
    assert not compile_globs(["[z-a]"]).cover("z")


def test_patterns_of_nothing_cover_nothing():
    assert compile_globs(["", "   ", "# a", "/", "!"]).groups == ()


def test_last_pattern_decides():
    globs = compile_globs(["*.py", "!keep.py", "sub/keep.py"])

    assert [globs.cover(path) for path in ("a.py", "keep.py", "sub/keep.py")] == [True, False, True]


def test_file_below_a_covered_folder_is_not_brought_back():
    assert compile_globs(["build/", "!build/keep.py"]).cover("build/keep.py")


def test_file_is_no_folder():
    assert not compile_globs(["build/"]).cover("build")


def test_none_says_that_no_pattern_fits():
    assert compile_globs(["a"]).verdict("b", str(Path("b"))) is None


@pytest.mark.parametrize(
    ("patterns", "path"),
    [
        (["/a", "!a"], "a/b.py"),
        (["x/a/", "!a/"], "x/a/c/b.py"),
        (["a/**", "!*.py"], "a/b.py"),
    ],
)
def test_airflow_does_not_bring_back_what_lies_below(patterns, path):
    assert compile_globs(patterns, deep=True).cover(path)
    assert not compile_globs(patterns).cover(path)
