"""Runs a function in a process of its own, for what changes a process for good."""

import os
import pickle
import sys
import traceback
from typing import NoReturn


def forked(function, *arguments):
    """Return what a function returns in a forked child; raise its failure here.

    What coverage counts there is counted here.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _live(writing, function, arguments)
    os.close(writing)
    with os.fdopen(reading, "rb") as wire:
        data = wire.read()
    _, status = os.waitpid(pid, 0)
    if not data:
        raise AssertionError(f"the child said nothing, and ended with status {status}")
    result, error, lines = pickle.loads(data)  # noqa: S301 - our own child wrote it
    for path, seen in lines.items():
        _counted().setdefault(path, type(seen)()).update(seen)
    if error:
        raise AssertionError(error)
    return result


def _live(writing, function, arguments) -> NoReturn:
    """Be the child; nothing that the function replaces is needed afterwards."""
    leave, write, dumps, told = os._exit, os.write, pickle.dumps, traceback.format_exc
    counted = _counted()
    try:
        try:
            said = (function(*arguments), "")
        except BaseException:  # noqa: BLE001 - whatever it is, the parent raises it
            said = (None, told())
        data = dumps((*said, dict(counted)))
        while data:
            data = data[write(writing, data) :]
    finally:
        leave(0)


def _counted():
    """Return the lines that coverage has seen in this process, by file."""
    coverage = sys.modules.get("coverage")
    running = coverage.Coverage.current() if coverage is not None else None
    collector = getattr(running, "_collector", None)
    return {} if collector is None else collector.data
