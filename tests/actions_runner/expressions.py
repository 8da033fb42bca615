"""Evaluates the expressions of GitHub workflows; one that it does not know is an error.

The language is that of docs.github.com, "Evaluate expressions in workflows and actions".
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?))|(?P<text>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<mark>\|\||&&|==|!=|<=|>=|[<>!.\[\](),*]))"
)
_FIELD: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS: Final = {"always", "success", "failure", "cancelled"}
_BINDING: Final = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="))


class UnknownExpressionError(Exception):
    """An expression means something that this module does not know."""


@dataclass(frozen=True)
class Surroundings:
    """What expressions may ask for.

    Attributes:
        contexts: by name; a property that one lacks is an error.
        loose: dotted names below which a property that is missing is null, as an event's may be.
        status: of the job so far: `success`, `failure` or `cancelled`.
        workspace: where `hashFiles` looks.
    """

    contexts: Mapping[str, Any]
    loose: frozenset[str] = frozenset({"github.event"})
    status: str = "success"
    workspace: Path = field(default=Path())


def filled(text: str, around: Surroundings) -> str:
    """Return a text with its expressions evaluated."""
    return _FIELD.sub(lambda found: as_text(evaluated(found[1], around)), text)


def holds(condition: str | bool | None, around: Surroundings) -> bool:
    """Say whether a step or a job with this `if` runs."""
    if condition is None:
        return around.status == "success"
    text = str(condition).strip() if not isinstance(condition, bool) else str(condition).lower()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    text = whole[1] if whole else text
    if "${{" in text:
        raise UnknownExpressionError(f"A condition that is a text is always true: {text}")
    asks = any(re.search(rf"\b{name}\(", text) for name in _STATUS)
    return (asks or around.status == "success") and bool(evaluated(text, around))


def evaluated(text: str, around: Surroundings) -> Any:
    """Return what an expression is worth."""
    reading = _Reading(_tokens(text), around)
    value = reading.operation(0)
    if reading.rest:
        raise UnknownExpressionError(f"{text!r} goes on with {reading.rest}")
    return value


def as_text(value: Any) -> str:
    """Return a value as GitHub writes it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        raise UnknownExpressionError(f"{value!r} is no text; toJSON makes one.")
    return str(value)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnknownExpressionError(f"{text!r} has {text[at:]!r}")
        found.append((str(match.lastgroup), match[match.lastgroup]))
        at = match.end()
    return found


@dataclass
class _Reading:
    rest: list[tuple[str, str]]
    around: Surroundings

    def operation(self, level: int) -> Any:
        if level == len(_BINDING):
            return self._negated()
        left = self.operation(level + 1)
        while self.rest and self.rest[0][1] in _BINDING[level] and self.rest[0][0] == "mark":
            operator = self.rest.pop(0)[1]
            right = self.operation(level + 1)
            left = _applied(operator, left, right)
        return left

    def _negated(self) -> Any:
        if self._take("!"):
            return not self._negated()
        return self._followed(*self._primary())

    def _primary(self) -> tuple[Any, str]:
        if not self.rest:
            raise UnknownExpressionError("An expression ends too early.")
        kind, word = self.rest.pop(0)
        if word == "(" and kind == "mark":
            value = self.operation(0)
            self._expect(")")
            return value, ""
        if kind == "text":
            return word[1:-1].replace("''", "'"), ""
        if kind == "number":
            return float(int(word, 16) if "x" in word else word), ""
        if kind != "name":
            raise UnknownExpressionError(f"An expression has {word!r} where a value begins.")
        if word in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[word], ""
        if self._take("("):
            return self._called(word), ""
        if word not in self.around.contexts:
            raise UnknownExpressionError(f"There is no context {word!r} here.")
        return self.around.contexts[word], word

    def _followed(self, value: Any, path: str) -> Any:
        while True:
            if self._take("."):
                if self._take("*"):
                    value = list(value.values()) if isinstance(value, dict) else list(value)
                    path = f"{path}.*"
                    continue
                kind, name = self.rest.pop(0)
                if kind != "name":
                    raise UnknownExpressionError(f"{name!r} is no property.")
            elif self._take("["):
                name = as_text(self.operation(0))
                self._expect("]")
            else:
                return value
            value, path = self._property(value, path, name), f"{path}.{name}"

    def _property(self, value: Any, path: str, name: str) -> Any:
        if path.endswith(".*"):
            return [one[name] for one in value if name in one]
        lenient = any(f"{path}.{name}".startswith(f"{one}.") for one in self.around.loose)
        if isinstance(value, dict) and name in value:
            return value[name]
        if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            return value[int(name)]
        if lenient:
            return None
        raise UnknownExpressionError(f"There is no {path}.{name} here.")

    def _called(self, name: str) -> Any:
        values = []
        while not self._take(")"):
            values.append(self.operation(0))
            self._take(",")
        if name in _STATUS and not values:
            return name in {"always", self.around.status}
        function = _FUNCTIONS.get(name)
        if function is None:
            raise UnknownExpressionError(f"{name}() is not known here.")
        return function(self.around, *values)

    def _take(self, mark: str) -> bool:
        if self.rest and self.rest[0] == ("mark", mark):
            self.rest.pop(0)
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise UnknownExpressionError(f"{mark!r} is missing.")


def _applied(operator: str, left: Any, right: Any) -> Any:
    if operator == "||":
        return left or right
    if operator == "&&":
        return left and right
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.casefold(), right.casefold()
    elif type(left) is not type(right):
        left, right = _number(left), _number(right)
    return {
        "==": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        ">": lambda: left > right,
        "<=": lambda: left <= right,
        ">=": lambda: left >= right,
    }[operator]()


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _contains(_: Surroundings, where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_applied("==", one, what) for one in where)
    return as_text(what).casefold() in as_text(where).casefold()


def _format(_: Surroundings, form: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: as_text(values[int(found[1])]), form)


def _hash_files(around: Surroundings, *patterns: str) -> str:
    """Return a hash of what matches; empty where nothing does, as GitHub has it."""
    files = sorted({one for pattern in patterns for one in around.workspace.glob(pattern)})
    sums = [hashlib.sha256(one.read_bytes()).digest() for one in files if one.is_file()]
    return hashlib.sha256(b"".join(sums)).hexdigest() if sums else ""


_FUNCTIONS: Final = {
    "contains": _contains,
    "startsWith": lambda _, text, start: as_text(text).casefold().startswith(start.casefold()),
    "endsWith": lambda _, text, end: as_text(text).casefold().endswith(end.casefold()),
    "format": _format,
    "join": lambda _, values, mark=",": mark.join(as_text(one) for one in values),
    "toJSON": lambda _, value: json.dumps(value, indent=2),
    "fromJSON": lambda _, text: json.loads(text),
    "hashFiles": _hash_files,
}
