"""Compares what templates give a callable with what it wants, and calls it where that is safe."""

import ast
import contextlib
import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dagproof.airflow_compat.alarms import EndlessTemplateError, limited
from dagproof.airflow_compat.rendered import Outcome, RenderedTask
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.contracts.fields import fields_of
from dagproof.contracts.words import shown

UNCAST: Final = "uncast-template-value"
PURE: Final = "dagproof: pure"
"""The comment on the line of a `def`, or on the line before it, by which it may be called."""

_FINE: Final = ("AirflowSkipException", "AirflowRescheduleException", "TaskDeferred")
_DEPTH: Final = 6
_TAKE_TEXT: Final = frozenset(
    {
        "append", "critical", "debug", "error", "exception", "hash", "id", "info", "isinstance",
        "len", "log", "print", "repr", "sorted", "type", "warning",
    }
)  # fmt: skip
"""Calls after which an argument is what it was."""


@dataclass(frozen=True, slots=True)
class CastFault:
    """An argument that a callable cannot take.

    Attributes:
        argument: its name; empty where the call as a whole failed.
        source: of the template that gave it; empty for none.
        what: the end of a sentence about the task, code in backticks.
        why: what follows behind a colon; empty for nothing.
        place: absolute path and line of the callable.
    """

    argument: str
    source: str
    what: str
    why: str
    place: tuple[str, int] | None


class Callables:
    """Knows what the callables of tasks want; each is read once.

    Args:
        is_pure: says whether the callable of a task may be called, beside the comment.
        seconds: that a call may take.
        begin: told the task before its callable is called; False where that ended the process.
        unproved: told of a callable what is wrong with its annotations, once.
    """

    def __init__(
        self,
        is_pure: Callable[[str], bool],
        seconds: float,
        begin: Callable[[str], bool],
        unproved: Callable[[str, str, tuple[str, int] | None], None],
    ) -> None:
        self._is_pure = is_pure
        self._seconds = seconds
        self._begin = begin
        self._unproved = unproved
        self._hints: dict[int, Mapping[str, Any]] = {}
        self._adapters: dict[tuple[int, str], Any] = {}
        self._cast: dict[int, frozenset[str]] = {}
        self._marked: dict[int, bool] = {}

    def faults(self, original: Any, rendered: RenderedTask) -> Iterator[CastFault]:
        """Yield the arguments of one task instance that its callable cannot take.

        Args:
            original: the task, as it was imported.
            rendered: what its templates gave.
        """
        task_id = original.task_id
        task = rendered.task
        function = getattr(task, "python_callable", None)
        if function is None or not callable(function):
            return
        arguments = _bound(function, task)
        if arguments is None:
            return
        unjudged = any(one.error is not None or one.unknown for one in rendered.outcomes)
        found = False
        for name, value in arguments.items():
            outcome = _given(original, name, value, rendered.outcomes)
            if outcome is not None and not self._takes(task_id, function, name, value):
                found = True
                wants = _name_of(self._wants(task_id, function)[name])
                what = f"gives {shown(value)} for `{name}: {wants}` of `{_call_name(function)}`"
                yield CastFault(name, outcome.source, what, "", _place(function))
        if found or unjudged or rendered.error is not None or not rendered.outcomes:
            return
        if not self._may_be_called(task_id, function) or _has_stand_in(arguments, _DEPTH):
            return
        if self._begin(task_id):
            yield from self._called(function, task, rendered.outcomes)

    def _takes(self, task_id: str, function: Any, name: str, value: object) -> bool:
        """Say whether a value is what an argument is annotated to be, or is cast anyway."""
        wants = self._wants(task_id, function)
        if name not in wants or isinstance(value, StandIn) or name in self._casts_itself(function):
            return True
        adapter = self._adapter(task_id, function, name, wants[name])
        if adapter is None:
            return True
        try:
            adapter.validate_python(value, strict=True)
        except Exception as error:  # noqa: BLE001 - validators of the user's own
            return type(error).__name__ != "ValidationError"
        return True

    def _wants(self, task_id: str, function: Any) -> Mapping[str, Any]:
        if id(function) not in self._hints:
            try:
                self._hints[id(function)] = typing.get_type_hints(_plain(function))
            except Exception as error:  # noqa: BLE001 - annotations are code
                self._hints[id(function)] = {}
                what = f"the annotations of `{_call_name(function)}` cannot be read: {error}"
                self._unproved(task_id, what, _place(function))
        return self._hints[id(function)]

    def _adapter(self, task_id: str, function: Any, name: str, wants: Any) -> Any:
        key = (id(function), name)
        if key not in self._adapters:
            from pydantic import ConfigDict, TypeAdapter

            adapter: Any = None
            with contextlib.suppress(Exception):  # its own idea of a configuration
                adapter = TypeAdapter(wants)
            if adapter is None:
                try:
                    adapter = TypeAdapter(wants, config=ConfigDict(arbitrary_types_allowed=True))
                except Exception as error:  # noqa: BLE001 - annotations may be anything
                    what = f"nothing can be said of `{name}: {_name_of(wants)}`: {error}"
                    self._unproved(task_id, what.partition("\n")[0], _place(function))
            self._adapters[key] = adapter
        return self._adapters[key]

    def _casts_itself(self, function: Any) -> frozenset[str]:
        """Return the arguments that a function hands to a call that may cast them."""
        if id(function) not in self._cast:
            self._cast[id(function)] = frozenset(_cast_in(function))
        return self._cast[id(function)]

    def _may_be_called(self, task_id: str, function: Any) -> bool:
        if id(function) not in self._marked:
            self._marked[id(function)] = _is_marked(function)
        return self._marked[id(function)] or self._is_pure(task_id)

    def _called(
        self, function: Any, task: Any, outcomes: tuple[Outcome, ...]
    ) -> Iterator[CastFault]:
        try:
            with limited(self._seconds):
                function(*task.op_args, **task.op_kwargs)
        except EndlessTemplateError:
            what = f"calls `{_call_name(function)}`, which does not end"
            yield CastFault("", outcomes[0].source, what, "", _place(function))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - that is what is asked
            if type(error).__name__ in _FINE:
                return
            text = str(error).partition("\n")[0]
            why = f"{type(error).__name__}: {text}" if text else type(error).__name__
            given = ", ".join(shown(one.value) for one in outcomes)
            what = f"fails, as its templates give {given} to `{_call_name(function)}`,"
            yield CastFault("", outcomes[0].source, what, why, _place(function))


