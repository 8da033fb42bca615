"""The command line, as its parser has it, and what it exits with."""

import argparse
import shlex
from collections.abc import Iterator

from dagproof import model
from dagproof.cli import _parser
from reference_pages.markdown import code, table

_EXITS = (
    ("0", "clean: nothing but notes, and no failed run"),
    ("1", "errors or warnings, a failed run, or, of `doctor`, what keeps a command from working"),
    (
        str(model.UsageError.exit_code),
        "a wrong question: arguments, settings, a conf that is refused",
    ),
    (
        str(model.UnavailableError.exit_code),
        "dagproof could not look: no Airflow, no Docker, nothing there, a process that ended",
    ),
    ("130", "Ctrl-C, or SIGTERM; what had been started is stopped"),
)

_REST = """
`impact` and `diff` tell, and end with 0 whatever they tell. `gate` ends with 2 or 3 where a stage
could not look, whatever the others found. pytest has exit codes of its own.
"""


def page() -> str:
    """Return the page of all commands."""
    parser = _parser()
    exits = table(("exit code", "of every command"), _EXITS)
    text = f"# The command line\n\n{parser.description}\n\n{exits}{_REST}"
    for name, command in _commands(parser):
        text += f"\n## {name}\n\n{_command(command)}"
    return text


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield commands and the actions below them, with the sentence that their parser's list has."""
    for action in parser._actions:  # noqa: SLF001 - nothing else tells
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nothing else tells
            helps = {one.dest: one.help for one in action._choices_actions}  # noqa: SLF001 - nothing else tells
            for name, command in action.choices.items():
                command.description = command.description or _sentence(helps[name] or "")
                yield command.prog, command
                yield from _commands(command)


def _command(command: argparse.ArgumentParser) -> str:
    parts = [f"{command.description}\n"]
    rows = [
        (_spelling(action), _help(command, action), _default(action))
        for action in command._actions  # noqa: SLF001 - nothing else tells
        if action.dest != "help" and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - nothing else tells
    ]
    if rows:
        parts.append(table(("argument", "is", "default"), rows))
    return "\n".join(parts)


def _spelling(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices:
        value = "|".join(map(str, action.choices))
    if not action.option_strings:
        return code(f"[{value} ...]" if action.nargs == "*" else f"[{value}]")
    takes = "" if action.nargs == 0 else f" {value}"
    return ", ".join(code(f"{one}{takes}") for one in action.option_strings)


def _help(command: argparse.ArgumentParser, action: argparse.Action) -> str:
    formatter = command._get_formatter()  # noqa: SLF001 - nothing else tells
    return _sentence(formatter._expand_help(action) if action.help else "")  # noqa: SLF001 - nothing else tells


def _default(action: argparse.Action) -> str:
    told = action.default not in (None, False, argparse.SUPPRESS, "", [], ())
    return code(shlex.join([str(action.default)])) if told else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
