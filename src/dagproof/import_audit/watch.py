"""The audit hook of a child: it writes down what is seen first, and refuses second."""

import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from dagproof.import_audit.board import Board
from dagproof.import_audit.events import Events, Seen, reads_for_python
from dagproof.import_audit.frames import STARTED, Place, Repository, Way, way
from dagproof.import_audit.kinds import kind_of
from dagproof.import_audit.refusals import Allowed
from dagproof.model import Kind


class Watch:
    """Writes events of the repository's code down, each place once.

    Args:
        board: where it writes.
        repository: whose code is looked at.
        events: what is looked at.
        allowed: what may happen.
    """

    def __init__(
        self, board: Board, repository: Repository, events: Events, allowed: Allowed
    ) -> None:
        self._board = board
        self._repository = repository
        self._table = events.table()
        self._allowed = allowed
        self._told: set[tuple[object, ...]] = set()
        self._hosts: dict[str, set[str]] = {}
        self.kinds: set[Kind] = set()
        self.refusals = self.stood_in = 0

    def start(self) -> None:
        """Look from now on, for as long as the process lives."""
        sys.addaudithook(self._hook())

    def forget(self) -> None:
        """Begin with another file."""
        self._told.clear()
        self.kinds.clear()
        STARTED.clear()
        self.refusals = self.stood_in = 0

    def _hook(self) -> Callable[[str, tuple[Any, ...]], None]:
        # Names that the user's code could replace are looked up now.
        table, frame_of, seen = self._table, sys._getframe, self.see  # noqa: SLF001

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            judge = table.get(event)
            if judge is not None:
                judged = judge(arguments)
                if judged is not None:
                    seen(event, judged, frame_of(1))

        return hook

    def see(self, event: str, seen: Seen, frame: FrameType) -> None:
        """Write something down, and keep it from happening if it is refused.

        Raises:
            Refused: it is.
        """
        name = frame.f_code.co_filename
        if seen.kind is Kind.FILESYSTEM_READ and reads_for_python(name) and not self.owns(frame):
            return
        led = way(frame, self._repository)
        refused = None
        kind = kind_of(seen, tuple(led.packages))
        if seen.refusal is not None and not self._is_free(seen, led):
            refused = None if self._lets_through(kind, seen.detail) else seen.refusal
        if led.places:
            self._note(event, kind, seen, led, refused=refused is not None)
        if refused is not None:
            self.refusals += bool(led.places)
            raise refused(1, f"dagproof audit refuses {event}", seen.detail)

    def _lets_through(self, kind: Kind, detail: str) -> bool:
        """Say whether the user lets something through, a host also by the address that it has."""
        address, _, port = detail.rpartition(":")
        names = (f"{host}:{port}" for host in self._hosts.get(address, ()))
        return any(self._allowed.covers(kind, name) for name in (detail, *names))

    def resolved(self, host: str, address: str) -> None:
        """Remember whose an address is: what lets a host through names it, and sockets do not."""
        self._hosts.setdefault(address, set()).add(host)

    def _is_free(self, seen: Seen, led: Way) -> bool:
        """Say whether a library may do this while it is imported: ask the machine, load itself."""
        return led.importing and (seen.native or seen.kind is Kind.SUBPROCESS)

    def _note(self, event: str, kind: Kind, seen: Seen, led: Way, *, refused: bool) -> None:
        key = (kind, seen.native, led.site)
        if key in self._told:
            return
        self._told.add(key)
        self.kinds.add(kind)
        self._board.append(
            {
                "effect": event,
                "kind": kind.value,
                "detail": seen.detail,
                "refused": refused,
                "native": seen.native,
                "places": led.places,
            }
        )

    @property
    def interfered(self) -> bool:
        """Whether a refusal or a stand-in may have changed what the file did."""
        return self.stood_in > 0 or self.refusals > 0

    def owns(self, frame: FrameType) -> bool:
        """Say whether a frame runs code of the repository."""
        return self._repository.owns(frame.f_code.co_filename)

    def note(
        self, event: str, kind: Kind, detail: str, frame: FrameType | None, *, refused: bool = False
    ) -> None:
        """Write down a call of a function that a stand-in answers, if the repository led to it."""
        led = way(frame, self._repository)
        if led.places:
            self._note(event, kind, Seen(kind, detail), led, refused=refused)

    def note_native(self, event: str, detail: str, places: Sequence[Place]) -> None:
        """Write down that native code was kept from something."""
        self.refusals += 1
        self._board.append(
            {
                "effect": event,
                "kind": Kind.SUBPROCESS.value,
                "detail": detail,
                "refused": True,
                "native": True,
                "places": list(places),
            }
        )

    def thread(self, function: object, frame: FrameType) -> None:
        """Write down that a thread starts, and remember who started it."""
        owner = getattr(function, "__self__", None)
        thread = owner if isinstance(owner, threading.Thread) else None
        led = way(frame, self._repository)
        STARTED[id(thread)] = led
        target = getattr(thread, "_target", None)
        runs = target or (function if thread is None else type(thread))
        name = getattr(runs, "__qualname__", "") or type(runs).__name__
        if led.places:
            self._note("threading.Thread", Kind.THREAD, Seen(Kind.THREAD, name), led, refused=False)

    def last_words(self, what: str, frame: FrameType | None) -> None:
        """Write down that the process is about to end."""
        self._board.append({"ending": what, "places": way(frame, self._repository).places})
