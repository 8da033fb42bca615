"""What the parameters of a function begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagproof.source.values import Container, Function, FunctionNode, Scope, Value

if TYPE_CHECKING:
    from dagproof.source.interpreter import Interpreter


def bind(function: Function, arguments: list[Value], named: dict[str, Value]) -> dict[str, Value]:
    """Return the local names that a call of a function begins with."""
    parameters = function.node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    names = [parameter.arg for parameter in positional]
    local: dict[str, Value] = dict(zip(names, arguments, strict=False))
    for parameter in (*positional[len(arguments) :], *parameters.kwonlyargs):
        name = parameter.arg
        local[name] = named[name] if name in named else function.defaults.get(name)
    if parameters.vararg:
        rest = arguments[len(positional) :]
        local[parameters.vararg.arg] = Container(dict(enumerate(rest)))
    if parameters.kwarg:
        rest_named: dict[object, Value] = {
            name: value for name, value in named.items() if name not in local
        }
        local[parameters.kwarg.arg] = Container(rest_named)
    if function.owner is not None:
        local["__class__"] = function.owner
        local["__self__"] = arguments[0] if arguments else None
    return local


def defaults(run: Interpreter, node: FunctionNode, scope: Scope) -> dict[str, Value]:
    """Run the default arguments of a definition."""
    parameters = node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    found: dict[str, Value] = {}
    for parameter, default in zip(
        reversed(positional), reversed(parameters.defaults), strict=False
    ):
        found[parameter.arg] = run.evaluate(default, scope)
    for parameter, keyword_default in zip(
        parameters.kwonlyargs, parameters.kw_defaults, strict=True
    ):
        if keyword_default is not None:
            found[parameter.arg] = run.evaluate(keyword_default, scope)
    return found


def unpacked(value: Value) -> dict[str, Value]:
    """Return the arguments that `**value` gives."""
    if not isinstance(value, Container):
        return {}
    return {name: inner for name, inner in value.items.items() if isinstance(name, str)}
