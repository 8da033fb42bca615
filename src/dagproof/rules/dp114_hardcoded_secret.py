"""DP114: a password, a token or a key is written in the file.

A secret is known by its shape, or by the name that it is given to; it is never shown in a message.
Names of secrets, placeholders, templates and paths are none.
"""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.nodes import nodes
from dagproof.rules.reading import Reading
from dagproof.source.secrets import is_password, is_secret, may_hold_secrets, shape

_GIVING: Final = (ast.keyword, ast.Assign, ast.AnnAssign, ast.Dict, ast.arguments, ast.Call)
"""What gives names to strings, or takes a user and a password."""


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the strings of the file that are secrets."""
    if not may_hold_secrets(reading.source.data):
        return
    done: set[int] = set()
    for node in nodes(reading.source.tree):
        if isinstance(node, ast.Expr):
            done.add(id(node.value))  # a docstring
        elif isinstance(node, ast.Constant):
            words = shape(node.value) if isinstance(node.value, str) else None
            if words is not None and id(node) not in done:
                yield Hit(reading.source.span(node), f"{words} is written in the file")
        elif isinstance(node, _GIVING):
            for value, words in _given(node):
                if id(value) not in done:
                    done.add(id(value))
                    yield Hit(reading.source.span(value), f"{words} is written in the file")


def _given(node: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the secrets that a node gives names to, with what they are."""
    for name, value in _named(node):
        if is_secret(name, str(value.value)):
            yield value, f"The value of `{name}`"
    password = _basic(node)
    if password is not None and is_password(str(password.value)):
        yield password, "A password"


def _named(node: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the strings that a node gives names to."""
    pairs: list[tuple[str | None, ast.expr | None]] = []
    if isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    elif isinstance(node, ast.Assign):
        pairs = [(_name(target), node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign):
        pairs = [(_name(node.target), node.value)]
    elif isinstance(node, ast.Dict):
        pairs = [(_text(key), value) for key, value in zip(node.keys, node.values, strict=True)]
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        optional = positional[len(positional) - len(node.defaults) :]
        given = zip((*optional, *node.kwonlyargs), (*node.defaults, *node.kw_defaults), strict=True)
        pairs = [(one.arg, value) for one, value in given]
    for name, value in pairs:
        if name and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield name, value


def _name(target: ast.expr) -> str | None:
    if isinstance(target, ast.Subscript):
        return _text(target.slice)
    return target.id if isinstance(target, ast.Name) else getattr(target, "attr", None)


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _basic(node: ast.AST) -> ast.Constant | None:
    """Return the second part of `auth=("user", "password")` or `HTTPBasicAuth("user", ...)`."""
    if isinstance(node, ast.keyword) and node.arg == "auth" and isinstance(node.value, ast.Tuple):
        pair = node.value.elts
    elif isinstance(node, ast.Call) and (_name(node.func) or "").endswith("BasicAuth"):
        pair = node.args
    else:
        return None
    last = pair[-1] if len(pair) == 2 else None  # noqa: PLR2004 - a user and a password
    return last if isinstance(last, ast.Constant) and isinstance(last.value, str) else None


RULE: Final = Rule(
    code="DP114",
    slug="hardcoded-secret",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "Whoever can read the repository, or the code view of Airflow's web interface, has the "
        "secret, and its history keeps it."
    ),
    fix=(
        "Revoke it, and keep the new one in an Airflow connection or in the secrets backend, which "
        "tasks ask."
    ),
    bad="""\
from airflow.sdk import DAG, task
import psycopg2

with DAG("load"):
    @task
    def load():
        psycopg2.connect(host="db", user="etl", password="k7Gq-2vXw")

    load()
""",
    good="""\
from airflow.sdk import DAG, task
from airflow.providers.postgres.hooks.postgres import PostgresHook

with DAG("load"):
    @task
    def load():
        PostgresHook(postgres_conn_id="warehouse").get_conn()

    load()
""",
    check=check,
)
