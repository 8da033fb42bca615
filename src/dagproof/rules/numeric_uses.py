"""Says where text is used as a number."""

import ast
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dagproof.rules.bodies import Known, Text, is_number
from dagproof.source.values import Container


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A text that is used as a number.

    Attributes:
        node: the expression that is the text.
        text: its value.
        words: how it is used, as in "the text is ...".
        cast: the type that mends it.
    """

    node: ast.expr
    text: Text
    words: str
    cast: str = "int"


def uses(node: ast.AST, values: Sequence[Known]) -> Iterator[Use]:
    """Yield the numeric uses of texts in a node, the values of whose parts are given."""
    if isinstance(node, ast.FormattedValue):
        yield from _formatted(node, values[0])
    elif isinstance(node, ast.BinOp):
        yield from _binary(node, values[0], values[1])
    elif isinstance(node, ast.AugAssign):
        yield from _augmented(node, values[0], values[1])
    elif isinstance(node, ast.UnaryOp):
        if isinstance(values[0], Text) and not isinstance(node.op, ast.Not):
            yield Use(node.operand, values[0], "negated")
    elif isinstance(node, ast.Compare):
        yield from _compared(node, values)
    elif isinstance(node, ast.Subscript):
        yield from _indexed(node, values)
    elif isinstance(node, ast.Call):
        yield from _called(node, values)


# Formats


def _formatted(node: ast.FormattedValue, value: Known) -> Iterator[Use]:
    if isinstance(value, Text) and isinstance(node.format_spec, ast.JoinedStr):
        pieces = node.format_spec.values
        if all(isinstance(piece, ast.Constant) for piece in pieces):
            spec = "".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant))
            yield from _by_spec(node.value, value, spec)


def _by_spec(node: ast.expr, text: Text, spec: str) -> Iterator[Use]:
    if "%" in spec[:-1]:
        yield Use(node, text, f"formatted with `:{spec}`, which wants a date", "")
    elif re.fullmatch(r"0\d+", spec):
        yield Use(node, text, f"formatted with `:{spec}`, which pads a text on the right")
    else:
        try:
            format("7", spec)
        except ValueError:
            cast = "float" if spec[-1:] in "eEfFgGn%" else "int"
            yield Use(node, text, f"formatted with `:{spec}`, which wants a number", cast)


_PERCENT: Final = re.compile(r"%(?:\((\w+)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z%])")


def _percent(pattern: str, right: ast.expr, value: Known) -> Iterator[Use]:
    fields = [found for found in _PERCENT.finditer(pattern) if found.group(2) != "%"]
    if "*" in pattern or any(found.group(1) for found in fields):
        return
    parts: list[tuple[ast.expr, Known]] = [(right, value)]
    if isinstance(right, ast.Tuple) and isinstance(value, Container):
        parts = list(zip(right.elts, value.items.values(), strict=False))
    if len(parts) != len(fields):
        return
    for found, (node, part) in zip(fields, parts, strict=True):
        if isinstance(part, Text) and found.group(2) in "dioxXeEfFgGu":
            cast = "float" if found.group(2) in "eEfFgG" else "int"
            yield Use(node, part, f"formatted with `{found.group()}`, which wants a number", cast)


def _format_call(node: ast.Call, pattern: str, values: Sequence[Known]) -> Iterator[Use]:
    if any(isinstance(one, ast.Starred) for one in node.args):
        return
    named = {one.arg: one.value for one in node.keywords if one.arg}
    known = dict(zip(map(id, (*node.args, *named.values())), values, strict=False))
    try:
        fields = list(string.Formatter().parse(pattern))
    except ValueError:
        return
    place = 0
    for _, name, spec, _conversion in fields:
        if name is None:
            continue
        chosen: ast.expr | None = named.get(name)
        if name == "" or name.isdigit():
            number = int(name) if name else place
            place += 1
            chosen = node.args[number] if number < len(node.args) else None
        text = known.get(id(chosen))
        if chosen is not None and isinstance(text, Text) and spec and "{" not in spec:
            yield from _by_spec(chosen, text, spec)


# Operators

_SIGNS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**",
}  # fmt: skip

_SPANS: Final = ("datetime.timedelta()", "dateutil.relativedelta.relativedelta()")


def _binary(node: ast.BinOp, left: Known, right: Known) -> Iterator[Use]:
    pattern = left.value if isinstance(left, ast.Constant) else None
    if isinstance(node.op, ast.Mod) and isinstance(pattern, str):
        yield from _percent(pattern, node.right, right)
    else:
        yield from _operated(node.op, (node.left, left), (node.right, right))


def _augmented(node: ast.AugAssign, left: Known, right: Known) -> Iterator[Use]:
    yield from _operated(node.op, (node.target, left), (node.value, right))


def _operated(
    op: ast.operator, left: tuple[ast.expr, Known], right: tuple[ast.expr, Known]
) -> Iterator[Use]:
    sign = _SIGNS.get(type(op))
    if sign is None:
        return
    for (node, value), (_, other) in ((left, right), (right, left)):
        if not isinstance(value, Text):
            continue
        if is_number(other):
            if sign == "%" and node is left[0] and not _is_one(value):
                continue  # may be a pattern
            if sign == "*":
                words = "repeated by `*`, not multiplied"
            else:
                words = f"an operand of `{sign}` beside a number"
            yield Use(node, value, words, _cast(other))
        elif isinstance(other, Text) and sign in ("-", "*", "/", "//", "**"):
            yield Use(node, value, f"an operand of `{sign}`")
            return
        elif sign == "*" and (isinstance(other, Container) or _is_text(other)):
            yield Use(node, value, "an operand of `*` beside a sequence")
        elif other in _SPANS and sign in ("+", "-"):
            yield Use(node, value, f"an operand of `{sign}` beside a span of time", "")


def _is_one(text: Text) -> bool:
    """Return whether a template is one expression, and no pattern by its name."""
    stripped = text.template.strip()
    whole = stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1
    return whole and not _PATTERN.search(stripped)


_PATTERN: Final = re.compile(r"%|sql|query|pattern|format|template", re.IGNORECASE)


def _is_text(value: Known) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


_ORDER: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def _compared(node: ast.Compare, values: Sequence[Known]) -> Iterator[Use]:
    nodes = [node.left, *node.comparators]
    for place, op in enumerate(node.ops):
        sides = ((place, place + 1), (place + 1, place))
        sign = _ORDER.get(type(op))
        for this, that in sides:
            value, other = values[this], values[that]
            if not isinstance(value, Text):
                continue
            if sign is not None and is_number(other):
                same = " by `==`, which is never true" if sign == "==" else f" by `{sign}`"
                yield Use(nodes[this], value, f"compared with a number{same}", _cast(other))
            elif this < that and isinstance(op, ast.In | ast.NotIn) and _numbers(other):
                yield Use(nodes[this], value, "looked for among numbers, where it never is")


def _numbers(value: Known) -> bool:
    return isinstance(value, Container) and bool(value.items) and all(
        is_number(item) for item in value.items.values()
    )  # fmt: skip


def _cast(other: Known) -> str:
    return "float" if isinstance(other, ast.Constant) and isinstance(other.value, float) else "int"


def _indexed(node: ast.Subscript, values: Sequence[Known]) -> Iterator[Use]:
    owner, parts = values[0], values[1:]
    listed = isinstance(owner, Container) and isinstance(
        owner.node, ast.List | ast.Tuple | ast.ListComp
    )
    sequence = listed or isinstance(owner, Text)
    nodes = [node.slice]
    if isinstance(node.slice, ast.Slice):
        nodes = [node.slice.lower, node.slice.upper, node.slice.step]  # type: ignore[list-item]
    for one, value in zip(nodes, parts, strict=True):
        if sequence and isinstance(value, Text):
            yield Use(one, value, "used as an index")


# Calls

_NUMERIC: Final = re.compile(
    r"builtins\.(range|round|abs|divmod|bin|hex|oct|chr|pow)"
    r"|math\.(sqrt|floor|ceil|log|log2|log10|log1p|exp|pow|sin|cos|tan|fabs|isnan|isinf|trunc"
    r"|factorial|gcd|radians|degrees)"
    r"|time\.(sleep|gmtime|localtime)|calendar\.(monthrange|isleap|monthcalendar|weekday)"
    r"|datetime\.(date|datetime|time|timedelta|datetime\.fromtimestamp"
    r"|datetime\.utcfromtimestamp|date\.fromtimestamp)"
    r"|pendulum\.(datetime|duration|from_timestamp)"
    r"|random\.(randint|randrange|uniform)"
    r"|numpy\.(zeros|ones|arange|linspace|eye|random\.(rand|randn|seed))"
)

_SKLEARN: Final = frozenset(
    {"alpha", "C", "n_estimators", "learning_rate", "l1_ratio", "random_state", "test_size",
     "n_neighbors", "max_iter", "n_clusters", "max_depth", "min_samples_leaf",
     "min_samples_split", "n_components"}
)  # fmt: skip


def _called(node: ast.Call, values: Sequence[Known]) -> Iterator[Use]:
    owner, callee, given = values[0], values[1], values[2:]
    nodes = [*node.args, *(one.value for one in node.keywords if one.arg)]
    if isinstance(owner, ast.Constant) and isinstance(owner.value, str):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from _format_call(node, owner.value, given)
    elif callee == "builtins.format":
        spec = given[-1]
        if isinstance(given[0], Text) and isinstance(spec, ast.Constant):
            yield from _by_spec(nodes[0], given[0], str(spec.value))
    elif isinstance(callee, str):
        yield from _of_library(node, callee, list(zip(nodes, given, strict=False)))


def _of_library(node: ast.Call, callee: str, given: list[tuple[ast.expr, Known]]) -> Iterator[Use]:
    shown = callee.removeprefix("builtins.")
    names = {id(one.value): one.arg for one in node.keywords}
    if callee.startswith("sklearn."):
        for one, value in given:
            if isinstance(value, Text) and names.get(id(one)) in _SKLEARN:
                words = f"given to `{shown}()` as `{names[id(one)]}`, which wants a number"
                yield Use(one, value, words, "")
        return
    among_numbers = callee in ("builtins.max", "builtins.min") and any(
        is_number(value) for _, value in given
    )
    if among_numbers or _NUMERIC.fullmatch(callee):
        for one, value in given:
            if isinstance(value, Text) and names.get(id(one)) not in _NOT_NUMERIC:
                yield Use(one, value, f"given to `{shown}()`, which wants numbers")


_NOT_NUMERIC: Final = ("tzinfo", "tz", "dtype", "key", "default", "fold", "name")
