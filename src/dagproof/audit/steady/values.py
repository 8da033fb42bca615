"""What the expressions of a plain DAG file give."""

import ast
from collections.abc import Callable, Iterable
from typing import Any, Final

from dagproof.audit.steady import tables
from dagproof.audit.steady.scope import Function, Scope, VariesError, is_of_airflow
from dagproof.audit.steady.tables import Sort

_LINKS: Final = (ast.RShift, ast.LShift)
_CHOICES: Final = (ast.BitOr, ast.BitAnd)
"""What makes conditions of assets."""

_MOST_ARGUMENTS: Final = 2
"""Arguments of what Airflow has whose place says enough."""


class Values(Scope):
    """Says what an expression gives, and refuses it where two imports may not agree."""

    __slots__ = ()

    def of(self, node: ast.expr) -> Sort:
        """Return the sort of a value."""
        if isinstance(node, ast.Constant):
            return Sort.TEXT
        asked = _SORTS.get(type(node))
        if asked is None:
            raise VariesError
        return asked(self, node)

    def all(self, nodes: Iterable[ast.expr]) -> Sort:
        """Return the sort of several values together; a stream may be none of them."""
        sort = Sort.TEXT
        for node in nodes:
            sort = max(sort, self.of(node))
        if sort is Sort.STREAM:
            raise VariesError
        return sort

    def texts(self, *nodes: ast.expr | None) -> Sort:
        """Refuse values whose text may differ."""
        return text(self.all(node for node in nodes if node is not None))

    def items(self, node: ast.expr) -> Sort:
        """Return the sort of what is gone through."""
        if isinstance(node, ast.GeneratorExp):
            return self.listed(node)
        sort = self.of(node)
        return Sort.TEXT if sort is Sort.STREAM else sort

    def bind_target(self, target: ast.expr, sort: Sort, *, fixed: bool = False) -> None:
        """Let the target of an assignment or a loop hold something."""
        match target:
            case ast.Name(id=name):
                self.bind(name, sort, fixed=fixed)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self.bind_target(part, sort)
            case ast.Subscript(value=value, slice=ast.Constant(value=key)):
                if key in tables.TELLING:
                    raise VariesError
                text(max(self.of(value), sort))
            case ast.Attribute(value=value, attr=name) if name in tables.SET_ATTRIBUTES:
                text(max(self.of(value), sort))
            case _:
                raise VariesError

    def name(self, node: ast.Name) -> Sort:
        """Return what a variable holds."""
        if node.id in self.sorts:
            return self.sorts[node.id]
        if node.id in tables.MODULE_NAMES or self.imported.get(node.id) in tables.VALUES:
            return Sort.TEXT
        raise VariesError

    def formatted(self, node: ast.FormattedValue) -> Sort:
        """Refuse a format that asks for a language."""
        match node.format_spec:
            case None:
                return self.texts(node.value)
            case ast.JoinedStr(values=[ast.Constant(value=str(spec))]):
                if tables.NUMBER_FORMAT.fullmatch(spec):
                    return self.texts(node.value)
        raise VariesError

    def operation(self, node: ast.BinOp) -> Sort:
        """Return what links, or joins, two values."""
        sort = self.all([node.left, node.right])
        if isinstance(node.op, _CHOICES):
            return Sort.OBJECT
        return sort if isinstance(node.op, _LINKS) else text(sort)

    def choice(self, node: ast.IfExp) -> Sort:
        """Return whichever it is."""
        self.texts(node.test)
        return self.all([node.body, node.orelse])

    def listed(self, node: ast.ListComp | ast.GeneratorExp) -> Sort:
        """Return the sort of the items."""
        self.generators(node.generators)
        return self.all([node.elt])

    def dict_listed(self, node: ast.DictComp) -> Sort:
        """Return a dict of texts."""
        self.generators(node.generators)
        return self.texts(node.key, node.value)

    def generators(self, generators: Iterable[ast.comprehension]) -> None:
        """Bind what comprehensions go through."""
        for one in generators:
            self.bind_target(one.target, self.items(one.iter))
            self.texts(*one.ifs)

    def dict(self, node: ast.Dict) -> Sort:
        """Return a dict; with callbacks where they belong it is one of arguments."""
        sort = Sort.TEXT
        for key, value in zip(node.keys, node.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            self.refuse_told(name, value)
            if name in tables.CALLBACKS and self.is_callback(value):
                sort = max(sort, Sort.ARGUMENTS)
                continue
            held = self.all([value])
            self.texts(key)
            inner = held is Sort.ARGUMENTS and key is not None and name != "default_args"
            sort = max(sort, Sort.OBJECT if inner else held)
        return sort

    def attribute(self, node: ast.Attribute) -> Sort:
        """Return one of the few attributes that are the same every time."""
        module, _, name = self.meaning(node.value).rpartition(".")
        trigger_rule = name == "TriggerRule" and is_of_airflow(module) and node.attr.isupper()
        if trigger_rule or self.meaning(node) in tables.VALUES:
            return Sort.TEXT
        if node.attr not in tables.ATTRIBUTES:
            raise VariesError
        return self.texts(node.value)

    # Calls

    def call(self, node: ast.Call) -> Sort:
        """Return what a call gives."""
        function = node.func
        if isinstance(function, ast.Name) and function.id in self.functions:
            self.arguments(node)
            return _given(self.functions[function.id])
        if self.meaning(function):
            return self.call_imported(node)
        match function:
            case ast.Name(id=name):
                return self.call_builtin(name, node)
            case ast.Attribute(value=value, attr=name):
                return self.call_method(value, name, node)
            case ast.Call(func=ast.Attribute(attr="override")):  # extract.override(...)(...)
                self.of(function)
                self.arguments(node)
                return Sort.TEXT
        raise VariesError

    def call_imported(self, node: ast.Call) -> Sort:
        """Return what a call of Airflow, or of a library, gives."""
        airflow, meaning = self.of_airflow(node.func), self.meaning(node.func)
        if airflow:
            linking = airflow in tables.LINKING
            self.arguments(node, airflow=True, linking=linking)
            if len(node.args) > _MOST_ARGUMENTS and not linking:
                raise VariesError
            return tables.AIRFLOW[airflow]
        self.arguments(node)
        given = (*node.args, *(one.value for one in node.keywords))
        in_words = meaning.startswith("pendulum.") and not all(map(self.is_zone, given))
        if in_words or meaning not in tables.LIBRARY:
            raise VariesError
        return Sort.TEXT

    def call_builtin(self, name: str, node: ast.Call) -> Sort:
        """Return what a builtin gives."""
        streams = name in tables.STREAMS
        if name not in tables.BUILTINS and not streams:
            raise VariesError
        for one in node.args:
            text(self.items(one) if streams or name in tables.EAGER else self.all([one]))
        self.keywords(node)
        return Sort.STREAM if streams else Sort.TEXT

    def call_method(self, value: ast.expr, name: str, node: ast.Call) -> Sort:
        """Return what a method gives."""
        if name in tables.MAPPING and self.is_mappable(value):
            self.arguments(node, airflow=True)
            return Sort.TEXT if name == "expand" else Sort.OBJECT
        self.texts(value)
        if name == "join":
            for one in node.args:
                text(self.items(one))
            return Sort.TEXT
        self.arguments(node)
        if name == "format":
            return _formatted(value)
        if name not in tables.METHODS and name not in tables.VIEWS:
            raise VariesError
        return Sort.STREAM if name in tables.VIEWS else Sort.TEXT

    def is_mappable(self, node: ast.expr) -> bool:
        """Say whether something makes tasks: a decorated function, an operator, part of these."""
        match node:
            case ast.Name(id=name) if name in self.functions:
                return self.functions[name].kind == "task"
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in tables.MAPPING:
                self.of(node)
                return self.is_mappable(value)
        return self.of_airflow(node).endswith("Operator")

    def arguments(self, node: ast.Call, *, airflow: bool = False, linking: bool = False) -> None:
        """Refuse arguments that are told neither by their text nor by Airflow.

        Args:
            node: the call.
            airflow: whether Airflow is called.
            linking: whether it takes whatever can be linked.
        """
        sort = self.all(node.args)
        if not linking:
            text(sort)
        self.keywords(node, airflow=airflow)

    def keywords(self, node: ast.Call, *, airflow: bool = False) -> None:
        """Do the same for those that have a name."""
        for keyword in node.keywords:
            name, value = keyword.arg, keyword.value
            self.refuse_told(name, value)
            if airflow and name in tables.CALLBACKS and self.is_callback(value):
                continue
            sort = self.all([value])
            if not airflow:
                text(sort)
            elif name is None or name == "default_args":
                if sort > Sort.ARGUMENTS or not self.is_fixed(value):
                    raise VariesError
            elif name not in tables.OF_OBJECTS:
                text(sort)

    def refuse_told(self, name: object, value: ast.expr) -> None:
        """Refuse what Airflow does not take as it is, but asks a clock or a folder about."""
        relative = name == "template_searchpath"
        in_words = name in tables.DATES and not self.is_fixed(value)
        of_machine = name in tables.ZONES and not self.is_zone(value)
        if relative or in_words or of_machine:
            raise VariesError

    def is_callback(self, node: ast.expr) -> bool:
        """Say whether something is a function of the file, or several."""
        match node:
            case ast.Name(id=name):
                return name in self.functions
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all(map(self.is_callback, parts))
        return False


def text(sort: Sort) -> Sort:
    """Refuse what has no text that is the same every time."""
    if sort is not Sort.TEXT:
        raise VariesError
    return sort


def _given(function: Function) -> Sort:
    if function.kind in {"task", "dag"}:
        return Sort.TEXT
    return Sort.OBJECT if function.kind else function.gives


def _formatted(value: ast.expr) -> Sort:
    """Refuse `str.format` where it does more than to put texts in places."""
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        raise VariesError
    if tables.ODD_FIELD.search(value.value):
        raise VariesError
    return Sort.TEXT


_SORTS: Final[dict[type[ast.expr], Callable[[Values, Any], Sort]]] = {
    ast.Name: Values.name,
    ast.List: lambda values, node: values.all(node.elts),
    ast.Tuple: lambda values, node: values.all(node.elts),
    ast.Starred: lambda values, node: values.items(node.value),
    ast.Dict: Values.dict,
    ast.JoinedStr: lambda values, node: values.texts(*node.values),
    ast.FormattedValue: Values.formatted,
    ast.BinOp: Values.operation,
    ast.BoolOp: lambda values, node: values.all(node.values),
    ast.UnaryOp: lambda values, node: values.texts(node.operand),
    ast.Compare: lambda values, node: values.texts(node.left, *node.comparators),
    ast.IfExp: Values.choice,
    ast.Subscript: lambda values, node: values.texts(node.value, node.slice),
    ast.Slice: lambda values, node: values.texts(node.lower, node.upper, node.step),
    ast.ListComp: Values.listed,
    ast.DictComp: Values.dict_listed,
    ast.Attribute: Values.attribute,
    ast.Call: Values.call,
}
"""What is asked of each kind of expression; of no other is anything known."""
