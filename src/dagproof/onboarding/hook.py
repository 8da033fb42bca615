"""The hook in .pre-commit-config.yaml: the file is made, or its list of repositories grows."""

import re
from pathlib import Path
from typing import Final

from dagproof.onboarding.edits import Edit, Left, Unwritable, content, encoded
from dagproof.onboarding.origin import Origin
from dagproof.onboarding.repository import Repository

FILE: Final = ".pre-commit-config.yaml"
_REPOS: Final = re.compile(r"^repos:[ \t]*(?:#.*)?\r?$")
_ITEM: Final = re.compile(r"^([ ]*)-( +)\S")
_BESIDE: Final = re.compile(r"^\s*(?:#.*)?\r?$")
_OURS: Final = re.compile(r"^[^#\n]*\b(?:id|entry|repo):[^#\n]*\bdagproof", re.MULTILINE)


def hook_part(repository: Repository, origin: Origin) -> Edit | Left:
    """Return .pre-commit-config.yaml with the hook in it.

    Args:
        repository: to set up.
        origin: of dagproof.
    """
    path = repository.top / FILE
    entry = _entry(repository, origin, "  ")
    try:
        before = content(path, repository.top)
        repository.check()
        if before is None:
            return Edit(path, None, f"repos:\n{entry}".encode())
        text = before.decode()
        if _OURS.search(text) and repository.below in text:
            return Left(path, "It has a hook of dagproof already.")
        return Edit(path, before, _extended(path, before, repository, origin))
    except Unwritable as error:
        return Left(path, f"{error.why}; put these lines below `repos:`.", entry)


def _extended(path: Path, before: bytes, repository: Repository, origin: Origin) -> bytes:
    """Return the file with one item more at the end of the list `repos:`.

    Raises:
        Unwritable: the list is not written as a block with one item after the other.
    """
    lines = before.decode().splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if _REPOS.match(line.rstrip("\n"))]
    unlike = Unwritable(f"`repos:` in `{path.name}` is not a plain list")
    if len(starts) != 1 or any(line.startswith(("---", "...")) for line in lines[starts[0] :]):
        raise unlike
    indent: str | None = None
    end = last = starts[0] + 1
    for number in range(starts[0] + 1, len(lines)):
        line = lines[number]
        if _BESIDE.match(line):
            continue
        item = _ITEM.match(line)
        if item is not None and indent is None:
            indent = item[1]
        if indent is None or "\t" in line[: len(line) - len(line.lstrip())]:
            raise unlike
        if not line.startswith(indent + " ") and not (item is not None and item[1] == indent):
            break  # the next key of the file
        last = number + 1
    if indent is None:
        raise unlike
    end = last
    head, tail = "".join(lines[:end]), "".join(lines[end:])
    apart = "" if head.endswith(("\n", "\r")) else "\n"
    spaced = "\n" if re.search(r"\n[ \t]*\r?\n[ ]*- repo", head) else ""
    added = encoded(apart + spaced + _entry(repository, origin, indent), before)
    return head.encode() + added + tail.encode()


def _entry(repository: Repository, origin: Origin, indent: str) -> str:
    """Return the item of the list; a local hook, which needs no address to be taken from."""
    run = "dagproof lint"
    if repository.below:
        run = f"sh -c 'cd \"{repository.below}\" && exec dagproof lint'"
    lines = [
        "- repo: local",
        "  hooks:",
        "    - id: dagproof-lint",
        "      name: dagproof lint",
        f"      entry: {run}",
        "      language: python",
        f'      additional_dependencies: ["{origin.requirement()}"]',
        "      types_or: [python, toml, yaml]",
        "      pass_filenames: false  # a changed helper shows in the DAGs that import it",
        "      require_serial: true",
    ]
    return "".join(f"{indent}{line}\n" for line in lines)
