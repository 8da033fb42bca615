"""A repository as GitHub has it: branches, a pull request, and the merge that it tries."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "acme/dags"


@dataclass(frozen=True)
class Event:
    """Why a workflow runs.

    Attributes:
        name: of the event.
        payload: what it tells.
        ref: that is tried.
        sha: the commit of it.
        base: the branch that a pull request asks for; empty for other events.
        head: the branch of a pull request; empty for other events.
    """

    name: str
    payload: dict[str, Any]
    ref: str
    sha: str
    base: str = ""
    head: str = ""


class Origin:
    """A bare repository with one branch `main`, and what is asked of it.

    Args:
        folder: where it is made; a work tree to commit from is made beside it.
    """

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "origin.git"
        self.tree = folder / "tree"
        self._pulls = 0
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git(folder, "clone", "--quiet", str(self.bare), str(self.tree))
        git(self.tree, "checkout", "--quiet", "-b", "main")

    def pushed(self, branch: str, message: str) -> str:
        """Commit the work tree and push it; return the commit. What follows stands on `main`."""
        git(self.tree, "add", "--all")
        git(self.tree, "commit", "--quiet", "--message", message)
        commit = git(self.tree, "rev-parse", "HEAD")
        git(self.tree, "push", "--quiet", "origin", f"{commit}:refs/heads/{branch}")
        git(self.tree, "reset", "--quiet", "--hard", "origin/main")
        return commit

    def push_event(self, before: str) -> Event:
        """Return the event of a push to `main`."""
        sha = git(self.bare, "rev-parse", "main")
        payload = {
            "ref": "refs/heads/main",
            "before": before,
            "after": sha,
            "forced": False,
            "repository": _repository(),
        }
        return Event("push", payload, "refs/heads/main", sha)

    def pull_request(self, branch: str, fork: str = "") -> Event:
        """Return the event of a pull request to `main`, whose merge is there to be fetched.

        Args:
            branch: that was pushed.
            fork: the repository that it comes from, if that is another one.
        """
        self._pulls += 1
        number = self._pulls
        base, head = (git(self.bare, "rev-parse", one) for one in ("main", branch))
        git(self.tree, "fetch", "--quiet", "origin")
        git(self.tree, "checkout", "--quiet", "--detach", base)
        git(self.tree, "merge", "--quiet", "--no-ff", "-m", f"Merge {head} into {base}", head)
        merge = git(self.tree, "rev-parse", "HEAD")
        git(self.tree, "push", "--quiet", "origin", f"HEAD:refs/pull/{number}/merge")
        git(self.tree, "push", "--quiet", "origin", f"{head}:refs/pull/{number}/head")
        git(self.tree, "checkout", "--quiet", "main")
        if fork:
            git(self.tree, "push", "--quiet", "origin", f":refs/heads/{branch}")
        payload = {
            "action": "synchronize",
            "number": number,
            "pull_request": {
                "number": number,
                "base": {"ref": "main", "sha": base, "repo": _repository()},
                "head": {"ref": branch, "sha": head, "repo": _repository(fork or NAME)},
                "merge_commit_sha": merge,
                "draft": False,
            },
            "repository": _repository(),
        }
        return Event("pull_request", payload, f"refs/pull/{number}/merge", merge, "main", branch)

    def merge_group(self, branch: str) -> Event:
        """Return the event of the merge queue, that wants to merge one branch."""
        base = git(self.bare, "rev-parse", "main")
        pull = self.pull_request(branch)
        ref = f"refs/heads/gh-readonly-queue/main/pr-{self._pulls}-{base}"
        git(self.tree, "push", "--quiet", "origin", f"{pull.sha}:{ref}")
        group = {"head_ref": ref, "head_sha": pull.sha, "base_ref": "refs/heads/main"}
        payload = {
            "action": "checks_requested",
            "merge_group": {**group, "base_sha": base},
            "repository": _repository(),
        }
        return Event("merge_group", payload, ref, pull.sha)


def checked_out(origin: Path, event: Event, workspace: Path, depth: int) -> None:
    """Make the workspace what actions/checkout makes it.

    Args:
        origin: the bare repository.
        event: says which commit.
        workspace: an empty folder.
        depth: how many commits; 0 for all of all branches and tags.
    """
    git(workspace, "init", "--quiet")
    git(workspace, "remote", "add", "origin", origin.as_uri())
    short = event.ref.removeprefix("refs/")
    local = f"refs/remotes/{short.removeprefix('heads/')}"
    if event.ref.startswith("refs/heads/"):
        local = f"refs/remotes/origin/{event.ref.removeprefix('refs/heads/')}"
    fetch = ("fetch", "--quiet", "--no-tags", "--prune")
    if depth == 0:
        everything = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        git(workspace, *fetch, "origin", *everything)
    deep = [] if depth == 0 else [f"--depth={depth}"]
    git(workspace, *fetch, *deep, "origin", f"+{event.sha}:{local}")
    if event.ref.startswith("refs/heads/"):
        git(workspace, "checkout", "--quiet", "--force", "-B", event.ref[11:], local)
    else:
        git(workspace, "checkout", "--quiet", "--force", local)


def git(folder: Path, *arguments: str) -> str:
    """Return what git answers, without the settings of this machine's user."""
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "octocat"), ("EMAIL", "octocat@example.org"))
    }
    environ = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-c", "uploadpack.allowAnySHA1InWant=true", "-C", str(folder), *arguments],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def _repository(name: str = NAME) -> dict[str, Any]:
    return {"full_name": name, "default_branch": "main", "fork": name != NAME, "private": False}
