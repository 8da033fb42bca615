"""Says which offence it is to call a name while a DAG file is imported."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from dagproof.rules.tables import (
    airflow,
    cloud,
    databases,
    environment,
    files,
    heavy,
    mlflow,
    models,
    network,
    processes,
    sleep,
    threads,
    varying,
)
from dagproof.source.values import Event

_TABLES: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("DP101", mlflow.CALLS),
    ("DP102", network.CALLS),
    ("DP102", cloud.CALLS),
    ("DP103", databases.CALLS),
    ("DP104", airflow.CALLS),
    ("DP105", files.WRITES),
    ("DP106", files.READS),
    ("DP107", processes.CALLS),
    ("DP108", environment.CALLS),
    ("DP109", sleep.CALLS),
    ("DP110", threads.CALLS),
    ("DP111", varying.CALLS),
    ("DP113", models.CALLS),
)

LIBRARIES: Final = frozenset(
    name.partition(".")[0]
    for names in (*(table for _, table in _TABLES), heavy.MODULES)
    for name in names
)
"""Outermost packages that are known: a folder of such a name is not taken for one of them."""

_REMOTE: Final = ("http://", "https://", "ftp://", "s3://", "s3a://", "gs://", "gcs://", "az://")


def watched(name: str) -> bool:
    """Return whether any rule wants to know of this event."""
    return name.startswith("airflow.") or bool(codes(name)) or _opener(name) is not None


@cache
def codes(name: str) -> frozenset[str]:
    """Return the codes of the rules that a name offends, whatever its arguments are.

    Args:
        name: as `Event.name`, such as `boto3.client().list_buckets` or `import pandas`.
    """
    if name.startswith("import "):
        return frozenset({"DP112"}) if import_seconds(name) else frozenset()
    parts = tuple(name.split("."))
    return frozenset(code for code, table in _tables_of(parts[0]) if _listed(table, parts))


def offences(event: Event) -> Iterable[str]:
    """Return the codes of the rules that an event offends."""
    position = _opener(event.name)
    if _in_memory(event.arguments.get(0)) or _gives_text(event):
        return codes(event.name) - {"DP105", "DP106"}
    if position is not None:
        return ("DP105",) if _writes(event, position) else ("DP106",)
    found = codes(event.name)
    if "DP106" in found and _remote(event.arguments.get(0)):
        return (found - {"DP106"}) | {"DP102"}
    if event.logged and "DP111" in found:
        return found - {"DP111"}
    return found


def import_seconds(name: str) -> float:
    """Return about how many seconds `import NAME` costs; 0 for a library that is not heavy."""
    module = name.removeprefix("import ")
    while module:
        if module in heavy.MODULES:
            return heavy.MODULES[module]
        module = module.rpartition(".")[0]
    return 0.0


@cache
def _opener(name: str) -> int | None:
    """Return where the mode is among the arguments of a call that opens a file."""
    known = files.OPENERS.get(name)
    if known is not None or not name.startswith("pathlib."):
        return known
    return 0 if name.endswith(".open") else None


def _writes(event: Event, position: int) -> bool:
    mode = event.arguments.get("mode", event.arguments.get(position))
    text = mode.value if isinstance(mode, ast.Constant) else "r"
    return isinstance(text, str) and not {"w", "a", "x", "+"}.isdisjoint(text)


def _gives_text(event: Event) -> bool:
    """Say whether a method of pandas is asked for text, by having no path to write to."""
    return event.name.endswith((".to_csv", ".to_json", ".to_html", ".to_string")) and not (
        {0, "path_or_buf", "path", "buf"} & event.arguments.keys()
    )


def _in_memory(value: object) -> bool:
    return isinstance(value, str) and value.startswith("io.")


def _remote(value: object) -> bool:
    text = value.value if isinstance(value, ast.Constant) else None
    return isinstance(text, str) and text.startswith(_REMOTE)


@cache
def _tables_of(package: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Return the part of each table that is about one outermost package."""
    return tuple(
        (code, about)
        for code, table in _TABLES
        if (about := {name: text for name, text in table.items() if _top(name) == package})
    )


def _top(name: str) -> str:
    return name.partition(".")[0]


def _listed(table: Mapping[str, str], parts: tuple[str, ...]) -> bool:
    for length in range(len(parts) - 1, 0, -1):
        patterns = table.get(".".join(parts[:length]))
        if patterns is None:
            continue
        rest = parts[length:]
        wanted, refused = _parsed(patterns)
        if any(_matches(one, rest) for one in wanted):
            return not any(_matches(one, rest) for one in refused)
    return False


@cache
def _parsed(patterns: str) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    every = patterns.split()
    refused = [one[1:] for one in every if one.startswith("!")]
    wanted = [one for one in every if not one.startswith("!")]
    return tuple(tuple(one.split(".")) for one in wanted), tuple(
        tuple(one.split(".")) for one in refused
    )


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return any(_matches(rest, parts[start:]) for start in range(len(parts) + 1))
    if not parts:
        return False
    fits = parts[0].endswith(first[1:]) if first[0] == "*" else parts[0] == first
    return fits and _matches(rest, parts[1:])
