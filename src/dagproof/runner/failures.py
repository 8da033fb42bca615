"""Turns a task's exception into plain data, with the frames that concern its author."""

import traceback
from types import TracebackType

from dagproof.model import TaskError


def describe(error: BaseException, *, stacks: str = "") -> TaskError:
    """Return the error with its traceback from the first frame outside Airflow on.

    Args:
        error: as the task raised it.
        stacks: stacks of all threads, when the watchdog took them.
    """
    own = _own_frames(error.__traceback__)
    text = "".join(traceback.format_exception(type(error), error, own))
    module = readable(type(error).__module__)
    name = f"{module}.{type(error).__qualname__}".removeprefix("builtins.")
    return TaskError(name, _message(error), f"{text}\n{stacks}" if stacks else text)


def readable(module: str) -> str:
    """Airflow imports DAG files as `unusual_prefix_<sha1>_<stem>`; the stem says enough."""
    prefix, _, rest = module.partition("unusual_prefix_")
    return module if prefix or not rest else rest.partition("_")[2]


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as broken:  # noqa: BLE001 - `__str__` is the user's code
        return f"(its text cannot be read: {type(broken).__name__})"
    if type(error).__name__ == "ServerResponseError":
        # What Airflow's own API refused, for want of a DAG say, stands beside the text.
        detail = getattr(error, "detail", None)
        return f"{text}: {detail}" if detail else text
    return text


def _own_frames(frames: TracebackType | None) -> TracebackType | None:
    """Skip Airflow's and dagproof's leading frames; keep all when nothing else is left."""
    current = frames
    while current is not None and _is_machinery(current):
        current = current.tb_next
    return current or frames


def _is_machinery(frames: TracebackType) -> bool:
    module = str(frames.tb_frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in {"airflow", "dagproof", "contextvars"}
