"""Room for code that is nested deeply: Python itself follows thousands of levels."""

import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar

Result = TypeVar("Result")

_FRAMES: Final = 20_000
"""Calls within calls; each level of nested code takes two or three."""

_STACK: Final = 256 * 1024 * 1024
"""Bytes of address space; only what is used becomes memory."""


def with_deep_stack(work: Callable[[], Result]) -> Result:
    """Carry out some work in a thread whose stack is large, and give back what it gives.

    Raises:
        BaseException: whatever the work raises.
    """
    results: list[Result] = []
    failures: list[BaseException] = []

    def carry_out() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # noqa: BLE001 - it is raised where it is waited for
            failures.append(failure)

    frames, stack = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(max(frames, _FRAMES))
    try:
        thread = threading.Thread(target=carry_out, daemon=True, name="lint")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(frames)
        threading.stack_size(stack)
    if failures:
        raise failures[0]
    return results[0]
