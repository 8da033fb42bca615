"""What can happen to a service in the middle of a run, and how it is spelt on a command line."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from dagproof.model.errors import UsageError

SERVICES: Final = ("postgres", "mlflow", "s3")
HTTP_KINDS: Final = ("500", "readonly")
"""What only a service that speaks HTTP can do."""

KINDS: Final = ("down", "restart", "slow", "500", "reset", "cut", "readonly")

_SHAPE: Final = "SERVICE:KIND[@TASK][,seconds=N][,attempts=N][,share=X][,delay=N]"
_OPTIONS: Final = ("seconds", "attempts", "share", "delay")
_RESTART_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A service that fails in one way, from a task on, for a time.

    Attributes:
        service: `postgres`, `mlflow` or `s3`.
        kind: `down` (refuses connections, open ones are reset), `restart` (down for `seconds`, one
            by default), `slow` (answers come `delay` seconds late), `500` (answers that, and does
            not see the request), `reset` (resets the connection when a request begins), `cut`
            (carries the request out and resets the connection in place of an answer), `readonly`
            (answers 503 to requests that write).
        at: id of the task whose first attempt it begins with; None for the beginning of the run.
        seconds: after which it ends.
        attempts: ends with this many attempts of the task instance that it began with.
        share: of the requests that it hits, spread evenly: 0.5 hits every second one.
        delay: of a `slow` service, in seconds.

    Raises:
        UsageError: there is no such fault.
    """

    service: str
    kind: str
    at: str | None = None
    seconds: float | None = None
    attempts: int | None = None
    share: float = 1.0
    delay: float = 1.0

    def __post_init__(self) -> None:
        _require(self.service in SERVICES, f"no service `{self.service}`; there are", SERVICES)
        _require(self.kind in KINDS, f"no kind `{self.kind}`; there are", KINDS)
        if self.service == "postgres" and self.kind in HTTP_KINDS:
            raise UsageError(
                f"Postgres speaks no HTTP, so that it cannot be `{self.kind}`; "
                f"it can be {_listed(kind for kind in KINDS if kind not in HTTP_KINDS)}."
            )
        if self.at == "":
            raise self._refusal("`@` needs the id of a task")
        if self.seconds is not None and not (isfinite(self.seconds) and self.seconds > 0):
            raise self._refusal("`seconds` must be a number above 0")
        if self.attempts is not None and self.attempts < 1:
            raise self._refusal("`attempts` must be a whole number from 1 on")
        if self.attempts is not None and self.at is None:
            raise self._refusal("`attempts` are those of a task, which `@TASK` names")
        if not 0 < self.share <= 1:
            raise self._refusal("`share` must be above 0 and at most 1")
        if not (isfinite(self.delay) and self.delay > 0):
            raise self._refusal("`delay` must be a number of seconds above 0")
        if self.share != 1 and self.closes:
            raise self._refusal(f"a service that is `{self.kind}` is so for all; leave out `share`")
        if self.delay != 1 and self.kind != "slow":
            raise self._refusal("`delay` is for `slow` alone")

    @property
    def closes(self) -> bool:
        """Whether the service cannot be connected to meanwhile."""
        return self.kind in {"down", "restart"}

    @property
    def length(self) -> float | None:
        """Seconds until it ends by itself; None where it does not."""
        if self.kind == "restart" and self.seconds is None:
            return _RESTART_SECONDS
        return self.seconds

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Return the fault that a text such as `mlflow:down@train,seconds=5` spells.

        Raises:
            UsageError: it spells none; the sentence says what there is.
        """
        what, *options = text.split(",")
        what, at, task = what.partition("@")
        service, colon, kind = what.partition(":")
        if not colon:
            raise UsageError(f"`{text}` is no fault; one is spelt `{_SHAPE}`.")
        given: dict[str, Any] = {}
        for option in options:
            name, _, value = option.partition("=")
            if name not in _OPTIONS or name in given:
                said = "twice an" if name in given else "no"
                known = _listed(_OPTIONS)
                raise UsageError(f"`{text}` has {said} option `{name}`; there are {known}.")
            given[name] = _number(text, name, value)
        return cls(service, kind, task if at else None, **given)

    def __str__(self) -> str:
        at = "" if self.at is None else f"@{self.at}"
        options = [
            f",{name}={value:g}"
            for name, value in (("seconds", self.seconds), ("attempts", self.attempts))
            if value is not None
        ]
        options += [f",share={self.share:g}"] if self.share != 1 else []
        options += [f",delay={self.delay:g}"] if self.delay != 1 else []
        return f"{self.service}:{self.kind}{at}{''.join(options)}"

    def _refusal(self, why: str) -> UsageError:
        return UsageError(f"There is no fault `{self}`: {why}.")


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """What came of a fault in a run.

    Attributes:
        fault: as it is spelt on a command line.
        began: seconds from the start of the run; None where it never began.
        ended: likewise; None where it held until the end of the run.
        hits: how much it hit; of connections that were refused, those of the run's own process.
        unit: what it hits: `request` or `connection`.
    """

    fault: str
    began: float | None = None
    ended: float | None = None
    hits: int = 0
    unit: str = "request"


def _number(text: str, name: str, value: str) -> float | int:
    kind: type[float | int] = int if name == "attempts" else float
    try:
        return kind(value)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise UsageError(f"`{text}` needs {wanted} for `{name}`, not `{value}`.") from None


def _require(condition: bool, what: str, known: tuple[str, ...]) -> None:
    if not condition:
        raise UsageError(f"Faults know {what} {_listed(known)}.")


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
