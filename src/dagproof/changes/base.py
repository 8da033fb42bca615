"""Finds the commit that a change is compared with, and what differs from it."""

from collections.abc import Mapping
from pathlib import Path

from dagproof.changes import files, services
from dagproof.changes.git import Refusal, answer, ask
from dagproof.changes.services import Candidate
from dagproof.model import Comparison, UsageError


def compared(root: Path, asked: str | None, environ: Mapping[str, str]) -> Comparison:
    """Compare the working tree with the commit that a change starts from.

    Without a commit that is named, it is the base of the pull request, of the merge queue or of the
    push where a CI service tells, else where this branch has left the repository's main one.

    Args:
        root: the folder of the repository that is proved; git's may lie above it.
        asked: a commit, a branch or a tag, where the user names one.
        environ: of the process, with what a CI service says.

    Raises:
        UsageError: there is no git, or what was asked for is no commit of a complete clone.
    """
    top = answer(root, "rev-parse", "--show-toplevel")
    if not top:
        return _without_repository(root, asked)
    if answer(root, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return Comparison(unknown="There is no commit yet to compare with.")
    shallow = answer(root, "rev-parse", "--is-shallow-repository") == "true"
    candidates = [Candidate(asked, "`--base`")] if asked else services.candidates(root, environ)
    for candidate in candidates:
        if found := _commit(root, candidate.commit):
            return _from(Path(top), candidate, found, exact=candidate.exact, shallow=shallow)
    names = " or ".join(f"`{one.commit}`" for one in candidates)
    if not candidates:
        return Comparison(
            unknown="No branch is known that this one could have left; `--base` names one."
        )
    sentence = f"There is no commit {names} here.{_deeper(shallow)}"
    if asked and not shallow:
        raise UsageError(f"{sentence} `--base` takes a commit, a branch or a tag of this clone.")
    return Comparison(asked=candidates[0].commit, how=candidates[0].how, unknown=sentence)


def _without_repository(root: Path, asked: str | None) -> Comparison:
    try:
        ask(root, "rev-parse", "--show-toplevel")
    except Refusal as refusal:
        said = str(refusal).rstrip(".")
    else:
        said = "it is a bare repository"
    if asked:
        raise UsageError(f"`--base {asked}` needs a git repository at {root}: {said}.")
    return Comparison(unknown=f"git does not know {root}: {said}.")


def _from(top: Path, candidate: Candidate, found: str, *, exact: bool, shallow: bool) -> Comparison:
    """Return what differs from where the branch left a commit, or from the commit itself."""
    base = found if exact else answer(top, "merge-base", found, "HEAD")
    if not base:
        return Comparison(
            asked=candidate.commit,
            how=candidate.how,
            unknown=f"`{candidate.commit}` and this branch have no common ancestor here."
            f"{_deeper(shallow)}",
        )
    try:
        differing = files.changed(top, base)
    except Refusal as refusal:
        return Comparison(
            base, candidate.commit, candidate.how, f"git cannot say what has changed: {refusal}."
        )
    return Comparison(base, candidate.commit, candidate.how, files=differing)


def _commit(root: Path, name: str) -> str | None:
    if name.startswith("-"):
        return None
    return answer(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") or None


def _deeper(shallow: bool) -> str:
    if not shallow:
        return ""
    return (
        " The clone is shallow: `git fetch --unshallow` brings the rest, and on GitHub "
        "`fetch-depth: 0` of actions/checkout."
    )
