"""Judges what a template gave: names that nothing defines, errors, `None` as text, other types."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import (
    Environment,
    TemplateAssertionError,
    TemplateNotFound,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.exceptions import TemplateSyntaxError

from dagproof.airflow_compat.alarms import EndlessTemplateError
from dagproof.airflow_compat.rendered import Outcome
from dagproof.contracts.words import shown

UNDEFINED: Final = "undefined-template-name"
BROKEN: Final = "broken-template"
NONE: Final = "none-in-template"
NATIVE: Final = "native-rendering-surprise"
UNKNOWN_SOURCE: Final = "unknown-xcom-source"

_UNDEFINED: Final = re.compile(r"'(\w+)' is undefined")
_NO_KEY: Final = re.compile(r"'dict object' has no attribute '(.+)'")
_NOT_NAMED: Final = ("No filter named", "No test named")
_LOOSE: Final = frozenset({"dag_run", "ti", "task_instance", "var", "conn"})
"""Names whose values nobody has promised a type."""

_GUARDS: Final = frozenset({"defined", "undefined"})
_DEFAULTS: Final = frozenset({"default", "d"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one template.

    Attributes:
        offence: the slug of the rule.
        what: the end of a sentence about the template, code in backticks.
        why: what follows behind a colon; empty for nothing.
        name: the name that nothing defines, such as `params.month`; empty for other faults.
    """

    offence: str
    what: str
    why: str = ""
    name: str = ""


def faults(outcome: Outcome, tasks: Collection[str]) -> Iterator[Fault]:
    """Yield what is wrong with what a template gave.

    Args:
        outcome: of one rendering.
        tasks: ids of the DAG's tasks.
    """
    for pulled in dict.fromkeys(outcome.pulled):
        if pulled not in tasks:
            yield Fault(UNKNOWN_SOURCE, f"pulls XCom of `{pulled}`, which is no task of the DAG")
    if outcome.error is not None:
        yield from _failed(outcome, outcome.error)
        return
    if not outcome.native or isinstance(outcome.value, str):
        yield from _nones(outcome)
    if outcome.native:
        yield from _surprises(outcome)


def _failed(outcome: Outcome, error: BaseException) -> Iterator[Fault]:
    text = (str(error).strip() or type(error).__name__).partition("\n")[0].rstrip(".")
    if isinstance(error, EndlessTemplateError):
        yield Fault(BROKEN, "does not end")
    elif isinstance(error, TemplateAssertionError) or text.startswith(_NOT_NAMED):
        yield Fault(UNDEFINED, "cannot be rendered", text)
    elif isinstance(error, TemplateSyntaxError):
        yield Fault(BROKEN, "is not a Jinja template", f"{text} (line {error.lineno} of it)")
    elif isinstance(error, TemplateNotFound):
        yield Fault(BROKEN, "needs a file that is not there", text)
    elif isinstance(error, UndefinedError):
        name, key = _UNDEFINED.fullmatch(text), _NO_KEY.fullmatch(text)
        if key and key[1] in _params_in(_parsed(outcome.source)):
            yield _no_param(key[1])
        elif name or not outcome.unknown:
            yield Fault(UNDEFINED, "cannot be rendered", text, name[1] if name else "")
    elif not outcome.unknown:
        kind = type(error).__name__
        yield Fault(BROKEN, "cannot be rendered", text if text == kind else f"{kind}: {text}")


def _nones(outcome: Outcome) -> Iterator[Fault]:
    missing = sum(getattr(value, "__wrapped__", value) is None for value in outcome.printed)
    if missing > outcome.source.count("xcom_push("):  # which prints nothing, in vain
        yield Fault(NONE, "has the text `None` for a value that is missing", shown(outcome.value))


def _surprises(outcome: Outcome) -> Iterator[Fault]:
    """Yield text that native rendering takes for something else."""
    if len(outcome.printed) != 1 or outcome.unknown:
        return
    printed, value = outcome.printed[0], outcome.value
    if isinstance(printed, str) and not isinstance(value, str) and printed.strip():
        if names_of(outcome.source) & _LOOSE:
            return
        what = f"gives the {type(value).__name__} {shown(value)} for the text {shown(printed)}"
        yield Fault(NATIVE, what)


def names_of(source: str) -> frozenset[str]:
    """Return the names that a template uses; none for one that cannot be read."""
    try:
        return frozenset(meta.find_undeclared_variables(_parsed(source)))
    except TemplateSyntaxError:  # a filter of somebody's own
        return frozenset()


def _parsed(source: str) -> nodes.Template:
    """Return a template as it is read; an empty one where it cannot be."""
    environment = Environment()  # noqa: S701 - never rendered
    try:
        return environment.parse(source)
    except TemplateSyntaxError:
        return environment.parse("")


def unreached(
    parsed: nodes.Template, names: Collection[str], params: Collection[str]
) -> Iterator[Fault]:
    """Yield names that nothing defines, also where no conf leads there.

    Args:
        parsed: a template that was rendered without an error.
        names: what the template could use.
        params: names of the DAG's and the task's Params.
    """
    guarded = _guarded(parsed)
    try:
        used = sorted(meta.find_undeclared_variables(parsed))
    except TemplateSyntaxError:
        return  # a filter that is not there, which is told already
    for name in used:
        if name not in names and name not in guarded:
            yield Fault(UNDEFINED, f"uses `{name}`, which nothing defines", name=name)
    for name in dict.fromkeys(_params_in(parsed)):
        if name not in params and f"params.{name}" not in guarded:
            yield _no_param(name)


def _no_param(name: str) -> Fault:
    what = f"uses `params.{name}`, and the DAG has no such Param"
    return Fault(UNDEFINED, what, name=f"params.{name}")


def _params_in(parsed: nodes.Template) -> Iterator[str]:
    """Yield the Params that a template cannot be rendered without."""
    for node in parsed.find_all(nodes.Getattr):
        if _is_params(node.node) and not hasattr(dict, node.attr):
            yield node.attr
    for item in parsed.find_all(nodes.Getitem):
        if _is_params(item.node) and isinstance(item.arg, nodes.Const):
            yield str(item.arg.value)


def _is_params(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "params"


def _guarded(parsed: nodes.Template) -> set[str]:
    """Return the names of which the template itself asks whether they are there."""
    asked: list[nodes.Node] = [
        test.node for test in parsed.find_all(nodes.Test) if test.name in _GUARDS
    ]
    asked += [
        one.node
        for one in parsed.find_all(nodes.Filter)
        if one.name in _DEFAULTS and one.node is not None
    ]
    return {name for node in asked for name in _dotted(node)} | set(_looked_for(parsed))


def _dotted(node: Any) -> Iterator[str]:
    if isinstance(node, nodes.Name):
        yield node.name
    elif isinstance(node, nodes.Getattr | nodes.Getitem):
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
        for name in _dotted(node.node):
            yield f"{name}.{key}"
            yield name


def _looked_for(parsed: nodes.Template) -> Iterator[str]:
    """Yield the Params that are asked for by text: `'a' in params`, `dag_run.conf.get('a')`."""
    indexes = [node.arg for node in parsed.find_all(nodes.Getitem)]
    for text in parsed.find_all(nodes.Const):
        if isinstance(text.value, str) and not any(text is one for one in indexes):
            yield f"params.{text.value}"
