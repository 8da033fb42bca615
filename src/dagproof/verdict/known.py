"""Holds back the findings that a repository knows already, or writes down that it knows them."""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.model import Finding
from dagproof.verdict import baseline

BASELINE: Final = "dagproof-baseline.json"
"""Where known findings are written to, unless somebody names another file."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where a repository writes down what it knows.

    Attributes:
        root: the folder of the repository.
        asked: the file that the command names.
        configured: the file that the settings name; it need not be there.
    """

    root: Path
    asked: Path | None
    configured: Path | None

    def entries(self) -> tuple[baseline.Entry, ...] | None:
        """Return what is known; None where no file is named, or the configured one is not there.

        Raises:
            UsageError: the file is missing, or is no baseline.
        """
        if self.asked is not None:
            return baseline.read(self.asked)
        if self.configured is not None and self.configured.exists():
            return baseline.read(self.configured)
        return None

    def there(self) -> tuple[baseline.Entry, ...]:
        """Return what the file says that would be written; nothing where it is not there.

        Raises:
            UsageError: the file is no baseline.
        """
        return baseline.read(self._file) if self._file.exists() else ()

    @property
    def option(self) -> str:
        """What names the file to a command where the settings do not, with a blank before it."""
        return f" --baseline {shlex.quote(str(self.asked))}" if self.asked is not None else ""

    @property
    def _file(self) -> Path:
        return self.asked or self.configured or self.root / BASELINE

    def write(
        self, findings: Sequence[Finding], looked_at: Collection[str], ran: Collection[str]
    ) -> str:
        """Write the findings down for the files and codes that were looked at; say so.

        Raises:
            UsageError: what is there is no baseline.
            UnavailableError: the file cannot be written.
        """
        file = self._file
        kept = baseline.elsewhere(self.there(), self.root, looked_at, ran)
        baseline.write(file, findings, self.root, kept=kept)
        number = len(findings)
        told = f"{number} finding{'' if number == 1 else 's'} known from now on, by {file}"
        if self.configured is not None:
            return f"{told}."
        return f"{told}; name it as `baseline` under [tool.dagproof], or by `--baseline`."
