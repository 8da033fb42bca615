"""The evidence of the rules that read: a file, and what happens when it is imported."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from dagproof.model import Hit, Related
from dagproof.rules.entry_points import offences
from dagproof.source.file import SourceFile
from dagproof.source.values import Event, Frame, Unit


@dataclass(eq=False)
class Reading:
    """One module of the repository, as it was read.

    Attributes:
        unit: the module and what its body did.
        source: its file.
        imported: whether it is only there because a DAG file imports it.
    """

    unit: Unit
    source: SourceFile
    imported: bool = False

    def effects(self, code: str) -> Iterable[Event]:
        """Return what happens at import that a rule of DP101 to DP113 is about."""
        return self._effects.get(code, ())

    @cached_property
    def _effects(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        seen: dict[tuple[str, int, str], Event] = {}
        for event in self.unit.events:
            for code in offences(event):
                place = (event.source.shown, event.node.lineno, code)
                if place not in seen:
                    seen[place] = event
                    found.setdefault(code, []).append(event)
        return found


def hit(reading: Reading, event: Event, message: str) -> Hit:
    """Return the hit of an event, with the way that leads to it.

    Args:
        reading: the module that is looked at.
        event: what happens.
        message: says what happens; when it does is added.
    """
    file = "this file" if event.source is reading.source else f"`{reading.source.shown}`"
    return Hit(
        event.source.span(event.node),
        f"{message} each time {file} is imported",
        tuple(_related(event.chain)),
    )


def _related(chain: tuple[Frame, ...]) -> Iterator[Related]:
    for source, node in chain:
        yield Related(source.span(node), "called here")


def shown(event: Event) -> str:
    """Return an event as code: `os.environ[...] = ...`, `boto3.client()`."""
    for suffix, written in _WRITES.items():
        if event.name.endswith(suffix):
            return f"`{written.format(event.name.removesuffix(suffix))}`"
    return f"`{event.name}`" if event.name.startswith("import ") else f"`{event.name}()`"


_WRITES = {
    ".__setitem__": "{}[...] = ...",
    ".__delitem__": "del {}[...]",
    ".__setattr__": "{}.... = ...",
    ".__ior__": "{} |= ...",
}
