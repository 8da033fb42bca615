"""What a Python expression says of a path: text with `*` where it is not known."""

import ast
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

HOLE: Final = "*"
"""Stands for text that is not known."""

HOLES: Final = (HOLE, "{", "%")
"""Where such text begins, `format()` and `%` among it."""

_SAME: Final = frozenset(
    {
        "str", "fspath", "abspath", "realpath", "normpath", "expanduser", "expandvars", "resolve",
        "absolute", "as_posix", "as_uri", "ObjectStoragePath",
    }
)  # fmt: skip
"""Calls that give the path that they are given."""

_PATHS: Final = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})
_GLOBS: Final = {"glob": "", "iglob": "", "rglob": "**"}
_MODULES: Final = frozenset({"os", "glob", "path", "shutil", "pathlib"})


class Paths:
    """Says what expressions of one file stand for.

    Args:
        file: absolute path of the file, for `__file__`.
        constants: what is assigned to names of the module, each once.
    """

    def __init__(self, file: str, constants: Mapping[str, ast.expr]) -> None:
        self._file = file
        self._constants = constants
        self._known: dict[str, str | None] = {}

    def text(self, node: ast.expr) -> str | None:
        """Return what an expression stands for; None where nothing of it is known."""
        handler = _HANDLERS.get(type(node))
        return handler(self, node) if handler is not None else None

    def constant(self, node: ast.Constant) -> str | None:
        """Return a text."""
        return node.value if isinstance(node.value, str) else None

    def name(self, node: ast.Name) -> str | None:
        """Return `__file__`, or what was assigned to a name."""
        if node.id == "__file__":
            return self._file
        if node.id not in self._known:
            self._known[node.id] = None  # a name that is made of itself is not known
            value = self._constants.get(node.id)
            self._known[node.id] = self.text(value) if value is not None else None
        return self._known[node.id]

    def joined(self, node: ast.JoinedStr) -> str | None:
        """Return an f-string."""
        parts = [self._part(value) for value in node.values]
        return "".join(parts) if set(parts) - {HOLE} else None

    def _part(self, node: ast.expr) -> str:
        value = node.value if isinstance(node, ast.FormattedValue) else node
        return self.text(value) or HOLE

    def operation(self, node: ast.BinOp) -> str | None:
        """Return `a + b`, `a % b` or `a / b`."""
        left = self.text(node.left)
        if isinstance(node.op, ast.Mod):
            return left
        right = self.text(node.right)
        if left is None and right is None:
            return None
        if isinstance(node.op, ast.Add):
            return f"{left or HOLE}{right or HOLE}"
        return _join([left, right]) if isinstance(node.op, ast.Div) else None

    def attribute(self, node: ast.Attribute) -> str | None:
        """Return `path.parent`."""
        if node.attr == "parent":
            return _parent(self.text(node.value))
        if node.attr in {"pardir", "curdir"}:
            return ".." if node.attr == "pardir" else "."
        return None

    def subscript(self, node: ast.Subscript) -> str | None:
        """Return `path.parents[n]`."""
        inner, number = node.value, node.slice
        if not (isinstance(inner, ast.Attribute) and inner.attr == "parents"):
            return None
        found = self.text(inner.value)
        if not (isinstance(number, ast.Constant) and isinstance(number.value, int)):
            return None
        for _ in range(min(number.value, 64) + 1):
            found = _parent(found)
        return found

    def call(self, node: ast.Call) -> str | None:
        """Return what a call makes of a path."""
        name, owner = _called(node.func)
        given = node.args
        if name in _SAME:
            return self.text(given[0]) if given else self._of(owner)
        if name == "dirname" and given:
            return _parent(self.text(given[0]))
        if name in {"with_suffix", "with_name", "with_stem"} and given:
            return self._renamed(name, self._of(owner), self.text(given[0]))
        if name == "format":
            return self._of(owner)
        return self._built(name, owner, given) or self._listed(name, owner, given)

    def _built(self, name: str, owner: ast.expr | None, given: Sequence[ast.expr]) -> str | None:
        if name == "joinpath":
            return _join([self._of(owner), *map(self.text, given)])
        if given and (name in _PATHS or (name == "join" and _is_module(owner))):
            return _join([self.text(one) for one in given])
        return None

    def _listed(self, name: str, owner: ast.expr | None, given: Sequence[ast.expr]) -> str | None:
        """Return the files that a call lists, as a pattern."""
        ours = owner is not None and not _is_module(owner)
        if name in _GLOBS and given:
            pattern = self.text(given[0]) or HOLE
            return _join([self._of(owner) if ours else None, _GLOBS[name], pattern])
        return None

    def _of(self, node: ast.expr | None) -> str | None:
        return self.text(node) if node is not None else None

    def _renamed(self, how: str, path: str | None, given: str | None) -> str | None:
        stem, _ = posixpath.splitext(path or HOLE)
        if how == "with_suffix":
            return f"{stem}{given or HOLE}"
        name = given or HOLE
        if how == "with_stem":
            name += posixpath.splitext(path or "")[1]
        return _join([_parent(path), name])


_HANDLERS: Final[Mapping[type[ast.expr], Callable[[Paths, Any], str | None]]] = {
    ast.Constant: Paths.constant,
    ast.Name: Paths.name,
    ast.JoinedStr: Paths.joined,
    ast.BinOp: Paths.operation,
    ast.Attribute: Paths.attribute,
    ast.Subscript: Paths.subscript,
    ast.Call: Paths.call,
}


def _called(function: ast.expr) -> tuple[str, ast.expr | None]:
    """Return the last part of a called name, and what stands before it."""
    if isinstance(function, ast.Attribute):
        return function.attr, function.value
    return (function.id, None) if isinstance(function, ast.Name) else ("", None)


def _is_module(node: ast.expr | None) -> bool:
    """Say whether a name is that of a module of paths, such as `os.path`, or left out."""
    if node is None:
        return True
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in _MODULES


def _parent(path: str | None) -> str | None:
    if not path:
        return None
    return posixpath.dirname(path) or "."


def _join(parts: Sequence[str | None]) -> str | None:
    """Join what is known; what is not, at the beginning, is left out."""
    known = [part for part in parts if part != ""]
    while known and not known[0]:
        known.pop(0)
    return posixpath.join(*(part or HOLE for part in known)) if known else None


def has_hole(text: str) -> bool:
    """Say whether a part of a text is not known."""
    return any(hole in text for hole in HOLES)
