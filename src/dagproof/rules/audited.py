"""The evidence of the rules that watch: what was seen while one DAG file was imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dagproof.model import Effect, Hit, ImportTrace, Kind, Span

EXHAUSTIONS: Final = {
    "MemoryError": "needs more memory than the audit gives it",
    "RecursionError": "recurses without end",
}
"""Exceptions of a process with nothing left to run on, and what the import did."""

SAFE_MODE: Final = "safe-mode"
"""How a trace calls the heuristic that looks for two words in a file."""

_LONGEST: Final = 200
"""Characters of a text that a message shows."""

_REACHING: Final = frozenset({"bind", "connect", "open", "Request", "sendmsg", "sendto"})
"""The last words of events that go to an address rather than being done to something."""

_REMOTE: Final = frozenset({Kind.AIRFLOW_METADATA, Kind.DATABASE, Kind.MLFLOW, Kind.NETWORK})


@dataclass(frozen=True, slots=True)
class Audited:
    """One DAG file, as it was seen while it was imported.

    Attributes:
        trace: what was seen.
        import_seconds: CPU seconds that its import may take.
        before: CPU seconds that it took in the commit that this is compared with, if any.
        import_growth: CPU seconds by which it may have grown since.
    """

    trace: ImportTrace
    import_seconds: float
    before: float | None = None
    import_growth: float = 0.0

    def effects(self, kind: Kind) -> Iterator[Effect]:
        """Yield what Python saw of this kind; calls of native code are told on their own."""
        return (
            effect for effect in self.trace.effects if effect.kind is kind and not effect.native
        )

    @property
    def top(self) -> Span:
        """The beginning of the file, for what has no better place."""
        return Span(self.trace.path, 1, 1, 1, 1)

    def file(self, span: Span) -> str:
        """Return the file as a finding at a place calls it: by its path where it is another."""
        return "this file" if span.path == self.trace.path else f"`{self.trace.path}`"


def hit(audited: Audited, effect: Effect, subject: str, done: str = "ran") -> Hit:
    """Return the hit of an effect, with the way that leads to it.

    Args:
        audited: the file that was imported.
        effect: what was seen.
        subject: what it was, such as `called()` tells it.
        done: the verb, for where nobody refused it.
    """
    when = f"when {audited.file(effect.span)} was imported"
    if effect.refused:
        message = f"{subject} was tried {when}, and the audit refused it"
    else:
        message = f"{subject} {done} {when}"
    return Hit(effect.span, message, effect.chain)


def called(effect: Effect) -> str:
    """Return an effect as code: `` `socket.connect` to `rates.test:443` ``, `` `os.fork` ``."""
    if not effect.detail:
        return code(effect.event)
    _, dot, last = effect.event.rpartition(".")
    joint = "to" if dot and last in _REACHING and effect.kind in _REMOTE else "of"
    return f"{code(effect.event)} {joint} {code(effect.detail)}"


def code(text: str) -> str:
    """Return the first line of a text in backticks, shortened where it is long."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return f"`{shown.replace('`', chr(39))}`"
