"""Every complaint carries the exit code of its kind."""

import pytest

from dagproof.model import DagproofError, UnavailableError, UsageError


@pytest.mark.parametrize(
    ("kind", "code"), [(DagproofError, 3), (UsageError, 2), (UnavailableError, 3)]
)
def test_exit_code_says_what_kind_of_refusal_it_is(kind, code):
    assert kind("No.").exit_code == code


@pytest.mark.parametrize("kind", [UsageError, UnavailableError])
def test_every_complaint_is_caught_as_one_kind(kind):
    with pytest.raises(DagproofError, match=r"^No\.$"):
        raise kind("No.")
