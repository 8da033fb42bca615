"""Finds which conf keys and Params the templates of a module ask for."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dagproof.rules.callables import dag_options, template
from dagproof.rules.reading import Reading
from dagproof.source.file import Node
from dagproof.source.values import Container, Event, Value

_NOT_RENDERED: Final = frozenset(
    {"task_id", "doc", "doc_md", "doc_rst", "doc_json", "doc_yaml", "params", "default_args", "dag"}
)

_EXPRESSION: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KEY: Final = re.compile(
    r"(?<![\w.])(dag_run\.conf|params)"
    r"(?:\[\s*(['\"])([^'\"\]]+)\2\s*\]|\.get\(\s*(['\"])([^'\"]+)\4\s*\)|\.([A-Za-z_]\w*)(?!\w*\())"
)
_GUARDED: Final = re.compile(r"\bdefault\b|\|\s*d\(|\bif\b|\bis\b")
_METHODS: Final = frozenset({"get", "items", "keys", "values"})


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A key that a template asks for.

    Attributes:
        event: the task that the template is given to.
        node: the template, or the task where the template stands elsewhere.
        of: "dag_run.conf" or "params".
        key: which one.
        strict: whether rendering fails without it; else it renders to "None".
    """

    event: Event
    node: Node
    of: str
    key: str
    strict: bool


@lru_cache(maxsize=2)
def asked(reading: Reading) -> tuple[Asked, ...]:
    """Return the keys that the templates of a module ask for without a default."""
    if b"{{" not in reading.source.data or not reading.unit.events:
        return ()
    if any(value is not None for value in dag_options(reading, "template_undefined") or (True,)):
        return ()
    found: dict[tuple[int, str, str], Asked] = {}
    for event in reading.unit.events:
        if not _is_task(event):
            continue
        for name, value in event.arguments.items():
            if name not in _NOT_RENDERED:
                for one in _asked(event, value):
                    found.setdefault((id(one.node), one.of, one.key), one)
    return tuple(found.values())


@lru_cache(maxsize=2)
def declared(reading: Reading) -> frozenset[str] | None:
    """Return the names of all Params that a module declares anywhere; None if one is unknown."""
    if dag_options(reading, "params") is None:
        return None
    names: set[str] = set()
    for event in reading.unit.events:
        given = [event.arguments] if "params" in event.arguments else []
        defaults = event.arguments.get("default_args")
        if isinstance(defaults, Container) and "params" in defaults.items:
            given.append(defaults.items)  # type: ignore[arg-type]
        elif "default_args" in event.arguments and not isinstance(defaults, Container):
            return None
        for arguments in given:
            found = _names(arguments["params"])
            if found is None:
                return None
            names |= found
    return frozenset(names)


def scheduled(reading: Reading) -> bool | None:
    """Return whether every DAG of a module has a schedule, or none has; None if unknown."""
    outcomes: set[bool] = set()
    given = [dag_options(reading, name) for name in ("schedule", "schedule_interval", "timetable")]
    if any(values is None for values in given):
        return None
    for values in zip(*(values or () for values in given), strict=True):
        known = [value for value in values if value is not None]
        if not known:
            return None
        outcomes.add(not all(isinstance(one, ast.Constant) and one.value is None for one in known))
    return outcomes.pop() if len(outcomes) == 1 else None


def _names(value: Value) -> set[str] | None:
    if isinstance(value, ast.Constant) and value.value is None:
        return set()
    if not isinstance(value, Container):
        return None
    if isinstance(value.node, ast.Dict) and None in value.node.keys:
        return None
    if not all(isinstance(name, str) for name in value.items):
        return None
    return {name for name in value.items if isinstance(name, str)}


def _is_task(event: Event) -> bool:
    if event.name == "@task":
        return True
    last = event.name.rpartition(".")[2]
    if not event.name.startswith("airflow.") or not last.endswith(("Operator", "Sensor")):
        return False
    function = event.node.func if isinstance(event.node, ast.Call) else None
    written = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return written == last  # not a class of the repository, which may have Params of its own


def _asked(event: Event, value: Value) -> Iterator[Asked]:
    if isinstance(value, Container):
        for item in value.items.values():
            yield from _asked(event, item)
        return
    text = template(value)
    if text is None or "{%" in text or not isinstance(value, ast.Constant):
        return
    if "params" not in text and "conf" not in text:
        return
    for expression in _EXPRESSION.findall(text):
        if _GUARDED.search(expression):
            continue
        for _of in _KEY.finditer(expression):
            of, _, item, _, got, attribute = _of.groups()
            key = item or got or attribute
            if attribute not in _METHODS:
                yield Asked(event, _place(event, value), of, key, strict=got is None)


def _place(event: Event, value: ast.Constant) -> Node:
    call = event.node
    inside = any(inner is value for inner in ast.walk(call))
    return value if inside else call
