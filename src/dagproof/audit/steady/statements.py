"""What runs when a plain DAG file is imported."""

import ast
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

from dagproof.audit.steady import tables
from dagproof.audit.steady.scope import Function, VariesError, is_of_airflow
from dagproof.audit.steady.tables import Sort
from dagproof.audit.steady.values import Values

_MOST_ROUNDS: Final = 20
_IN_ANNOTATIONS: Final = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr,
    ast.Load,
)  # fmt: skip


class Module(Values):
    """A file that is imported.

    Args:
        tree: the file.
    """

    __slots__ = ("_called", "_inside", "_waiting")

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self._inside: Function | None = None
        self._waiting: list[tuple[Function, list[ast.stmt]]] = []
        self._called = frozenset(
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        )

    def settle(self) -> None:
        """Go through all that runs at import, until nothing new is learnt about names.

        Raises:
            VariesError: two imports may differ.
        """
        for _ in range(_MOST_ROUNDS):
            self.changed, self._inside = False, None
            self.run(self.tree.body)
            while self._waiting:  # functions may use names that the module binds below them
                self._inside, body = self._waiting.pop()
                self.run(body)
            if not self.changed:
                return
        raise VariesError

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Go through statements."""
        for node in body:
            do = _STATEMENTS.get(type(node))
            if do is None:
                raise VariesError
            do(self, node)

    def take_modules(self, node: ast.Import) -> None:
        """Import modules."""
        for alias in node.names:
            _refuse_unknown(alias.name)
            parts = alias.name.split(".")
            self.modules |= {".".join(parts[:number]) for number in range(1, len(parts) + 1)}
            self.bind_import(alias.asname or parts[0], alias.name if alias.asname else parts[0])

    def take_names(self, node: ast.ImportFrom) -> None:
        """Import names from a module."""
        module = node.module or ""
        if node.level:
            raise VariesError
        _refuse_unknown(module)
        for alias in node.names:
            if alias.name == "*":
                raise VariesError
            self.bind_import(alias.asname or alias.name, f"{module}.{alias.name}")

    def express(self, node: ast.Expr) -> None:
        """Work a value out, and drop it."""
        self.of(node.value)

    def assign(self, node: ast.Assign) -> None:
        """Bind names to a value."""
        sort, fixed = self.of(node.value), self.is_fixed(node.value)
        for target in node.targets:
            self.bind_target(target, sort, fixed=fixed)

    def annotate(self, node: ast.AnnAssign) -> None:
        """Bind a name to a value of a type."""
        self.annotation(node.annotation)
        if node.value is not None:
            self.bind_target(node.target, self.of(node.value), fixed=self.is_fixed(node.value))

    def augment(self, node: ast.AugAssign) -> None:
        """Add to a variable; a dict may be known by another name, too."""
        if isinstance(node.op, ast.BitOr) or not isinstance(node.target, ast.Name):
            raise VariesError
        self.texts(ast.Name(node.target.id), node.value)
        self.bind_target(node.target, Sort.TEXT)

    def loop(self, node: ast.For) -> None:
        """Go through items."""
        self.bind_target(node.target, self.items(node.iter))
        self.run([*node.body, *node.orelse])

    def branch(self, node: ast.If) -> None:
        """Go both ways, but for what never runs."""
        match node.test:
            case ast.Compare(
                left=ast.Name(id="__name__"),
                ops=[ast.Eq()],
                comparators=[ast.Constant(value="__main__")],
            ):
                pass
            case test if self.meaning(test) == "typing.TYPE_CHECKING":
                pass
            case test:
                self.texts(test)
                self.run(node.body)
        self.run(node.orelse)

    def enter(self, node: ast.With) -> None:
        """Open contexts."""
        for item in node.items:
            sort = self.all([item.context_expr])
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, sort)
        self.run(node.body)

    def leave(self, node: ast.Return) -> None:
        """Return a value."""
        if self._inside is None:
            raise VariesError
        sort = self.of(node.value) if node.value is not None else Sort.TEXT
        if sort > self._inside.gives:
            self._inside.gives, self.changed = sort, True

    def nothing(self, _: ast.stmt) -> None:
        """Do nothing that matters."""

    # Functions

    def define(self, node: ast.FunctionDef) -> None:
        """Bind a function; its body runs if it makes DAGs, or if it is called."""
        kind, arguments = self.decorated(node), node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        for one in every:
            self.annotation(one.annotation)
        self.annotation(node.returns)
        self.texts(*arguments.defaults, *arguments.kw_defaults)
        function = self.bind_function(node.name, kind)
        if kind not in tables.MADE_OF_TASKS and (kind or node.name in self._called):
            for one in every:
                self.bind(one.arg, Sort.OBJECT if kind == "dag" else Sort.TEXT)
            self._waiting.append((function, node.body))

    def decorated(self, node: ast.FunctionDef) -> str:
        """Return the decorator of Airflow that a function has; empty where it has none."""
        kinds = {self.decorator(one) for one in node.decorator_list}
        if kinds <= tables.MADE_OF_TASKS:
            return "task" if kinds else ""
        if len(node.decorator_list) > 1:
            raise VariesError
        return kinds.pop()

    def decorator(self, node: ast.expr) -> str:
        """Return the name by which Airflow has a decorator."""
        if isinstance(node, ast.Call):
            self.arguments(node, airflow=True)
            node = node.func
        name = self.of_airflow(node)
        if isinstance(node, ast.Attribute) and node.attr in tables.KINDS_OF_TASKS:
            name = name or self.of_airflow(node.value)  # @task.branch
            if name != "task":
                raise VariesError
        if name not in tables.MADE_OF_TASKS and name not in tables.MADE_OF_DAGS:
            raise VariesError
        return name

    def annotation(self, node: ast.expr | None) -> None:
        """Refuse an annotation that does more than to name types."""
        for one in ast.walk(node) if node is not None else ():
            if not isinstance(one, _IN_ANNOTATIONS):
                raise VariesError
            if isinstance(one, ast.Constant) and "(" in str(one.value):
                raise VariesError


def _refuse_unknown(module: str) -> None:
    """Refuse the import of a module that is not known; what is asked of it is another question."""
    first = module.partition(".")[0]
    if first not in sys.stdlib_module_names and first != "pendulum" and not is_of_airflow(module):
        raise VariesError


_STATEMENTS: Final[dict[type[ast.stmt], Callable[[Module, Any], None]]] = {
    ast.Import: Module.take_modules,
    ast.ImportFrom: Module.take_names,
    ast.FunctionDef: Module.define,
    ast.Expr: Module.express,
    ast.Assign: Module.assign,
    ast.AnnAssign: Module.annotate,
    ast.AugAssign: Module.augment,
    ast.For: Module.loop,
    ast.If: Module.branch,
    ast.With: Module.enter,
    ast.Return: Module.leave,
    ast.Pass: Module.nothing,
    ast.Break: Module.nothing,
    ast.Continue: Module.nothing,
}
"""What each kind of statement does; of no other is anything known."""
