"""The command line: arguments in, text and an exit code out."""

import argparse
import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from dagproof import __version__
from dagproof.commands import (
    audit,
    cluster,
    contracts,
    diff,
    doctor,
    gate,
    impact,
    init,
    lint,
    rule,
    run,
    services,
)
from dagproof.model import DagproofError
from dagproof.terminal import end_soon


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Returns:
        0 clean, 1 findings or a failed run, 2 wrong question, 3 could not look, 130 Ctrl-C.
    """
    _open_streams()
    code = _carry_out(_parser().parse_args(arguments))
    if arguments is None:  # the process is ours
        end_soon(code)
    return code


def _carry_out(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _terminated)
    try:
        os.getcwd()  # noqa: PTH109 - asked, not used
    except OSError:
        _say("dagproof: the working directory is gone: go to one that is there.")
        return 2
    try:
        code: int = options.command(options)
    except DagproofError as error:
        _say(f"dagproof: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("\ndagproof: interrupted; what it had started is stopped.")
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`), perhaps before the run was over: there is
        # nobody left to tell, but nothing was proved either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except Exception:  # noqa: BLE001 - Python would end with 1, which stands for findings
        _say(traceback.format_exc())
        _say("dagproof: this is a defect of dagproof; nothing was proved.")
        return 3
    return code


def _open_streams() -> None:
    """Have all three streams, so that no file of ours takes the number of a closed one."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - it stays open


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)


def _terminated(*_: object) -> NoReturn:
    """Let SIGTERM unwind like Ctrl-C, so that services stop and folders go."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dagproof", description="Proves an Airflow DAG repository before it merges."
    )
    parser.add_argument("--version", action="version", version=f"dagproof {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    lint.add(commands)
    audit.add(commands)
    contracts.add(commands)
    run.add(commands)
    gate.add(commands)
    diff.add(commands)
    impact.add(commands)
    services.add(commands)
    cluster.add(commands)
    rule.add(commands)
    init.add(commands)
    doctor.add(commands)
    return parser
