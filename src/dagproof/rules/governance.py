"""What DAGs are given and what they lack, for the rules about conventions."""

import ast
from collections.abc import Iterator

from dagproof.model import Hit
from dagproof.rules.arguments import known_items
from dagproof.rules.definitions import Made, definitions, source_of
from dagproof.rules.reading import Reading
from dagproof.source.values import Value


def dags(reading: Reading) -> Iterator[Made]:
    """Yield the DAGs that are written in a file and all of whose arguments are seen, each once."""
    seen = set()
    for made in definitions(reading).dags:
        place = made.event.node if made.function is None else made.function.node
        if made.id is None or made.hidden or place in seen or source_of(made) is not reading.source:
            continue
        seen.add(place)
        yield made


def defaults(made: Made) -> dict[str, Value] | None:
    """Return the default arguments of a DAG's tasks; None where there may be others."""
    if "default_args" not in made.arguments:
        return {}
    return known_items(made.arguments["default_args"])


def some_task_has(reading: Reading, *names: str) -> bool:
    """Return whether any task of the file has one of the arguments, or may have it."""
    found = definitions(reading)
    return not found.tasks_known or any(
        task.hidden or not set(names).isdisjoint(map(str, task.arguments)) for task in found.tasks
    )


def is_scheduled(made: Made) -> bool:
    """Return whether a DAG surely has a schedule."""
    for name in ("schedule", "schedule_interval", "timetable"):
        if name in made.arguments:
            value = made.arguments[name]
            return isinstance(value, ast.Constant) and value.value not in (None, "@once")
    return False


def hit(made: Made, message: str) -> Hit:
    """Return the hit of a DAG, at its id."""
    return Hit(made.span, message)
