"""Finds out what a task's callable says that it returns."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NoReturn

NO_PROMISE: Final[tuple[object, ...]] = (
    inspect.Signature.empty, None, type(None), Any, object, typing.Never, NoReturn,
)  # fmt: skip
"""Annotations that say nothing of what goes into XCom."""


class UnprovedError(Exception):
    """An annotation of which no values can be made; says why, as a part of a sentence."""


def return_annotation(function: Callable[..., Any]) -> object:
    """Return what a callable is annotated to return, or one of `NO_PROMISE`.

    Raises:
        UnprovedError: the annotation cannot be evaluated.
    """
    plain = plain_function(function)
    annotation = getattr(plain, "__annotations__", {}).get("return", inspect.Signature.empty)
    if annotation is inspect.Signature.empty or inspect.isgeneratorfunction(plain):
        return inspect.Signature.empty
    names = {**getattr(plain, "__globals__", {}), **_enclosed(plain)}
    return _evaluated(annotation, names)


def plain_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a `def` made, from below decorators, partials and instances."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif not hasattr(function, "__code__") and not isinstance(function, type):
            called = getattr(type(function), "__call__", None)  # noqa: B004 - the method is wanted
            if not isinstance(called, types.FunctionType):
                return function
            function = called
        else:
            return function


def place_of(function: Callable[..., Any]) -> tuple[str, int] | None:
    """Return the absolute path and the line at which a callable is defined."""
    code = getattr(plain_function(function), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code is not None else None


def hints_of(annotation: type) -> Mapping[str, Any]:
    """Return the annotations of a class's fields.

    Raises:
        UnprovedError: one of them cannot be evaluated.
    """
    try:
        return typing.get_type_hints(annotation, include_extras=True)
    except Exception as error:
        raise UnprovedError(f"a field of `{in_words(annotation)}` {_why(error)}") from error


def in_words(annotation: object) -> str:
    """Return an annotation as it might be written, without its modules."""
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(in_words, arguments))
    if origin is typing.Annotated:
        return in_words(arguments[0])
    if origin is not None and origin is not typing.Literal:
        inside = ", ".join(map(in_words, arguments))
        return f"{getattr(origin, '__name__', str(origin))}[{inside}]"
    return _name(annotation)


def _name(annotation: object) -> str:
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    if annotation is type(None):
        return "None"
    if isinstance(annotation, list):  # the arguments of a `Callable`
        return f"[{', '.join(map(in_words, annotation))}]"
    if isinstance(annotation, type):
        return annotation.__name__
    return "..." if annotation is Ellipsis else str(annotation).replace("typing.", "")


def _enclosed(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the names of the functions around it that a function uses."""
    names = getattr(function, "__code__", None)
    cells = getattr(function, "__closure__", None) or ()
    found = {}
    for name, cell in zip(names.co_freevars if names else (), cells, strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return found


class _Annotated:
    """Something with annotations, as `get_type_hints` wants it."""

    def __init__(self, annotation: object) -> None:
        self.__annotations__ = {"return": annotation}


def _evaluated(annotation: object, names: dict[str, Any]) -> object:
    try:
        hints = typing.get_type_hints(_Annotated(annotation), names, names, include_extras=True)
    except Exception as error:
        raise UnprovedError(f"its return annotation {_why(error)}") from error
    return hints["return"]


def _why(error: Exception) -> str:
    if isinstance(error, NameError) and error.name:
        return f"needs `{error.name}`, which is not there when the file runs"
    return f"cannot be evaluated: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
