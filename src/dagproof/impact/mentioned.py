"""The names that code mentions which may run when DAG files are imported."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from dagproof.impact.bodies import Function, is_task, runs_by_itself

_WORD: Final = re.compile(r"[^\W\d]\w*")


def mentioned(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Return every name that stands in code which may run when one of some modules is imported.

    That is what stands outside of functions, and inside of those that are mentioned in turn, under
    any of their names. The inside of a task is left out: it runs later.

    Args:
        trees: the modules that import each other.
    """
    walk = _Walk()
    for tree in trees:
        walk.take(tree)
    return frozenset(walk.names)


@dataclass(slots=True)
class _Walk:
    names: set[str] = field(default_factory=set)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)

    def take(self, tree: ast.AST) -> None:
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Function):
                waiting += self._outside(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                waiting += self._imported(node)
            elif isinstance(node, ast.Call) and _gets_by_text(node):
                waiting += node.args
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring, or nothing
            else:
                waiting += self._mention(*_names(node))
                waiting += ast.iter_child_nodes(node)

    def _outside(self, function: Function) -> list[ast.AST]:
        """Return what runs where a function is defined; keep the rest until it is mentioned."""
        there: list[ast.AST] = [function.args, *function.decorator_list]
        if function.returns is not None:
            there.append(function.returns)
        if function.decorator_list and all(map(is_task, function.decorator_list)):
            return there
        if runs_by_itself(function) or function.name in self.names:
            return [*there, *function.body]
        self.functions.setdefault(function.name, []).append(function)
        return there

    def _imported(self, node: ast.Import | ast.ImportFrom) -> list[ast.AST]:
        more: list[ast.AST] = []
        for alias in node.names:
            if alias.asname:
                name = alias.name.rpartition(".")[2]
                self.aliases.setdefault(alias.asname, set()).add(name)
                if alias.asname in self.names:
                    more += self._mention(name)
        return more

    def _mention(self, *names: str) -> list[ast.AST]:
        """Add names; return the insides of functions that were waiting for them."""
        more: list[ast.AST] = []
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self.names:
                continue
            self.names.add(name)
            waiting += self.aliases.get(name, ())
            for function in self.functions.pop(name, ()):
                more += function.body
        return more


def _gets_by_text(call: ast.Call) -> bool:
    """Say whether a call is `getattr(x, "name")`, whose text is a mention like any other."""
    if not isinstance(call.func, ast.Name) or call.func.id != "getattr" or len(call.args) < 2:  # noqa: PLR2004 - the second is the name
        return False
    return isinstance(call.args[1], ast.Constant)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _WORD.findall(node.value)
    return []
