"""A file of known findings, so that an old repository fails on new ones alone.

An entry knows the text of a line and not its number: findings stay known when code above them
grows, and branches merge.
"""

import hashlib
import json
import os
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.model import Finding, Report, UsageError
from dagproof.verdict.files import replace

VERSION: Final = 1
MEND: Final = "mend or delete it, `dagproof lint --write-baseline` writes one"
_COMMANDS: Final = {"DP2": "audit", "DP3": "contracts"}
"""What looks for the codes that begin so; `lint` for all others."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Findings that cannot be told apart.

    Attributes:
        path: relative to the repository, with forward slashes.
        code: of their rule.
        line: a hash of the source line that they begin on, without the blanks around it.
        count: how many of them are known.
    """

    path: str
    code: str
    line: str
    count: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a baseline leaves.

    Attributes:
        new: the findings that it does not know, in the order given.
        held: how many it knows.
        stale: what it knows and nobody finds any more, each with the count that is too much.
    """

    new: tuple[Finding, ...]
    held: int
    stale: tuple[Entry, ...]

    def notes(self, option: str = "") -> tuple[str, ...]:
        """Return sentences for the report.

        Args:
            option: what tells a command of the file, with a blank before it.
        """
        notes = []
        if self.held:
            notes.append(_known(self.held))
        for command in ("lint", "audit", "contracts"):
            stale = [one for one in self.stale if _COMMANDS.get(one.code[:3], "lint") == command]
            if stale:
                notes.append(_gone(stale, command + option))
        return tuple(notes)


def together(reports: Mapping[str, Report]) -> tuple[str, ...]:
    """Return the notes of several commands, each once; how much they hold back is added up.

    Args:
        reports: by the name of the command.
    """
    held = {name: one.held for name, one in reports.items() if one.held}
    each = ", ".join(f"{number:,} of {name}" for name, number in held.items())
    total = _known(sum(held.values()), f" ({each})" if len(held) > 1 else "")
    every = (
        total if one.held and note == _known(one.held) else note
        for one in reports.values()
        for note in one.notes
    )
    return tuple(dict.fromkeys(every))


def _gone(stale: Sequence[Entry], command: str) -> str:
    gone = sum(entry.count for entry in stale)
    findings = "finding of the baseline is" if gone == 1 else "findings of the baseline are"
    mend = f"write it anew by `dagproof {command} --write-baseline`"
    return f"{gone:,} {findings} gone, as in {stale[0].path}: {mend}."


def _known(number: int, each: str = "") -> str:
    findings = "finding is" if number == 1 else "findings are"
    return f"{number:,} known {findings} held back by the baseline{each}."


def read(file: Path) -> tuple[Entry, ...]:
    """Read a baseline.

    Raises:
        UsageError: it is missing, or is no baseline.
    """
    try:
        document = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no baseline {file}: write it with `dagproof lint --write-baseline "
            f"--baseline {shlex.quote(str(file))}`."
        ) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no baseline, it is no valid JSON: {MEND}.") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise UsageError(f"{file} is no baseline of version {VERSION}: {MEND}.")
    entries = document.get("findings")
    if not isinstance(entries, list):
        raise UsageError(f"{file} is no baseline, it has no list `findings`: {MEND}.")
    return tuple(_entry(file, entry) for entry in entries)


def write(
    file: Path, findings: Iterable[Finding], root: Path, *, kept: Iterable[Entry] = ()
) -> None:
    """Write the findings down as known, in one step.

    Args:
        file: the baseline.
        findings: with paths as they are shown.
        root: the folder of the repository.
        kept: what stays known because it was not looked for; of what was found all the same, the
            larger count holds.

    Raises:
        UnavailableError: the file cannot be written.
    """
    held = Counter({(entry.path, entry.code, entry.line): entry.count for entry in kept})
    entries = [
        json.dumps({"path": path, "code": code, "line": line, "count": count})
        for (path, code, line), count in sorted((_counted(findings, root) | held).items())
    ]
    listed = ",\n".join(entries)  # one on a line: branches that add different ones merge
    text = f'{{"version": {VERSION}, "findings": [\n{listed}\n]}}\n'
    replace(file, text.encode())


def elsewhere(
    baseline: Iterable[Entry], root: Path, looked_at: Collection[str], ran: Collection[str]
) -> tuple[Entry, ...]:
    """Return what is known of files that are still there, and was not looked for in them."""
    seen = {_relative(path, root) for path in looked_at}
    return tuple(
        entry
        for entry in baseline
        if (entry.path not in seen or entry.code not in ran) and (root / entry.path).exists()
    )


def entries(findings: Iterable[Finding], root: Path) -> tuple[Entry, ...]:
    """Return findings as what is known of them."""
    return tuple(Entry(*key, count) for key, count in sorted(_counted(findings, root).items()))


def hold_back(
    findings: Sequence[Finding],
    baseline: Iterable[Entry],
    root: Path,
    *,
    looked_at: Collection[str],
    ran: Collection[str],
) -> HeldBack:
    """Leave out the findings that are known; more of the same on an equal line are new.

    Args:
        findings: with paths as they are shown.
        baseline: what is known.
        root: the folder of the repository.
        looked_at: the files that were read, as they are shown; of others nothing is stale, unless
            they are gone.
        ran: the codes that were looked for; of others nothing is stale.
    """
    known: Counter[tuple[str, str, str]] = Counter()
    for entry in baseline:
        key = (entry.path, entry.code, entry.line)
        known[key] = max(known[key], entry.count)  # two branches may both have written it down
    new = []
    for finding in findings:
        key = _key(finding, root)
        if known[key] > 0:
            known[key] -= 1
        else:
            new.append(finding)
    read_now = {_relative(path, root) for path in looked_at}
    stale = tuple(
        Entry(*key, count)
        for key, count in sorted(known.items())
        if count > 0 and key[1] in ran and (key[0] in read_now or not (root / key[0]).exists())
    )
    return HeldBack(tuple(new), len(findings) - len(new), stale)


def _entry(file: Path, entry: object) -> Entry:
    match entry:
        case {"path": str(path), "code": str(code), "line": str(line), "count": int(count)}:
            return Entry(path, code, line, count)
    raise UsageError(f"{file} is no baseline, it has the entry {entry!r}: {MEND}.")


def _counted(findings: Iterable[Finding], root: Path) -> Counter[tuple[str, str, str]]:
    return Counter(_key(finding, root) for finding in findings)


def _key(finding: Finding, root: Path) -> tuple[str, str, str]:
    line = finding.excerpt.strip().encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(line, usedforsecurity=False).hexdigest()[:16]
    return _relative(finding.span.path, root), finding.code, digest


def _relative(path: str, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
