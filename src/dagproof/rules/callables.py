"""Finds the tasks that run a function of the repository, and what the function is given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dagproof.rules.reading import Reading
from dagproof.source.values import Bound, Container, Event, Function, Value

_TEMPLATED = ("op_args", "op_kwargs", "templates_dict")


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task and the function that it calls.

    Attributes:
        event: where the task is made.
        function: what it calls.
        options: the arguments of the operator or of the decorator, as far as they are known.
        positional: what the function is given by position.
        named: what the function is given by name.
    """

    event: Event
    function: Function
    options: dict[str, Value]
    positional: list[Value]
    named: dict[str, Value]

    @property
    def taskflow(self) -> bool:
        """Whether the function is decorated."""
        return self.event.name == "@task"

    @property
    def wrapped(self) -> bool:
        """Whether a decorator stands between the task and its function, and may change values."""
        decorators = getattr(self.function.node, "decorator_list", [])
        return len(decorators) > int(self.taskflow)


@lru_cache(maxsize=2)
def tasks(reading: Reading) -> tuple[Task, ...]:
    """Return the tasks that are made while a module is imported, each place once."""
    found: dict[tuple[int, int], Task] = {}
    for event in reading.unit.events:
        task = _taskflow(event) if event.name == "@task" else _operator(event)
        if task is not None:
            found.setdefault((id(event.node), id(task.function.node)), task)
    return tuple(found.values())


@lru_cache(maxsize=2)
def dags(reading: Reading) -> tuple[dict[int | str, Value], ...]:
    """Return the arguments of the DAGs that are made while a module is imported."""
    return tuple(_dags(reading))


def dag_options(reading: Reading, name: str) -> tuple[Value, ...] | None:
    """Return what the DAGs of a module give for an argument, None for those that do not.

    Returns None if there is no DAG, or if the arguments of one of them are not known.
    """
    every = dags(reading)
    if not every or any(_UNKNOWN in arguments for arguments in every):
        return None
    return tuple(arguments.get(name) for arguments in every)


def renders_text(reading: Reading, task: Task) -> bool:
    """Return whether templates certainly arrive as text: native rendering is off."""
    every = dags(reading)
    if not every or any(_UNKNOWN in arguments for arguments in every):
        return False
    given = [arguments[_NATIVE] for arguments in every if _NATIVE in arguments]
    if _NATIVE in task.options:
        given.append(task.options[_NATIVE])
    if not all(_is_one_of(value, (None, False)) for value in given):
        return False
    defaults = dag_options(reading, "default_args") or ()
    return not any(isinstance(value, Container) and _NATIVE in value.items for value in defaults)


def option(reading: Reading, task: Task, name: str) -> Value:
    """Return an argument of a task, or its value in the `default_args` of the only DAG."""
    if name in task.options:
        return task.options[name]
    defaults = dag_options(reading, "default_args")
    if defaults and len(defaults) == 1 and isinstance(defaults[0], Container):
        return defaults[0].items.get(name)
    return None


def is_false(value: Value) -> bool:
    """Return whether a value is the constant False."""
    return isinstance(value, ast.Constant) and value.value is False


def template(value: Value) -> str | None:
    """Return the text of a constant that Jinja renders."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        text = value.value
        return text if "{{" in text or "{%" in text else None
    return None


_UNKNOWN = "**"
_NATIVE = "render_template_as_native_obj"


def _dags(reading: Reading) -> Iterator[dict[int | str, Value]]:
    decorated: set[int] = set()
    for event in reading.unit.events:
        last = event.name.rpartition(".")[2]
        if last in ("DAG", "dag") and event.name.startswith("airflow."):
            yield _with_unknown(event)
            decorated.add(id(event.node))
    for event in reading.unit.events:
        if event.name != "@dag" or not isinstance(event.callee, Function):
            continue
        decorators = getattr(event.callee.node, "decorator_list", [])
        if not any(id(node) in decorated for node in decorators):
            bare = all(not isinstance(node, ast.Call) for node in decorators)
            yield {} if bare else {_UNKNOWN: None}


def _with_unknown(event: Event) -> dict[int | str, Value]:
    keywords = event.node.keywords if isinstance(event.node, ast.Call) else []
    named = {keyword.arg for keyword in keywords}
    known = {name for name in event.arguments if isinstance(name, str)}
    if None in named and known <= named:
        return {**event.arguments, _UNKNOWN: None}
    return event.arguments


def _taskflow(event: Event) -> Task | None:
    function = event.callee
    if not isinstance(function, Function):
        return None
    positional = [event.arguments[place] for place in sorted(_places(event.arguments))]
    if isinstance(event.node, ast.Call) and _starred(event.node.args):
        positional = []
    named = {name: value for name, value in event.arguments.items() if isinstance(name, str)}
    options: dict[str, Value] = {}
    for decorator in getattr(function.node, "decorator_list", []):
        options |= _constants(decorator)
    if isinstance(event.node, ast.Call):
        options |= _constants(event.node.func)  # task.override(...)(...)
    return Task(event, function, options, positional, named)


def _operator(event: Event) -> Task | None:
    function = event.arguments.get("python_callable")
    first: list[Value] = []
    named: dict[str, Value] = {}
    if isinstance(function, Bound):
        first, named, function = list(function.first), dict(function.named), function.function
    if not isinstance(function, Function) or not event.name.startswith("airflow."):
        return None
    options = {name: value for name, value in event.arguments.items() if isinstance(name, str)}
    args, kwargs, texts = (options.get(name) for name in _TEMPLATED)
    if isinstance(args, Container) and not _starred(getattr(args.node, "elts", [])):
        first += args.items.values()
    if isinstance(kwargs, Container):
        named |= {name: value for name, value in kwargs.items.items() if isinstance(name, str)}
    if isinstance(texts, Container):
        named.setdefault("templates_dict", texts)
    return Task(event, function, options, first, named)


def _places(arguments: dict[int | str, Value]) -> Iterator[int]:
    return (place for place in arguments if isinstance(place, int))


def _constants(node: ast.expr) -> dict[str, Value]:
    if not isinstance(node, ast.Call):
        return {}
    return {
        keyword.arg: keyword.value if isinstance(keyword.value, ast.Constant) else None
        for keyword in node.keywords
        if keyword.arg is not None
    }


def _is_one_of(value: Value, constants: tuple[object, ...]) -> bool:
    return isinstance(value, ast.Constant) and value.value in constants


def _starred(nodes: list[ast.expr]) -> bool:
    return any(isinstance(node, ast.Starred) for node in nodes)
