"""What CI services, and branches, say of the commit that a change starts from."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dagproof.changes.git import answer

_NOTHING: Final = re.compile("0*")
"""What GitHub calls the commit before a branch's first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit to compare with, if it is there.

    Attributes:
        commit: a commit, a branch or a tag.
        how: who names it, as a sentence part.
        exact: whether it is the very commit to compare with, and not one whose branch was left.
    """

    commit: str
    how: str
    exact: bool = False


_VARIABLES: Final = (
    ("DAGPROOF_BASE", "{}", "`DAGPROOF_BASE`"),
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "{}", "the merge request's base"),
    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "origin/{}", "the merge request's target"),
    ("BITBUCKET_PR_DESTINATION_COMMIT", "{}", "the pull request's base"),
    ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "origin/{}", "the pull request's base"),
    ("CHANGE_TARGET", "origin/{}", "the change's target"),
)
"""What GitLab, Bitbucket, Buildkite and Jenkins say."""

_MAIN: Final = ("origin/main", "origin/master", "main", "master")


def candidates(root: Path, environ: Mapping[str, str]) -> list[Candidate]:
    """Return the commits that may be meant, the likeliest first.

    Args:
        root: in the repository.
        environ: of the process.
    """
    found = [
        Candidate(form.format(environ[name]), how)
        for name, form, how in _VARIABLES
        if environ.get(name)
    ]
    if environ.get("GITHUB_ACTIONS") == "true":
        found += _github(root, environ)
    return found or list(_branches(root))


def _github(root: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    name = environ.get("GITHUB_EVENT_NAME", "")
    if name in {"pull_request", "pull_request_target"}:
        request = event.get("pull_request", {})
        how = "the pull request's base"
        if _is_merge_of(root, str(_in(request, "head", "sha"))):
            yield Candidate("HEAD^1", how, exact=True)
        branch = environ.get("GITHUB_BASE_REF")
        if branch:
            yield Candidate(f"origin/{branch}", how)
        if sha := _in(request, "base", "sha"):
            yield Candidate(str(sha), how)
    elif name == "merge_group":
        if sha := _in(event, "merge_group", "base_sha"):
            yield Candidate(str(sha), "what the merge queue stands on")
    elif name == "push":
        before = str(event.get("before") or "")
        if not _NOTHING.fullmatch(before):
            yield Candidate(before, "what was there before the push")
        elif default := _in(event, "repository", "default_branch"):
            yield Candidate(f"origin/{default}", "the default branch")


def _is_merge_of(root: Path, head: str) -> bool:
    """Say whether GitHub made the commit that is checked out, to try the merge."""
    return bool(head) and answer(root, "rev-parse", "--verify", "--quiet", "HEAD^2") == head


def _event(path: str) -> dict[str, Any]:
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _in(document: object, *keys: str) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document or ""


def _branches(root: Path) -> Iterator[Candidate]:
    default = answer(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    for name in dict.fromkeys((default, *_MAIN)):
        if name and answer(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
            yield Candidate(name, "the main branch")
            return
