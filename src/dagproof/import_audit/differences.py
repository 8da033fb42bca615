"""Where two serialized DAGs differ, in the words of whoever wrote the DAG."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dagproof.model import Difference

_UNORDERED: Final = frozenset(
    {"tags", "template_fields", "downstream_task_ids", "upstream_task_ids"}
)
_OURS: Final = frozenset({"_processor_dags_folder", "last_loaded"})
_TYPE, _VALUE = "__type", "__var"
_LONGEST: Final = 120
_MISSING: Final = object()


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[Difference, ...]:
    """Compare the DAGs of two imports.

    Args:
        first: JSON by DAG id.
        second: the same of the other import.
    """
    found = []
    for dag_id in sorted(first.keys() | second.keys()):
        if dag_id not in second:
            found.append(Difference(dag_id, "the DAG", "is there", "is not there"))
        elif dag_id not in first:
            found.append(Difference(dag_id, "the DAG", "is not there", "is there"))
        elif first[dag_id] != second[dag_id]:
            one, other = json.loads(first[dag_id]), json.loads(second[dag_id])
            found += [
                Difference(dag_id, where, _short(here), _short(there))
                for where, here, there in _compared("", one, other)
            ]
    return tuple(found)


def _compared(where: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    one, other = _plain(one), _plain(other)
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys(), key=str):
            if name not in _OURS:
                yield from _compared(
                    f"{where}.{name}".lstrip("."),
                    one.get(name, _MISSING),
                    other.get(name, _MISSING),
                )
    elif isinstance(one, list) and isinstance(other, list):
        yield from _listed(where, one, other)
    else:
        yield where, one, other


def _listed(where: str, one: list[Any], other: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    key = where.rpartition(".")[2]
    if key in _UNORDERED and all(isinstance(item, str) for item in one + other):
        if sorted(one) != sorted(other):
            yield where, sorted(one), sorted(other)
    elif key == "tasks":
        yield from _compared(where, _by_id(one), _by_id(other))
    elif len(one) == len(other) and not all(isinstance(item, str | int) for item in one):
        for number, (here, there) in enumerate(zip(one, other, strict=True)):
            yield from _compared(f"{where}[{number}]", here, there)
    else:
        yield where, one, other


def _plain(value: Any) -> Any:
    """Return a value without the type that Airflow writes beside it; sets in one order."""
    if isinstance(value, dict) and value.keys() == {_TYPE, _VALUE}:
        inner = value[_VALUE]
        if value[_TYPE] == "set" and isinstance(inner, list):
            return sorted(json.dumps(item, sort_keys=True) for item in inner)
        return _plain(inner)
    return value


def _by_id(tasks: list[Any]) -> dict[str, Any]:
    plain = [_plain(task) for task in tasks]
    return {
        str(task.get("task_id", number)) if isinstance(task, dict) else str(number): task
        for number, task in enumerate(plain)
    }


def _short(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    text = json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
