"""Imports a file past what was refused: a call that could not be made gives a stand-in.

Only for files whose import a refusal has ended: so that all effects of a file are seen, and not
only the first.
"""

import ast
import builtins
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any, Final

from dagproof.import_audit.frames import Repository
from dagproof.import_audit.stand_ins import StandIn
from dagproof.import_audit.watch import Watch

_CALL: Final = "__dagproof_call__"
_LOOK_AT_CALLER: Final = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec"})


def go_on(watch: Watch, repository: Repository) -> None:
    """Have the repository's modules go on, from now on and for as long as the process lives."""
    compile_plainly = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        path = self.get_filename(name)
        if not repository.owns(path):
            return compile_plainly(self, name)
        tree = _Calls().visit(ast.parse(self.get_data(path), path))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
        return code

    SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]
    setattr(builtins, _CALL, _going_on(watch))


class _Calls(ast.NodeTransformer):
    """Puts a function around every call: `f(x)` becomes `call(f, x)`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _LOOK_AT_CALLER:
            return node
        name = ast.copy_location(ast.Name(_CALL, ast.Load()), node.func)
        return ast.copy_location(ast.Call(name, [node.func, *node.args], node.keywords), node)


def _going_on(watch: Watch) -> Callable[..., Any]:
    def call(function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        before = watch.refusals
        try:
            return function(*arguments, **options)
        except Exception:
            given = (*arguments, *options.values())
            if watch.refusals == before and not any(isinstance(one, StandIn) for one in given):
                raise
            return StandIn(getattr(function, "__qualname__", "call"))

    return call
