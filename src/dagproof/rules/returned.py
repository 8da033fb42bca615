"""Says, by a look at its statements, whether it is worth to follow what a function gives."""

import ast
from collections.abc import Iterable, Iterator
from typing import Final

_PLAIN: Final = frozenset(
    {"len", "str", "int", "bool", "round", "repr", "format", "any", "all", "isinstance"}
)
"""Functions whose results are plain, whatever they are given."""

_ALIKE: Final = frozenset({"dict", "list", "tuple", "set", "sorted", "min", "max", "sum", "abs"})
"""Functions whose results are as plain as what they are given."""

_PLAIN_METHODS: Final = frozenset(
    {
        "format", "join", "strip", "isoformat", "strftime", "lower", "upper", "replace", "count",
        "total_seconds", "tolist", "to_json", "hexdigest", "as_posix", "startswith",
        "endswith", "item",
    }
)  # fmt: skip
_STORES: Final = frozenset({"append", "extend", "update", "add", "insert", "setdefault"})
_CLOSED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_SIMPLE: Final = frozenset(
    {ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Import, ast.ImportFrom,
     ast.Raise, ast.Assert, ast.Pass, ast.Break, ast.Continue, ast.Delete, ast.Global}
)  # fmt: skip

_Given = dict[str, list[ast.expr]]


def may_be_odd(function: ast.FunctionDef) -> bool:
    """Say whether a function may return or push more than texts, numbers and collections."""
    look = _Look()
    given: list[ast.expr] = []
    for statement in _statements(function.body):
        if isinstance(statement, ast.Return):
            given += [statement.value] if statement.value is not None else []
        else:
            given += look.note(statement)
    arguments = function.args
    for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        look.values.setdefault(parameter.arg, [])
    return any(map(look.odd, given))


class _Look:
    """What the names of a function may be given, as far as its statements say.

    Attributes:
        values: the expressions by name.
    """

    def __init__(self) -> None:
        self.values: _Given = {}
        self._seen: set[str] = set()

    def note(self, statement: ast.stmt) -> Iterable[ast.expr]:
        """Note what a statement gives to names; return what it pushes."""
        match statement:
            case ast.Assign():
                for target in statement.targets:
                    self._give(target, [statement.value])
            case ast.Expr(value=ast.Call() as call):
                return self._note_call(call)
            case ast.For() | ast.AsyncFor():
                self._give(statement.target, [statement.iter])
            case ast.AnnAssign(value=value) | ast.AugAssign(value=value):
                self._give(statement.target, [value] if value is not None else [])
        return ()

    def odd(self, value: ast.expr) -> bool:
        """Say whether a value may be anything but plain."""
        if isinstance(value, ast.Constant):
            return isinstance(value.value, bytes | complex)
        if isinstance(value, ast.JoinedStr | ast.Compare):
            return False
        if isinstance(value, ast.Name):
            return self._name(value.id)
        if isinstance(value, ast.Call):
            return self._call(value)
        if isinstance(value, ast.ListComp | ast.SetComp | ast.DictComp):
            for generator in value.generators:
                self._give(generator.target, [generator.iter])
        parts = _parts(value)
        return parts is None or any(map(self.odd, parts))

    def _note_call(self, call: ast.Call) -> Iterable[ast.expr]:
        if not isinstance(call.func, ast.Attribute):
            return ()
        arguments = [*call.args, *(word.value for word in call.keywords)]
        if call.func.attr in _STORES:
            self._give(call.func.value, arguments)
        return arguments if call.func.attr == "xcom_push" else ()

    def _give(self, target: ast.expr, values: list[ast.expr]) -> None:
        while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
            target = target.value
        if isinstance(target, ast.Name):
            self.values.setdefault(target.id, []).extend(values)
        elif isinstance(target, ast.Tuple | ast.List):
            for one in target.elts:
                self._give(one, values)

    def _name(self, name: str) -> bool:
        if name in self._seen:
            return False
        self._seen.add(name)
        values = self.values.get(name)
        return values is None or any(map(self.odd, values))

    def _call(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute):
            owner = call.func.value
            if call.func.attr == "dumps" and isinstance(owner, ast.Name) and owner.id == "json":
                return False
            return call.func.attr not in _PLAIN_METHODS
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        arguments = [*call.args, *(word.value for word in call.keywords)]
        if name == "float":
            return any(isinstance(one, ast.Constant) for one in arguments)
        return any(map(self.odd, arguments)) if name in _ALIKE else name not in _PLAIN


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a function in any order, without those of what it defines."""
    waiting = list(body)
    while waiting:
        statement = waiting.pop()
        if type(statement) in _SIMPLE:
            yield statement
        elif not isinstance(statement, _CLOSED):
            yield statement
            for block in ("body", "orelse", "finalbody"):
                waiting += getattr(statement, block, ())
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                waiting += part.body


def _parts(value: ast.expr) -> list[ast.expr] | None:
    """Return the values that another one is made of; None where that is not known."""
    found: list[ast.expr] | None = None
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        found = value.elts
    elif isinstance(value, ast.Dict):
        found = [*value.values, *(key for key in value.keys if key is not None)]
    elif isinstance(value, ast.ListComp | ast.SetComp):
        found = [value.elt]
    elif isinstance(value, ast.DictComp):
        found = [value.key, value.value]
    elif isinstance(value, ast.Subscript | ast.Attribute | ast.Starred):
        found = [value.value]
    elif isinstance(value, ast.BinOp):
        found = [value.left, value.right]
    elif isinstance(value, ast.BoolOp):
        found = value.values
    elif isinstance(value, ast.UnaryOp):
        found = [value.operand]
    elif isinstance(value, ast.IfExp):
        found = [value.body, value.orelse]
    return found
