"""Says of a DAG file that no two imports of it can differ, by reading: it need not be seen twice.

Only plain files are so sure: they import from Airflow and a few modules whose calls give the same
for the same arguments, and nothing that runs at import asks a clock, the machine, randomness, the
environment, or a set for its order. Everything else is imported twice.
"""

import ast
from collections.abc import Iterator
from typing import Final

_STEADY_MODULES: Final = (
    "__future__", "airflow.sdk", "airflow.models.dag", "airflow.models.param", "airflow.timetables",
    "airflow.providers.standard.operators", "airflow.providers.standard.decorators",
    "airflow.utils.trigger_rule", "airflow.utils.task_group", "airflow.decorators",
    "airflow.operators", "datetime", "pendulum", "typing", "textwrap", "collections.abc",
)  # fmt: skip
_STEADY_CALLS: Final = frozenset(
    {"range", "len", "str", "int", "float", "bool", "dict", "list", "tuple", "sorted", "zip",
     "enumerate", "min", "max", "sum", "isinstance", "print", "reversed", "abs", "round"}
)  # fmt: skip
_VARYING: Final = frozenset(
    {"now", "today", "utcnow", "time", "local", "naive", "instance", "fromtimestamp", "timestamp",
     "yesterday", "tomorrow", "set", "frozenset", "Variable", "Connection", "ObjectStoragePath",
     "get_current_context", "environ", "timezone", "local_timezone", "tzname", "tzinfo", "getattr",
     "BaseHook", "random", "keys", "values", "popitem", "intersection", "union", "difference",
     "from_", "get", "test", "__import__", "eval", "exec", "open", "globals", "locals", "vars"}
)  # fmt: skip
_LATER: Final = frozenset({"task", "setup", "teardown"})
_CALLABLES: Final = ("python_callable", "on_success_callback", "on_failure_callback",
                     "on_retry_callback", "on_execute_callback", "on_skipped_callback")  # fmt: skip


def is_steady(data: bytes) -> bool:
    """Say whether every import of a file gives the same, whatever the circumstances."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    known = _known_names(tree)
    if known is None:
        return False
    later = frozenset(_run_later(tree))
    return all(_is_steady(node, known) for node in _running(tree, later))


def _known_names(tree: ast.Module) -> frozenset[str] | None:
    """Return the names that may be called; None where a module is imported that may vary."""
    names = set(_STEADY_CALLS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            if not all(_is_steady_module(alias.name) for alias in node.names):
                return None
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or not _is_steady_module(node.module or ""):
                return None
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef | ast.AsyncFunctionDef | ast.Lambda):
            return None
    return frozenset(names)


def _is_steady_module(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in _STEADY_MODULES)


def _run_later(tree: ast.Module) -> Iterator[str]:
    """Yield the functions whose bodies only run in tasks."""
    handed_over = {
        id(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in _CALLABLES
    }
    used = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in handed_over
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            made_a_task = any(_decorates(one) in _LATER for one in node.decorator_list)
            if made_a_task or (node.name not in used and not node.decorator_list):
                yield node.name


def _decorates(node: ast.expr) -> str:
    """Return the first name of a decorator: `task` for `@task.bash(...)`."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _running(tree: ast.AST, later: frozenset[str]) -> Iterator[ast.AST]:
    """Yield what runs at import."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef) and node.name in later:
            waiting += [*node.decorator_list, *node.args.defaults]
            waiting += [one for one in node.args.kw_defaults if one is not None]
        else:
            waiting += ast.iter_child_nodes(node)


def _is_steady(node: ast.AST, known: frozenset[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp() | ast.Try() | ast.Global() | ast.Await():
            return False
        case ast.Name(id=name):
            return name not in _VARYING
        case ast.Attribute(attr=name):
            return name not in _VARYING
        case ast.Call(func=ast.Name(id=name)):
            return name in known
    return True
