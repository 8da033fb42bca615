"""The line of .gitignore for the folder of reports."""

from typing import Final

from dagproof.onboarding.edits import Edit, Left, Unwritable, appended, content
from dagproof.onboarding.repository import Repository
from dagproof.onboarding.workflow import REPORT
from dagproof.source.globs import compile_globs

FILE: Final = ".gitignore"


def ignored_part(repository: Repository) -> Edit | Left:
    """Return .gitignore with the folder of reports in it."""
    path = repository.top / FILE
    line = f"{REPORT}/\n"
    inner = f"{repository.below}/{REPORT}" if repository.below else REPORT
    try:
        before = content(path, repository.top)
        lines = (before or b"").decode("utf-8-sig").splitlines()
        if compile_globs(lines).cover(f"{inner}/report.json"):
            return Left(path, f"It covers {REPORT}/ already.")
        return Edit(path, before, appended(before or b"", line))
    except Unwritable as error:
        return Left(path, f"{error.why}; put this line into it.", line)
