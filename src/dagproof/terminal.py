"""What a command writes while it works, and where its report goes."""

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self, TextIO

from dagproof.model import TaskOutcome, UnavailableError, UsageError
from dagproof.reporters.characters import visible
from dagproof.reporters.text import dag_line, plain, task_line

_A_WHILE: Final = 2.0
"""Seconds after which a running task is named."""

_LAST_MOMENT: Final = 5.0
"""Seconds that threads get to finish when all else has."""


class Live:
    """Lines as things happen, from any thread, each in one piece.

    A task that takes long is named while it runs. A reader that goes away (`| head`) does not stop
    a run; `write_report` meets it again. Nor does a disk that is full.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._long = threading.Timer(0, str)

    def progress(self, text: str) -> None:
        """Say on standard error what is being done."""
        self.say(f"[{time.monotonic() - self._started:5.1f} s] {visible(text)}")

    def say(self, text: str) -> None:
        """Say something on standard error."""
        self._line(text, sys.stderr)

    def dag(self, dag: str) -> None:
        """Open a run."""
        self._line(dag_line(dag), self._stream)

    def start(self, label: str) -> None:
        """Name the task that begins, if it is still running in a while."""
        self._long = threading.Timer(_A_WHILE, self._line, (f"  … {label}", self._stream))
        self._long.daemon = True
        self._long.start()

    def task(self, task: TaskOutcome) -> None:
        """Write the line of an attempt that has ended."""
        self._long.cancel()
        self._line(task_line(task), self._stream)

    def _line(self, text: str, stream: TextIO) -> None:
        with self._lock, contextlib.suppress(OSError):
            stream.write(f"{_printable(text, stream)}\n")
            stream.flush()


class Counter:
    """A line that counts files on a terminal, and is gone when all is done.

    Args:
        stream: a terminal; on anything else nothing is written.
    """

    _PERIOD: Final = 0.1

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0.0
        self._on = stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._write("\r\x1b[K")

    def count(self, done: int, total: int, name: str) -> None:
        """Say how many are done, at most ten times a second."""
        now = time.monotonic()
        if self._on and (now - self._shown > self._PERIOD or done == total):
            self._shown = now
            text = f"[{done}/{total}] {name}"[: shutil.get_terminal_size().columns - 1]
            self._write(f"\r\x1b[K{_printable(text, self._stream)}")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


@contextlib.contextmanager
def output_aside() -> Iterator[None]:
    """Send what tasks and their child processes print to standard error.

    A JSON report stays alone on standard output.
    """
    stream = sys.stdout
    stream.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        stream.flush()  # a log handler may have held on to it
        os.dup2(kept, 1)
        os.close(kept)


def end_soon(code: int) -> None:
    """Let the process end by itself, but not wait for ever for threads that tasks have left."""
    timer = threading.Timer(_LAST_MOMENT, _end, (code,))
    timer.daemon = True
    timer.start()


def _end(code: int) -> None:
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    names = ", ".join(one.name for one in others if not one.daemon)
    if not names:  # it is no thread that takes so long
        return
    with contextlib.suppress(OSError, ValueError):
        print(f"dagproof: ended while threads still ran: {names}.", file=sys.stderr, flush=True)
        sys.stdout.flush()
    os._exit(code)


def check_output(output: Path | None) -> None:
    """Refuse a report file that cannot be written, before the work that it is to report.

    Raises:
        UsageError: it cannot.
    """
    if output is not None:
        with _explained(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            output.open("ab").close()


def write_report(text: str, output: Path | None, *, called: Path | None = None) -> None:
    """Write a report to a file, or to standard output where none is given.

    Args:
        text: the report.
        output: where it goes.
        called: the file that a complaint names, where it is another one.

    Raises:
        UsageError: the file cannot be written.
        UnavailableError: standard output cannot be written.
        BrokenPipeError: the reader of standard output has gone away.
    """
    if output is None:
        _print(_printable(text, sys.stdout))
        return
    with _explained(called or output):
        output.write_text(text, encoding="utf-8", errors="backslashreplace")


def _print(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(f"Standard output cannot be written: {error.strerror}.") from error


def append_report(text: str, output: Path) -> None:
    """Write a report behind what a file has already.

    Raises:
        UsageError: the file cannot be written.
    """
    with _explained(output), output.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


@contextlib.contextmanager
def _explained(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"The report cannot be written to {output}: {error.strerror}.") from error


def _printable(text: str, stream: TextIO) -> str:
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return plain(text)
    return text
