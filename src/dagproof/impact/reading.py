"""Reads one Python file for what it depends on: imports anywhere in it, and paths that it names."""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dagproof.impact.bindings import constants
from dagproof.impact.calls import IMPORTERS, LOADERS, imported, names_file
from dagproof.impact.nodes import is_sys_path, last, push_children, without_names
from dagproof.impact.paths import Paths, has_hole
from dagproof.impact.told import Import, Named, Told
from dagproof.model import Related
from dagproof.source.file import SourceFile

_ADDERS: Final = frozenset({"insert", "append", "extend"})
_REGISTERED: Final = ("AirflowPlugin", "Timetable", "PriorityWeightStrategy")
"""Ends of the names of classes whose subclasses Airflow itself looks for in a plugins folder."""

_CROSSING: Final = re.compile(rb"TriggerDagRun|ExternalTask")


def told(source: SourceFile, *, entry: bool, wanted: Callable[[str], bool]) -> Told:
    """Return what a file says of what it depends on.

    Args:
        source: the file.
        entry: whether it is a DAG file, which others do not import constants from.
        wanted: whether a text may name anything; others are left out.
    """
    if source.problem is not None:
        why = "cannot be read, so that its imports are not known"
        return Told(unfollowed=Related(source.span_of_problem(), why))
    walk = _Walk(source, wanted)
    walk.run()
    walk.leave_constants(entry=entry)
    return Told(
        imports=tuple(sorted(walk.imports, key=lambda one: one.span)),
        names=tuple(sorted(walk.names.values(), key=lambda one: one.span)),
        searched=tuple(dict.fromkeys(walk.searched)),
        added=tuple(dict.fromkeys(walk.added)),
        wanders=min(walk.wanders, key=lambda one: one.span, default=None),
        unfollowed=min(walk.unfollowed, key=lambda one: one.span, default=None),
        registered=walk.registered,
        crosses=_CROSSING.search(source.data) is not None,
    )


