"""What the names of a plain DAG file mean.

A name holds the least that any of its bindings in the whole file allows, whichever function they
stand in.
"""

import ast
from dataclasses import dataclass, field

from dagproof.audit.steady import tables
from dagproof.audit.steady.tables import Sort


class VariesError(Exception):
    """Something is not known to be the same in every import."""


@dataclass(slots=True)
class Function:
    """A function of the file.

    Attributes:
        kind: the decorator of Airflow that it has; empty where it has none.
        gives: what a call of it returns.
    """

    kind: str
    gives: Sort = Sort.TEXT


@dataclass(slots=True)
class Scope:
    """What names mean.

    Attributes:
        tree: the file.
        imported: dotted names by the names that they are given.
        modules: dotted names that are surely modules.
        functions: by name.
        sorts: of variables and parameters.
        fixed: whether a variable is surely no date in words, and no dict with one.
        changed: whether something that was relied on has turned out to be otherwise.
    """

    tree: ast.Module
    imported: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    functions: dict[str, Function] = field(default_factory=dict)
    sorts: dict[str, Sort] = field(default_factory=dict)
    fixed: dict[str, bool] = field(default_factory=dict)
    changed: bool = False

    def bind(self, name: str, sort: Sort, *, fixed: bool = False) -> None:
        """Let a variable hold something, beside what it holds elsewhere."""
        self._is_free(name)
        if name in self.imported or name in self.functions:
            raise VariesError
        if name not in self.sorts:
            self.sorts[name], self.fixed[name] = sort, fixed
            return
        told = max(sort, self.sorts[name]), fixed and self.fixed[name]
        if told != (self.sorts[name], self.fixed[name]):
            self.sorts[name], self.fixed[name] = told
            self.changed = True

    def bind_import(self, name: str, meaning: str) -> None:
        """Let a name mean what is imported."""
        self._is_free(name)
        if name in self.sorts or name in self.functions:
            raise VariesError
        if self.imported.setdefault(name, meaning) != meaning:
            raise VariesError

    def bind_function(self, name: str, kind: str) -> Function:
        """Let a name mean a function, as it may already."""
        self._is_free(name)
        if name in self.imported or name in self.sorts:
            raise VariesError
        function = self.functions.setdefault(name, Function(kind))
        if function.kind != kind:
            raise VariesError
        return function

    def _is_free(self, name: str) -> None:
        """Refuse another meaning for what is known by its name."""
        if name in tables.BUILTINS or name in tables.STREAMS or name.startswith("__"):
            raise VariesError

    def meaning(self, node: ast.expr) -> str:
        """Return the dotted name of what is imported; empty for anything else."""
        match node:
            case ast.Name(id=name):
                return self.imported.get(name, "")
            case ast.Attribute(value=value, attr=name):
                module = self.meaning(value)
                known = module in self.modules or module == "datetime.timezone"
                return f"{module}.{name}" if module and known else ""
        return ""

    def of_airflow(self, node: ast.expr) -> str:
        """Return the name by which Airflow has something; empty for anything else."""
        module, _, name = self.meaning(node).rpartition(".")
        return name if name in tables.AIRFLOW and is_of_airflow(module) else ""

    def is_fixed(self, node: ast.expr) -> bool:
        """Say whether something is no date in words such as `now`, and no dict with one."""
        match node:
            case ast.Constant(value=value):
                return not isinstance(value, str) or bool(tables.ISO_DATE.fullmatch(value))
            case ast.Name(id=name) if name in self.fixed:
                return self.fixed[name]
            case ast.Name() | ast.Attribute():
                return self.meaning(node) in tables.VALUES
            case ast.Call(func=function):
                return self.meaning(function) in tables.TIMES or _is_plain_dict(node)
            case ast.BinOp(left=left, right=right):
                return self.is_fixed(left) and self.is_fixed(right)
        return isinstance(node, ast.Dict) and all(
            self.is_fixed(value) if key is None else isinstance(key, ast.Constant)
            for key, value in zip(node.keys, node.values, strict=True)
        )

    def is_zone(self, node: ast.expr) -> bool:
        """Say whether something is a time zone, not that of the machine, or fixed."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return bool(tables.ZONE.fullmatch(node.value))
        return self.is_fixed(node)


def is_of_airflow(module: str) -> bool:
    """Say whether a module of Airflow does nothing that varies when it is imported."""
    return bool(tables.FROM_AIRFLOW.fullmatch(module))


def _is_plain_dict(node: ast.Call) -> bool:
    """Say whether a call makes a dict, each key of which is written down."""
    makes_dict = isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args
    return makes_dict and all(one.arg is not None for one in node.keywords)
