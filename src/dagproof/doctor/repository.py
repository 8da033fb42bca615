"""The repository: its settings, its DAG files, its runs, and what git can compare them with."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from dagproof.changes.git import Refusal, answer, ask
from dagproof.config import Settings
from dagproof.doctor.check import Check, ok, problem, warning
from dagproof.doctor.surroundings import Surroundings
from dagproof.lint.entries import Entries
from dagproof.model import DagproofError, UsageError
from dagproof.reporters.words import count
from dagproof.services import BACKENDS


def settings(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether pyproject.toml can be read."""
    if surroundings.settings is None:
        yield problem("settings", surroundings.complaint.rstrip("."))
        return
    if not surroundings.settings.declared:
        yield warning(
            "settings",
            "There is no [tool.dagproof] in a pyproject.toml: what is usual is taken",
            "dagproof init",
        )
    else:
        yield ok("settings", f"[tool.dagproof] in {surroundings.settings.root / 'pyproject.toml'}")
    if surroundings.backend not in BACKENDS:
        yield problem(
            "services",
            f"`DAGPROOF_SERVICES` is `{surroundings.backend}`, which is none of "
            f"{', '.join(BACKENDS)}",
            "unset DAGPROOF_SERVICES",
        )


def dags(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether there are DAG files."""
    told = surroundings.settings
    if told is None:
        return
    missing = [folder for folder in told.dags if not folder.is_dir()]
    if len(missing) == len(told.dags):
        way = "dagproof init" if not told.declared else ""
        yield problem("dags", f"There is no dags folder at {_listed(missing)}", way)
        return
    if missing:
        yield warning("dags", f"{_listed(missing)} in `dags` is no folder")
    try:
        found = Entries(told, ())
    except DagproofError as error:
        yield problem("dags", str(error).rstrip("."))
        return
    if found.unread:
        path, why = found.unread[0]
        yield warning("dags", f"{path} cannot be read: {why}")
    yield ok("dags", f"{count(len(found.files), 'file')} in {_folders(told)}")


def runs(surroundings: Surroundings) -> Iterator[Check]:
    """Say what `dagproof run` runs by itself."""
    told = surroundings.settings
    if told is not None and told.declared:
        named = ", ".join(one.dag for one in told.runs)
        yield ok("runs", named or "none are configured: name a DAG to `dagproof run`")


def git(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether a change can be compared with what it changes."""
    here = surroundings.folder
    try:
        top = ask(here, "rev-parse", "--show-toplevel").strip()
    except UsageError:
        yield warning(
            "git", "git is not installed: nothing can be compared", "sudo apt-get install git"
        )
        return
    except Refusal as refusal:
        yield _refused(here, refusal)
        return
    if answer(here, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        yield warning(
            "git", f"There is no commit in {top} yet", "git add --all && git commit -m 'Begin'"
        )
    elif answer(here, "rev-parse", "--is-shallow-repository") == "true":
        yield warning(
            "git",
            "The clone is shallow: the commit that a branch left is not here (on GitHub, "
            "`fetch-depth: 0` of actions/checkout)",
            "git fetch --unshallow",
        )
    elif answer(here, "remote") and not answer(
        here, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"
    ):
        yield ok("git", f"{top}; origin's main branch is not known, `--base` names one")
    else:
        yield ok("git", top)


def _refused(here: Path, refusal: Refusal) -> Check:
    said = refusal.said.strip()
    if "dubious ownership" in said:
        return warning(
            "git",
            f"git does not trust {here}, which belongs to somebody else",
            f"git config --global --add safe.directory {shlex.quote(str(here))}",
        )
    if "not a git repository" in said:
        return warning("git", f"{here} is in no git work tree: nothing can be compared", "git init")
    return warning("git", f"git refuses {here}: {refusal}")


def _listed(folders: list[Path]) -> str:
    return ", ".join(map(str, folders))


def _folders(told: Settings) -> str:
    plugins = (told.plugins,) if told.plugins else ()
    return ", ".join(
        str(folder.relative_to(told.root)) if told.root in folder.parents else str(folder)
        for folder in (*told.dags, *plugins)
    )
