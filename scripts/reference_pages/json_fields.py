"""Fields of the JSON report: keys from the reporters' code, meanings from the nouns they write."""

import ast
import enum
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path

from dagproof import model
from reference_pages.markdown import code, entries, sections, table

_MODULES = ("json", "imports_json", "contracts_json", "impact_json", "diff_json")

_HEAD = """# The JSON report

`--format json` of every command that finds, and `report.json` of `gate`: one document, the same for
all. What a command did not look at is empty or null. `version` changes when a field goes or changes
its meaning; fields may be added at any time.

"""

_OWN = {
    "version": ("number", "of this format"),
    "exit_code": ("number", "what the command ends with"),
    "path": ("string", "of the file, relative to the repository's root"),
    "line": ("number", "from one"),
    "column": ("number", "from one, in characters"),
    "end_line": ("number", "from one"),
    "end_column": ("number", "from one, in characters"),
    "message": ("string", "one sentence"),
}
"""Keys that are of the document, or of a place in a file."""

_COLUMNS = ("field", "type", "is")
_FEW = 8
"""Values of an enumeration below which they are listed."""

_WRITTEN_ELSEWHERE = (model.DagOutcome,)
"""Nouns of which one object has but a part."""

_PLACE = ("path", "line", "column")
_SPREAD = {"_line": _PLACE[:2], "_place": _PLACE}
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Section:
    """An object of the document.

    Attributes:
        noun: that it is made of.
        rows: key, type and meaning of its fields.
    """

    noun: type
    rows: list[tuple[str, str, str]]


def page(folder: Path) -> str:
    """Return the page of the document's fields.

    Args:
        folder: of the reporters.
    """
    found: dict[str, Section] = {}
    for name in _MODULES:
        for noun, argument, written in _written(folder / f"{name}.py"):
            _add(_title(noun), noun, argument, written, found)
    text = "".join(
        f"## {title}\n\n{_first(one.noun)}\n\n{table(_COLUMNS, one.rows)}\n"
        for title, one in found.items()
    )
    place = table(_COLUMNS, [(code(key), *_OWN[key]) for key in (*_PLACE, "message")])
    return f"{_HEAD}{text}## Place\n\nOne step of the way to a finding.\n\n{place}"


def _written(path: Path) -> Iterator[tuple[type, str, ast.Dict]]:
    """Yield the nouns that functions of a module take, and the object that they write of each."""
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.args.args:
            first = function.args.args[0]
            named = ast.walk(first.annotation) if first.annotation else ()
            names = [one.id for one in named if isinstance(one, ast.Name) and one.id != "None"]
            noun = getattr(model, names[0], None) if len(names) == 1 else None
            written = next((one for one in ast.walk(function) if isinstance(one, ast.Dict)), None)
            if noun not in (None, model.Span) and written is not None:
                yield noun, first.arg, written


def _add(
    title: str, noun: type, argument: str, written: ast.Dict, found: dict[str, Section]
) -> None:
    """Add the section of an object, and of those that are written inside of it."""
    rows: list[tuple[str, str, str]] = []
    found[title] = Section(noun, rows)
    hints, docs = _hints(noun), _docs(noun)
    for key, value in zip(written.keys, written.values, strict=True):
        if key is None:
            rows += [(code(one), *_OWN[one]) for one in _SPREAD[value.func.id]]
            continue
        name = key.value
        attribute = _attribute(value, argument, hints)
        if name in _OWN and (attribute in (None, "span") or noun is model.Report):
            rows.append((code(name), *_OWN[name]))
            continue
        if attribute is None:
            raise ValueError(f"{title}: `{name}` is of no attribute of {noun.__name__}.")
        hint = hints[attribute]
        kind = _type(hint)
        inner = next((one for one in ast.walk(value) if isinstance(one, ast.ListComp)), None)
        if inner is not None and isinstance(inner.elt, ast.Dict):
            other = next(_nouns(hint))
            shorter = _title(other)
            if other in _WRITTEN_ELSEWHERE:
                shorter = f"{shorter} of a {title.lower()}"
            kind = f"list of {_link(shorter)}"
            _add(shorter, other, inner.generators[0].target.id, inner.elt, found)
        meaning = docs.get(attribute) or _OWN.get(name, ("", ""))[1]
        rows.append((code(name), kind, re.sub(r"\bNone\b", "null", meaning).rstrip(".")))


def _attribute(value: ast.expr, argument: str, hints: Mapping[str, object]) -> str | None:
    """Return the attribute of the noun that a value is made of."""
    names = [
        one.attr
        for one in ast.walk(value)
        if isinstance(one, ast.Attribute)
        and isinstance(one.value, ast.Name)
        and one.value.id == argument
    ]
    return next((name for name in names if name in hints), None)


def _hints(noun: type) -> dict[str, object]:
    found = typing.get_type_hints(noun)
    for name, each in vars(noun).items():
        if isinstance(each, property) and each.fget is not None:
            found[name] = typing.get_type_hints(each.fget)["return"]
    return found


def _docs(noun: type) -> Mapping[str, str]:
    return entries(sections(noun.__doc__ or "").get("Attributes", ""))


def _nouns(hint: object) -> Iterator[type]:
    """Yield the nouns in a type."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for one in typing.get_args(hint):
        yield from _nouns(one)


def _type(hint: object) -> str:
    """Return a type in words."""
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return " or ".join("null" if one is type(None) else _type(one) for one in arguments)
    if typing.get_origin(hint) is tuple:
        return f"list of {_type(arguments[0])}"
    if arguments:
        return f"object of {_type(arguments[-1])}"
    if isinstance(hint, enum.EnumType):
        return " or ".join(code(one.value) for one in hint) if len(hint) < _FEW else "string"
    if is_dataclass(hint):
        return _link("Place" if hint is model.Related else _title(typing.cast("type", hint)))
    return _PLAIN.get(typing.cast("type", hint), "anything")


def _link(title: str) -> str:
    return f"[{title}](#{title.lower().replace(' ', '-')})"


def _title(noun: type) -> str:
    """Return `Task outcome` for `TaskOutcome`."""
    if noun is model.Report:
        return "The document"
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", noun.__name__)


def _first(noun: type) -> str:
    return sections(noun.__doc__ or "")[""].split("\n\n")[0].replace("\n", " ")
