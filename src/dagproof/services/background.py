"""Lets services start while the caller does something else."""

import threading
from collections.abc import Callable


def meanwhile(work: Callable[[], None]) -> Callable[[], None]:
    """Begin some work in another thread; return what waits for its end and raises its error."""
    failures: list[BaseException] = []

    def carry_out() -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - it is raised where it is waited for
            failures.append(failure)

    thread = threading.Thread(target=carry_out, daemon=True, name="services")
    thread.start()

    def wait() -> None:
        thread.join()
        if failures:
            raise failures[0]

    return wait
