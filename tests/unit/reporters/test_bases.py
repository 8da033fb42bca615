"""A commit is called what a person knows it by."""

import pytest

from dagproof.model import Comparison
from dagproof.reporters.bases import base

COMMIT = "a30f7d1f4293ff89b0036410f9e1d5c7454341ed"


@pytest.mark.parametrize(
    ("asked", "how", "called"),
    [
        ("main", "the main branch", "main"),
        ("origin/dead\x1bbeef", "`--base`", "origin/dead\\x1bbeef"),
        ("HEAD^1", "the pull request's base", "a30f7d1f4293 (the pull request's base)"),
        (COMMIT, "what the merge queue stands on", "a30f7d1f4293 (what the merge queue stands on)"),
        (COMMIT, "`--base`", "a30f7d1f4293"),
        ("HEAD", "`--base`", "a30f7d1f4293"),
        ("HEADROOM", "`--base`", "HEADROOM"),
        ("", "", "a30f7d1f4293"),
    ],
)
def test_commit_is_called_by_its_branch_or_by_its_id_and_what_it_is(asked, how, called):
    assert base(Comparison(COMMIT, asked, how)) == called
