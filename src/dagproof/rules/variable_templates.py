"""Turns `Variable.get(...)` into a template, where Airflow renders what it is given to."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Edit
from dagproof.rules.reading import Reading
from dagproof.source.values import Event

_TEMPLATED: Final = {
    "BashOperator": {"bash_command", "env"},
    "EmailOperator": {"to", "subject", "html_content"},
    "HttpOperator": {"endpoint", "data", "headers"},
    "PythonOperator": {"op_args", "op_kwargs", "templates_dict"},
    "SQLExecuteQueryOperator": {"sql", "parameters"},
    "SimpleHttpOperator": {"endpoint", "data", "headers"},
}
"""Arguments that every version of Airflow renders, by the end of the operator's name."""


def as_template(reading: Reading, event: Event) -> tuple[Edit, ...]:
    """Return the edit that lets a task look a Variable up when it runs; none where it is not sure.

    The value must be given as it is: what is done with it in Python, a template cannot do.
    """
    call = event.node
    if not isinstance(call, ast.Call) or event.source is not reading.source or event.chain:
        return ()
    text = _template(call)
    native = b"render_template_as_native_obj" in reading.source.data
    if text is None or native or call not in _rendered(reading):
        return ()
    return (Edit(reading.source.span(call), f'"{text}"'),)


def _template(call: ast.Call) -> str | None:
    """Return the template of `Variable.get("name")`; None if it asks for more than the value."""
    if len(call.args) != 1 or call.keywords or not isinstance(call.func, ast.Attribute):
        return None
    name = call.args[0]
    if call.func.attr != "get" or not isinstance(name, ast.Constant):
        return None
    key = name.value
    if not isinstance(key, str) or not key.isidentifier() or not key.isascii():
        return None
    return f"{{{{ var.value.{key} }}}}"


def _rendered(reading: Reading) -> Iterator[ast.expr]:
    """Yield the expressions whose values Airflow renders."""
    for event in reading.unit.events:
        fields = _TEMPLATED.get(event.name.rpartition(".")[2])
        if fields and event.name.startswith("airflow.") and isinstance(event.node, ast.Call):
            for keyword in event.node.keywords:
                if keyword.arg in fields:
                    yield from _parts(keyword.value)


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """Yield a value and, in displays, the values that it is made of."""
    yield value
    inner: list[ast.expr] = []
    if isinstance(value, ast.Dict):
        inner = value.values
    elif isinstance(value, ast.List | ast.Tuple):
        inner = value.elts
    for part in inner:
        yield from _parts(part)
