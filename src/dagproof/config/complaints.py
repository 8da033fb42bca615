"""What is wrong with a pyproject.toml: every complaint names file and key."""

from dataclasses import dataclass
from pathlib import Path

from dagproof.model import UsageError


@dataclass(frozen=True, slots=True)
class Complaints:
    """Words for what is wrong with a file.

    Attributes:
        file: that is complained of.
    """

    file: Path

    def wrong(self, key: str, wanted: str, value: object) -> UsageError:
        """Return the complaint that a key holds something else than is wanted."""
        name = f"tool.dagproof.{key}" if key else "tool.dagproof"
        return UsageError(f"{self.file}: `{name}` must be {wanted}, not {value!r}.")

    def unknown(self, key: str, known: object) -> UsageError:
        """Return the complaint that there is no such key."""
        return UsageError(f"{self.file}: there is no key `tool.dagproof.{key}`; use {known}.")
