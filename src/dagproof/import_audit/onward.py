"""Imports a file past what was refused: what could not be done gives a stand-in.

Only for files whose import a refusal has ended: so that all effects of a file are seen, and not
only the first.
"""

import ast
import builtins
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any, Final

from dagproof.airflow_compat.stand_in import StandIn
from dagproof.import_audit.frames import Repository
from dagproof.import_audit.watch import Watch

_CALL: Final = "__dagproof_call__"
_MAY_GO_ON: Final = "__dagproof_may_go_on__"
_STAND_IN: Final = "__dagproof_stand_in__"
_ONCE: Final = "__dagproof_once__"
_HANDLED: Final = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.With, ast.AsyncWith,
    ast.For, ast.AsyncFor, ast.Delete, ast.Assert, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.ClassDef,
)  # fmt: skip
_LOOK_AT_CALLER: Final = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec"})


def go_on(watch: Watch, repository: Repository) -> None:
    """Have the repository's modules go on, from now on and for as long as the process lives."""
    compile_plainly = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        path = self.get_filename(name)
        if not repository.owns(path):
            return compile_plainly(self, name)
        tree = _Onward().visit(ast.parse(self.get_data(path), path))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
        return code

    SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]
    setattr(builtins, _CALL, _going_on(watch))
    setattr(builtins, _MAY_GO_ON, lambda: watch.interfered)
    setattr(builtins, _STAND_IN, lambda: StandIn("result"))


class _Onward(ast.NodeTransformer):
    """Puts a function around every call, and a handler around every statement.

    `f(x)` becomes `call(f, x)`. A statement that fails gives stand-ins to the names that it binds;
    what stands in a `with` or a loop that could not be entered is carried out once.
    """

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Put a function around a call."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _LOOK_AT_CALLER:
            return node
        name = ast.copy_location(ast.Name(_CALL, ast.Load()), node.func)
        return ast.copy_location(ast.Call(name, [node.func, *node.args], node.keywords), node)

    def visit(self, node: ast.AST) -> Any:
        """Put a handler around a statement."""
        visited = super().visit(node)
        if not isinstance(node, _HANDLED) or _cannot_fail(node):
            return visited
        stand_in = ast.Call(ast.Name(_STAND_IN, ast.Load()), [], [])
        instead: list[ast.stmt] = [ast.Assign([target], stand_in) for target in _bound(node)]
        if isinstance(node, ast.Return):
            instead = [ast.Return(stand_in)]
        may_not = ast.UnaryOp(ast.Not(), ast.Call(ast.Name(_MAY_GO_ON, ast.Load()), [], []))
        first = ast.If(may_not, [ast.Raise()], [])
        body = [first, *instead, *_carried_out(node)]
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, body)
        for made in (first, *instead, handler):
            ast.copy_location(made, node)
        return ast.copy_location(ast.Try([visited], [handler], [], []), node)


def _cannot_fail(node: ast.AST) -> bool:
    """Say whether a statement is a docstring or the like, which has to stay where it is."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Return(value=None):
            return True
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
            return True
    return False


def _carried_out(node: ast.AST) -> list[ast.stmt]:
    """Return what stands in a statement, for once; `break` and `continue` stay in a loop."""
    match node:
        case ast.For(body=body) | ast.AsyncFor(body=body):
            once = ast.Tuple([ast.Constant(None)], ast.Load())
            return [ast.copy_location(ast.For(ast.Name(_ONCE, ast.Store()), once, body, []), node)]
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return body
    return []


def _bound(node: ast.stmt) -> list[ast.expr]:
    """Return the names that a statement binds."""
    match node:
        case ast.Assign(targets=targets):
            given = targets
        case ast.For(target=target) | ast.AsyncFor(target=target) | ast.AnnAssign(target=target):
            given = [target]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            given = [ast.Name(name, ast.Store())]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            given = [item.optional_vars for item in items if item.optional_vars is not None]
        case _:
            given = []
    names = {
        one.id
        for top in given
        for one in ast.walk(top)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    return [ast.Name(name, ast.Store()) for name in sorted(names)]


def _going_on(watch: Watch) -> Callable[..., Any]:
    def call(function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except Exception:
            if not watch.interfered:
                raise
            return StandIn(getattr(function, "__qualname__", "call"))

    return call