def _bound(function: Any, task: Any) -> dict[str, Any] | None:
    try:
        signature = inspect.signature(function)
        bound = signature.bind_partial(*task.op_args, **task.op_kwargs)
    except (TypeError, ValueError, AttributeError):
        return None
    arguments = dict(bound.arguments)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments.update(arguments.pop(parameter.name, {}))
    return arguments


def _given(
    original: Any, name: str, value: object, outcomes: tuple[Outcome, ...]
) -> Outcome | None:
    """Return the template that gave an argument its value; None where none did.

    In native rendering many values are one object, such as None: the place counts, too.
    """
    for outcome in outcomes:
        if outcome.error is None and not outcome.unknown and outcome.value is value:
            places = set(fields_of(original, outcome.source))
            if not places or places & {name, "op_args"}:
                return outcome
    return None


def _cast_in(function: Any) -> Iterator[str]:
    with contextlib.suppress(Exception):  # no source, or none that parses by itself
        tree = ast.parse(textwrap.dedent(inspect.getsource(_plain(function))))
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Name(name) | ast.Attribute(attr=name), args=[ast.Name(given), *_]
                ) if name not in _TAKE_TEXT:
                    yield given


def _is_marked(function: Any) -> bool:
    try:
        lines, first = inspect.getsourcelines(_plain(function))
        before = inspect.getsourcefile(_plain(function))
    except (OSError, TypeError):
        return False
    head = []
    for line in lines:
        head.append(line)
        if line.lstrip().startswith(("def ", "async def ")):
            break
    if before is not None and first > 1:
        import linecache

        head.append(linecache.getline(before, first - 1))
    return any(PURE in line.partition("#")[2] for line in head)


def _plain(function: Any) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))


def _place(function: Any) -> tuple[str, int] | None:
    code = getattr(_plain(function), "__code__", None)
    return None if code is None else (code.co_filename, code.co_firstlineno)


def _call_name(function: Any) -> str:
    return f"{getattr(function, '__name__', type(function).__name__)}()"


def _name_of(wants: Any) -> str:
    name = (
        wants.__name__
        if isinstance(wants, type) and not hasattr(wants, "__args__")
        else repr(wants)
    )
    return str(name).replace("typing.", "")


def _has_stand_in(value: object, depth: int) -> bool:
    if isinstance(value, StandIn):
        return True
    if depth and isinstance(value, Mapping):
        return any(_has_stand_in(one, depth - 1) for one in value.values())
    if depth and isinstance(value, list | tuple | set):
        return any(_has_stand_in(one, depth - 1) for one in value)
    return type(value).__name__ == "LazyXComSequence"
