"""What each import costs, and which import led to it, whoever imported it first.

A child imports many files. A library is loaded by the first that wants it; to tell what it costs
the others, every import statement is written down, also those that find it loaded.
"""

import builtins
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Final, Protocol

_CPU: Final = time.process_time
_LEAST: Final = 0.001
_MOST: Final = 40
_DEEPEST: Final = 200
"""Modules that lead to each other, of which the recursion here knows no end."""

_SOURCE: Final = """
def _find_and_load(name, import_):
    if name in modules:
        return original(name, import_)
    begun = begin(name)
    try:
        return original(name, import_)
    finally:
        end(name, begun)
"""
_STATEMENT: Final = """
def __import__(name, globals=None, locals=None, fromlist=(), level=0):
    module = original(name, globals, locals, fromlist, level)
    if globals is not None and globals.get("__name__") not in boring:
        tell(name, globals, fromlist, level, module)
    return module
"""


@dataclass(slots=True)
class Node:
    """A module that was loaded since the process was forked.

    Attributes:
        own: CPU seconds of its own body.
        total: with what it loaded in turn.
        imports: the modules that it imports, in order, each with the line of the statement.
    """

    own: float = 0.0
    total: float = 0.0
    imports: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a module costs a file, and the modules that lead to it; the first is the user's own."""

    name: str
    seconds: float
    own: float
    chain: tuple[str, ...]
    line: int


class AroundLibrary(Protocol):
    """Called before and after a library is imported by the repository's code."""

    def __call__(self, *, beginning: bool) -> None:
        """Take note of it."""


class ImportClock:
    """Times imports from `start` on, and writes import statements down while a file is executed.

    Args:
        is_own: says whether a module of that name is the repository's.
        around_library: called before and after a library is imported by the repository's code.
        loaded: told the name of each module that has been loaded.
    """

    def __init__(
        self,
        is_own: Callable[[str], bool],
        around_library: AroundLibrary,
        loaded: Callable[[str], None],
    ) -> None:
        self._is_own = is_own
        self._around = around_library
        self._loaded = loaded
        self._nodes: dict[str, Node] = {}
        self._boring: set[str] = set()
        self._stack: list[list[Any]] = []
        self._library = 0
        self._import = self._watched_import = builtins.__import__
        self.libraries_seconds = 0.0

    def start(self) -> None:
        """Time every import from now on."""
        bootstrap: Any = sys.modules["importlib._bootstrap"]
        function = "_find_and_load"
        original = getattr(bootstrap, function)
        names = {
            "begin": self._begin,
            "end": self._end,
            "original": original,
            "modules": sys.modules,
        }
        exec(_compiled(_SOURCE), names)  # noqa: S102 - frames of that name stay out of tracebacks
        setattr(bootstrap, function, names[function])
        statement: dict[str, Any] = {
            "original": self._import,
            "tell": self._tell,
            "boring": self._boring,
        }
        exec(_compiled(_STATEMENT), statement)  # noqa: S102 - the same
        self._watched_import = statement["__import__"]

    def forget_own(self) -> None:
        """Begin with another file: the repository's modules are loaded anew."""
        for name in [name for name in self._nodes if self._is_own(name)]:
            del self._nodes[name]
        self._stack.clear()
        self._library = 0
        self.libraries_seconds = 0.0

    def enter(self, module: str) -> None:
        """Say that the module of a DAG file is executed from now on."""
        self._stack.append([module, 0.0])
        self._nodes[module] = Node()
        self._boring.discard(module)
        builtins.__import__ = self._watched_import

    def leave(self) -> None:
        """Say that it has been executed: Airflow's own import statements are of no interest."""
        builtins.__import__ = self._import

    def _begin(self, name: str) -> float:
        if self._stack:
            importer = self._nodes.setdefault(self._stack[-1][0], Node())
            importer.imports.setdefault(name, 0)
        if not self._library and not self._is_own(name):
            self._around(beginning=True)
        self._library += bool(self._library) or not self._is_own(name)
        self._boring.discard(name)
        self._stack.append([name, 0.0])
        return _CPU()

    def _end(self, name: str, begun: float) -> None:
        total = _CPU() - begun
        inner = self._stack.pop()[1] if self._stack else 0.0
        node = self._nodes.setdefault(name, Node())
        node.total = total
        node.own = max(0.0, total - inner)
        if self._stack:
            self._stack[-1][1] += total
        if self._library:
            self._library -= 1
            if not self._library:
                self.libraries_seconds += total
                self._around(beginning=False)
        self._loaded(name)

    def _tell(
        self, name: str, globals_: dict[str, Any], fromlist: Any, level: int, module: Any
    ) -> None:
        importer = globals_.get("__name__")
        if not isinstance(importer, str):
            return
        node = self._nodes.get(importer)
        if node is None:
            if not self._is_own(importer):
                self._boring.add(importer)
                return
            node = self._nodes[importer] = Node()
        if level:
            name = getattr(module, "__name__", name) if fromlist else name
        line = sys._getframe(2).f_lineno  # noqa: SLF001 - the statement stands there
        for imported in (name, *(f"{name}.{item}" for item in fromlist or ())):
            if imported in sys.modules and not node.imports.get(imported):
                node.imports[imported] = line

    def costs(self, module: str) -> tuple[float, list[Cost]]:
        """Return what the libraries cost that a module of the repository leads to.

        Args:
            module: of a DAG file.

        Returns:
            CPU seconds of all of them, and the most expensive ones first.
        """
        seen = {module}
        found: list[Cost] = []
        seconds = self._walk(module, (module,), 0, seen, found)
        found.sort(key=lambda cost: -cost.seconds)
        return seconds, found[:_MOST]

    def _walk(
        self, name: str, chain: tuple[str, ...], line: int, seen: set[str], found: list[Cost]
    ) -> float:
        node = self._nodes.get(name)
        if node is None or len(chain) > _DEEPEST:
            return 0.0
        own = self._is_own(name)
        total = 0.0 if own else node.own
        for child, at in node.imports.items():
            for module in _with_parents(child):
                if module not in seen:
                    seen.add(module)
                    total += self._walk(module, (*chain, module), at if own else line, seen, found)
        if not own and total >= _LEAST and _enters(chain):
            found.append(Cost(name, total, node.own, _entries(chain[:-1]), line))
        return total


def _enters(chain: tuple[str, ...]) -> bool:
    """Say whether the last module of a chain is imported by another package."""
    return len(chain) == 1 or _top(chain[-1]) != _top(chain[-2])


def _entries(chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return of each package in a chain the module by which it was entered."""
    return tuple(
        name for number, name in enumerate(chain) if not number or _enters(chain[: number + 1])
    )


def _top(name: str) -> str:
    return name.partition(".")[0]


def _with_parents(name: str) -> Iterator[str]:
    """Yield the packages of a module, outermost first, and the module."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def _compiled(source: str) -> CodeType:
    return compile(source, "<frozen importlib._bootstrap>", "exec")
