"""Imports a file line by line, to see which line changed what, and which was the last."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, Final

from dagproof.import_audit import state
from dagproof.import_audit.board import Board
from dagproof.import_audit.frames import Place, Repository, way

_MOST: Final = 100_000
"""Lines after which nobody looks any more."""


@contextlib.contextmanager
def looking(
    board: Board, repository: Repository, names: Sequence[str], given: Callable[[], state.State]
) -> Iterator[None]:
    """Write down the line after which each state changed; without names, every line.

    Args:
        board: where it is written.
        repository: whose lines are looked at.
        names: of the state.
        given: returns what is taken as given, because libraries changed it.
    """
    steps = 0
    place: Sequence[Place] = ()
    known = {name: given()[name] for name in names}

    def look() -> None:
        for name in names:
            value = state.read(name)
            if value != known[name]:
                known[name] = value
                if value != given()[name]:
                    board.append({"leak": name, "places": place})

    def step(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps, place
        steps += 1
        if steps > _MOST:
            return None
        look()
        if event == "line":
            led = way(frame, repository).places
            place = [*led[:-1], (led[-1][0], frame.f_lineno, frame.f_lineno, 0, 0, led[-1][5])]
            if not names:
                board.append({"line": place})
        return step

    def enter(frame: FrameType, _event: str, _: Any) -> Any:
        return step if repository.owns(frame.f_code.co_filename) else None

    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(None)
        look()
