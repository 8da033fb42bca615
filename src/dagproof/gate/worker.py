"""The process of one stage: whatever ends it, the gate goes on and says so.

Run as `python -m dagproof.gate.worker DESCRIPTOR`, with a connection to the gate.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Final

from dagproof.gate.messages import (
    AttemptEnded,
    Message,
    RunBegins,
    RunEnded,
    Said,
    TaskBegins,
    Told,
    Unable,
    Work,
)
from dagproof.model import DagOutcome, DagproofError, Report, TaskOutcome

Send = Callable[[Message], None]

_INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def _lint(work: Work, _send: Send) -> Told:
    from dagproof.lint import lint

    return Told(lint(work.settings, work.request))


def _audit(work: Work, send: Send) -> Told:
    from dagproof.audit import audit

    return Told(audit(work.settings, work.request, lambda text: send(Said(text))))


def _contracts(work: Work, send: Send) -> Told:
    from dagproof.proving import prove

    return Told(prove(work.settings, work.request, lambda text: send(Said(text))))


def _diff(work: Work, send: Send) -> Told:
    from dagproof.gate.past import look_back

    past = look_back(work.settings, work.request, lambda text: send(Said(text)))
    return Told(Report(files=len(past.before.traces)), past)


def _tried(work: Work, send: Send) -> Told:
    from dagproof.gate.past import try_back

    return Told(Report(), try_back(work.settings, work.request, lambda text: send(Said(text))))


def _run(work: Work, send: Send) -> Told:
    from dagproof import app
    from dagproof.runner import RunOptions

    options = RunOptions(
        timeout=work.settings.timeout,
        end_process=True,
        on_start=lambda label: send(TaskBegins(label)),
        on_task=lambda task: send(AttemptEnded(_plain_task(task))),
    )
    settings = replace(work.settings, runs=work.more["runs"])
    report = app.run(
        settings,
        app.RunRequest(options=options, backend=work.more["backend"]),
        progress=lambda text: send(Said(text)),
        on_dag=lambda dag: send(RunBegins(dag)),
        on_run=lambda outcome: send(RunEnded(_plain_run(outcome))),
    )
    return Told(replace(report, runs=tuple(map(_plain_run, report.runs))))


def _plain_run(outcome: DagOutcome) -> DagOutcome:
    return replace(outcome, tasks=tuple(map(_plain_task, outcome.tasks)))


def _plain_task(task: TaskOutcome) -> TaskOutcome:
    """Return an outcome that crosses processes: of XCom values what JSON can hold."""
    from dagproof.reporters.values import plain_value

    return replace(task, xcoms={key: plain_value(value) for key, value in task.xcoms.items()})


STAGES: Final[dict[str, Callable[[Work, Send], Told]]] = {
    "lint": _lint,
    "audit": _audit,
    "contracts": _contracts,
    "diff": _diff,
    "contracts at the base": _tried,
    "run": _run,
}


def main(descriptor: int) -> int:
    """Do the work that comes over the connection, and say what came of it."""
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the argument has no name
    connection = Connection(descriptor)
    lock = threading.Lock()

    def send(message: Message) -> None:
        with lock:
            connection.send(message)

    work: Work = connection.recv()
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    for one in _SIGNALS:
        signal.signal(one, _interrupt)
    try:
        send(STAGES[work.stage](work, send))
    except DagproofError as error:
        send(Unable(str(error), error.exit_code))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the gate says that it is a defect of ours
        traceback.print_exc()
        send(Unable(f"dagproof itself failed: {type(error).__name__}: {error}", 3))
    return 0


def _end_with(connection: Connection) -> None:
    """Interrupt this process when the gate has gone."""
    try:
        connection.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGINT)


def _interrupt(*_: Any) -> None:
    """Raise once: what is being stopped is not to be disturbed."""
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    from dagproof.terminal import end_soon

    code = main(int(sys.argv[1]))
    end_soon(code)
    sys.exit(code)
