"""Paths as a reader elsewhere knows them: those of a report, put below a folder."""

import dataclasses
import posixpath
from collections.abc import Mapping
from typing import Any, Final

from dagproof.model import Affected, Impact, Report

_NOT_OURS: Final = frozenset({"xcoms", "conf", "rules", "tags", "metrics"})
"""Fields with values of users, whose paths are their own."""


def below(report: Report, prefix: str) -> Report:
    """Return the report with a folder before every path that is not absolute.

    Args:
        report: with paths that are relative to the working directory.
        prefix: the working directory, relative to where the reader looks from; empty or `.` where
            that is the same.
    """
    folder = posixpath.normpath(prefix.strip("/")) if prefix.strip("/") else "."
    if folder == ".":
        return report
    result: Report = _placed(report, folder)
    return result


def _placed(value: Any, folder: str) -> Any:
    if isinstance(value, tuple | list):
        parts = [_placed(one, folder) for one in value]
        same = all(one is other for one, other in zip(parts, value, strict=True))
        return value if same else type(value)(parts)
    if isinstance(value, Mapping):
        return {key: _placed(one, folder) for key, one in value.items()}
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes = _paths(value, folder)
    for field in dataclasses.fields(value):
        if field.name not in _NOT_OURS | changes.keys():
            before = getattr(value, field.name)
            after = _placed(before, folder)
            if after is not before:
                changes[field.name] = after
    return dataclasses.replace(value, **changes) if changes else value


def _paths(value: Any, folder: str) -> dict[str, Any]:
    """Return the fields of a noun that are paths, as they are below a folder."""
    changes: dict[str, Any] = {}
    path = getattr(value, "path", "")
    if path and not path.startswith("/"):
        changes["path"] = _joined(folder, path)
    if isinstance(value, Affected) and value.changed and not value.changed.startswith("/"):
        changes["changed"] = _joined(folder, value.changed)
    if isinstance(value, Impact):
        changes["idle"] = tuple(
            one if one.startswith("/") else _joined(folder, one) for one in value.idle
        )
    return changes


def _joined(folder: str, path: str) -> str:
    joined = f"{folder}/{path}"
    return posixpath.normpath(joined) if path.startswith(("../", "./")) else joined
