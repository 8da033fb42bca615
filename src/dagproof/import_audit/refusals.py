"""How the audit says no: by exceptions that good code expects, but for what a user lets through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from dagproof.model import Kind, UsageError

_WORDS: Final = {
    "network": {Kind.NETWORK, Kind.DATABASE, Kind.MLFLOW, Kind.AIRFLOW_METADATA},
    "filesystem-write": {Kind.FILESYSTEM_WRITE},
    "subprocess": {Kind.SUBPROCESS},
    "database": {Kind.DATABASE},
    "mlflow": {Kind.MLFLOW},
}


_PORTS: Final = {"http": 80, "https": 443, "ftp": 21}


class Refused:
    """Marks the exceptions by which the audit keeps something from happening."""


class RefusedConnectionError(Refused, ConnectionRefusedError):
    """A connection that was not made."""


class RefusedAccessError(Refused, PermissionError):
    """A file, a process or a library that was not touched."""


class RefusedHookError(Refused, RuntimeError):
    """An audit hook that was not added; CPython keeps silent about it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `--allow` lets through.

    Attributes:
        entries: kinds, each with a glob for what it is done to.
    """

    entries: tuple[tuple[frozenset[Kind], str], ...] = ()

    def lets_through(self, *kinds: Kind) -> bool:
        """Say whether anything of some kinds may really happen."""
        return any(given & set(kinds) for given, _ in self.entries)

    def covers(self, kind: Kind, detail: str) -> bool:
        """Say whether something may really happen."""
        names = tuple(_names(detail)) if kind in _WORDS["network"] else (detail,)
        return any(
            kind in kinds and any(fnmatchcase(name, glob) for name in names)
            for kinds, glob in self.entries
        )


def _names(detail: str) -> Iterator[str]:
    """Yield what a glob may call an address or a URL: itself, its host, its host with the port."""
    yield detail
    scheme, mark, rest = detail.partition("://")
    place = rest.partition("/")[0].rpartition("@")[2] if mark else detail
    yield place
    yield place.rpartition(":")[0]
    if scheme in _PORTS:
        yield f"{place}:{_PORTS[scheme]}"


def allowed(words: Sequence[str], where: str = "--allow") -> Allowed:
    """Read what a user lets through: `network`, `network:HOST[:PORT]`, `filesystem-write:GLOB`.

    Raises:
        UsageError: a word that says nothing.
    """
    entries = []
    for word in words:
        name, colon, glob = word.partition(":")
        if name not in _WORDS or (colon and not glob):
            known = ", ".join(f"{name}[:GLOB]" for name in _WORDS)
            raise UsageError(
                f"{where}: `{word}` names nothing that can be let through; use {known}."
            )
        entries.append((frozenset(_WORDS[name]), glob or "*"))
    return Allowed(tuple(entries))