@dataclass(slots=True)
class _Walk:
    source: SourceFile
    wanted: Callable[[str], bool]
    imports: list[Import] = field(default_factory=list)
    names: dict[str, Named] = field(default_factory=dict)
    searched: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    wanders: list[Related] = field(default_factory=list)
    unfollowed: list[Related] = field(default_factory=list)
    registered: bool = False
    _waiting: list[ast.AST] = field(default_factory=list)
    _constants: Mapping[str, ast.expr] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _paths: Paths = field(init=False)

    def run(self) -> None:
        """Look at every node."""
        self._constants = constants(self.source.tree)
        self._paths = Paths(self.source.path.as_posix(), self._constants)
        waiting = self._waiting
        waiting.append(self.source.tree)
        while waiting:
            node = waiting.pop()
            handler = _HANDLERS.get(type(node))
            if handler is None or not handler(self, node):
                push_children(node, waiting)

    def leave_constants(self, *, entry: bool) -> None:
        """Name what is assigned to names that are never used here, or that others may import."""
        for name, value in self._constants.items():
            if not (entry and name in self._used):
                text = self._paths.text(value)
                if text is not None:
                    self._name(text, value)

    def _name(self, text: str, node: ast.expr) -> None:
        if text not in self.names and self.wanted(text):
            self.names[text] = Named(text, self.source.span(node))

    def import_(self, node: ast.Import) -> bool:
        """Take `import a.b, c`."""
        span = self.source.span(node)
        self.imports.extend(Import(alias.name, span) for alias in node.names)
        return True

    def import_from(self, node: ast.ImportFrom) -> bool:
        """Take `from a import b`."""
        names = tuple(alias.name for alias in node.names)
        span = self.source.span(node)
        self.imports.append(Import(node.module or "", span, names, node.level))
        return True

    def if_(self, node: ast.If) -> bool:
        """Pass over what only type checkers see."""
        if last(node.test) != "TYPE_CHECKING":
            return False
        self._waiting.extend(node.orelse)
        return True

    def expr(self, node: ast.Expr) -> bool:
        """Pass over docstrings."""
        return isinstance(node.value, ast.Constant)

    def constant(self, node: ast.Constant) -> bool:
        """Take a text."""
        if isinstance(node.value, str):
            self._name(node.value, node)
        return True

    def name(self, node: ast.Name) -> bool:
        """Take what a name stands for, where it is used."""
        if isinstance(node.ctx, ast.Load) and node.id in self._constants:
            self._used.add(node.id)
            self._take(node)
        return True

    def expression(self, node: ast.expr) -> bool:
        """Take an expression that makes a path; what it is made of is no name by itself."""
        return self._take(node)

    def _take(self, node: ast.expr) -> bool:
        text = self._paths.text(node)
        if text is None:
            return False
        self._name(text, node)
        self._look_inside(node)
        return True

    def _look_inside(self, node: ast.AST) -> None:
        """Look at what is inside of a path and no part of its text, such as calls."""
        children: list[ast.AST] = []
        push_children(without_names(node), children)
        for child in children:
            if isinstance(child, ast.Name) and child.id in self._constants:
                self._used.add(child.id)
            elif isinstance(child, ast.expr) and self._paths.text(child) is None:
                self._waiting.append(child)
            elif not isinstance(child, ast.Constant):
                self._look_inside(child)

    def assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
        """Leave constants for where they are used; see what becomes of `sys.path`."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if any(map(is_sys_path, targets)):
            self._wander(node, "sets `sys.path`")
        if names == ["template_ext"]:
            return True
        value = node.value
        if value is None or not names or self._constants.get(names[0]) is not value:
            return False
        if self._paths.text(value) is None:
            return False
        self._look_inside(value)
        return True

    def keyword(self, node: ast.keyword) -> bool:
        """Take the folders of `template_searchpath`, which are no files by themselves."""
        if node.arg != "template_searchpath":
            return False
        value = node.value
        parts = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        for part in parts:
            text = self._paths.text(part)
            if text is None:
                self._waiting.append(part)
            else:
                self.searched.append(text)
                self._look_inside(ast.Tuple([part]))
        return True

    def class_(self, node: ast.ClassDef) -> bool:
        """See what Airflow registers."""
        names = map(last, node.bases)
        self.registered |= any(name.endswith(_REGISTERED) for name in names)
        return False

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """See listeners."""
        for decorator in node.decorator_list:
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            self.registered |= last(name) == "hookimpl"
        return False

    def call(self, node: ast.Call) -> bool:
        """See imports by name, and what changes where imports look."""
        function = node.func
        name = last(function)
        owner = function.value if isinstance(function, ast.Attribute) else None
        if owner is not None and name in _ADDERS and is_sys_path(owner):
            return self._add(node)
        if name in IMPORTERS:
            return self._import_by_name(node, name)
        if name in LOADERS:
            if not names_file(node, self._paths):
                self._unfollowed(node, f"loads a file that is not known, by `{name}()`")
        elif name == "addsitedir":
            return self._add(node)
        elif (
            name == "exec"
            and owner is None
            and node.args
            and not isinstance(node.args[0], ast.Constant)
        ):
            self._unfollowed(node, "runs code that is not known, by `exec()`")
        return self._take(node)

    def _add(self, node: ast.Call) -> bool:
        for argument in node.args[-1:]:
            parts = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
            for part in parts:
                text = self._paths.text(part)
                if text is not None and text.startswith("/") and not has_hole(text):
                    self.added.append(text)
                else:
                    self._wander(node, "adds a folder to `sys.path` that is not known")
        return True

    def _import_by_name(self, node: ast.Call, how: str) -> bool:
        found = imported(node, how, self._paths, self.source.span(node))
        if not found:
            self._unfollowed(node, f"imports what is not known, by `{how}()`")
        self.imports += found
        return bool(found)

    def _wander(self, node: ast.stmt | ast.expr, what: str) -> None:
        self.wanders.append(Related(self.source.span(node), what))

    def _unfollowed(self, node: ast.expr, what: str) -> None:
        self.unfollowed.append(Related(self.source.span(node), what))


_HANDLERS: Final[Mapping[type[ast.AST], Callable[[_Walk, Any], bool]]] = {
    ast.Import: _Walk.import_, ast.ImportFrom: _Walk.import_from, ast.If: _Walk.if_,
    ast.Expr: _Walk.expr, ast.Constant: _Walk.constant, ast.Name: _Walk.name,
    ast.JoinedStr: _Walk.expression, ast.BinOp: _Walk.expression,
    ast.Attribute: _Walk.expression, ast.Subscript: _Walk.expression,
    ast.Assign: _Walk.assign, ast.AnnAssign: _Walk.assign, ast.AugAssign: _Walk.assign,
    ast.keyword: _Walk.keyword, ast.ClassDef: _Walk.class_, ast.Call: _Walk.call,
    ast.FunctionDef: _Walk.function, ast.AsyncFunctionDef: _Walk.function,
}  # fmt: skip
