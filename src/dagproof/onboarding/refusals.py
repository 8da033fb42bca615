"""Why a DAG is not one to run without being asked: what its code could reach for or change.

Reading cannot prove that code is harmless, so what is not known to be is refused: a DAG that is
left out costs a line that somebody uncomments, one that is wrongly run may cost data.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Final

from dagproof.source.file import SourceFile

PLAIN: Final = frozenset(
    {
        "__future__", "abc", "array", "base64", "bisect", "calendar", "collections", "contextlib",
        "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions",
        "functools", "graphlib", "hashlib", "heapq", "html", "inspect", "io", "itertools", "json",
        "logging", "math", "numbers", "operator", "os", "pathlib", "platform", "pprint", "random",
        "re", "secrets", "statistics", "string", "struct", "sys", "textwrap", "time", "traceback",
        "types", "typing", "unicodedata", "uuid", "warnings", "zlib", "zoneinfo",
    }
)  # fmt: skip
"""Modules of the standard library that reach for nothing by themselves."""

LIBRARIES: Final = frozenset(
    {
        "dateutil", "mlflow", "numpy", "pandas", "pendulum", "polars", "pyarrow", "pydantic",
        "pytz", "scipy", "sklearn", "typing_extensions",
    }
)  # fmt: skip

_AIRFLOW: Final = (
    "airflow.DAG", "airflow.decorators.dag", "airflow.decorators.setup", "airflow.decorators.task",
    "airflow.decorators.task_group", "airflow.decorators.teardown", "airflow.exceptions",
    "airflow.models.DAG", "airflow.models.Param", "airflow.models.baseoperator.chain",
    "airflow.models.dag.DAG", "airflow.models.param", "airflow.operators.empty",
    "airflow.operators.python.BranchPythonOperator", "airflow.operators.python.PythonOperator",
    "airflow.operators.python.ShortCircuitOperator",
    "airflow.operators.python.get_current_context",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.latest_only",
    "airflow.providers.standard.operators.python.BranchPythonOperator",
    "airflow.providers.standard.operators.python.PythonOperator",
    "airflow.providers.standard.operators.python.ShortCircuitOperator",
    "airflow.providers.standard.operators.python.get_current_context",
    "airflow.sdk.Asset", "airflow.sdk.BaseOperator", "airflow.sdk.Context", "airflow.sdk.DAG",
    "airflow.sdk.Label", "airflow.sdk.Param", "airflow.sdk.TaskGroup", "airflow.sdk.TriggerRule",
    "airflow.sdk.chain", "airflow.sdk.cross_downstream", "airflow.sdk.dag",
    "airflow.sdk.exceptions", "airflow.sdk.get_current_context", "airflow.sdk.setup",
    "airflow.sdk.task", "airflow.sdk.task_group", "airflow.sdk.teardown", "airflow.sdk.timezone",
    "airflow.task.trigger_rule", "airflow.timetables", "airflow.utils.edgemodifier",
    "airflow.utils.log.logging_mixin", "airflow.utils.task_group", "airflow.utils.timezone",
    "airflow.utils.trigger_rule",
)  # fmt: skip

_NOT_PLAIN: Final = (
    "logging.config", "logging.handlers", "mlflow.deployments", "mlflow.gateway",
    "mlflow.models.build_docker", "mlflow.models.predict", "mlflow.projects", "mlflow.run",
    "mlflow.server", "numpy.ctypeslib", "numpy.f2py", "pandas.io", "pyarrow.dataset",
    "pyarrow.flight", "pyarrow.fs", "pyarrow.hdfs", "scipy.io", "sys.meta_path", "sys.modules",
    "sys.path_hooks",
)  # fmt: skip

_OF_OS: Final = frozenset(
    {"cpu_count", "environ", "fspath", "getcwd", "getenv", "linesep", "path", "sep"}
)

_CALLS: Final = frozenset(
    {
        "ExcelFile", "ExcelWriter", "FileHandler", "HDFStore", "LocalFileSystem", "OSFile",
        "ParquetFile", "ParquetWriter", "chmod", "eval", "fromfile", "genfromtxt", "hardlink_to",
        "load_files", "load_model", "load_npz", "load_svmlight_file", "loadtxt", "log_artifact",
        "log_artifacts", "memmap", "memory_map", "mkdir", "open", "open_memmap", "register_model",
        "rename", "rmdir", "save", "save_model", "save_npz", "savetxt", "savez",
        "savez_compressed", "set_registry_uri", "set_tracking_uri", "symlink_to", "to_clipboard",
        "to_csv", "to_excel", "to_feather", "to_gbq", "to_hdf", "to_html", "to_json", "to_latex",
        "to_markdown", "to_orc", "to_parquet", "to_pickle", "to_sql", "to_stata", "to_xml",
        "tofile", "touch", "unlink",
    }
)  # fmt: skip
_CALLS_THAT_BEGIN: Final = ("delete", "fetch_", "read_", "scan_", "sink_", "write_")
_BUILT_IN: Final = frozenset(
    {
        "__builtins__", "__import__", "breakpoint", "compile", "eval", "exec", "globals", "input",
        "open", "vars",
    }
)  # fmt: skip
_KEYWORDS: Final = frozenset({"end_date", "filename", "registry_uri", "tracking_uri"})
_TASKS: Final = frozenset({"branch", "python", "run_if", "short_circuit", "skip_if"})
_DOCUMENTED: Final = ("doc", "doc_md", "doc_rst", "description", "tooltip")
_ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+.-]+://\S*")
_TAKEN: Final = re.compile(r"\{[{%][^{}]*\b((?:conn|var)\.[\w.]+)")
_CONF: Final = re.compile(r"\{[{%][^{}]*\bdag_run\.conf\b")
_LONGEST: Final = 40
_PATIENCE: Final = 5
"""Seconds that a task may sleep."""


def imported(source: SourceFile) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Yield what a file imports anywhere in it, also while a task runs: dotted names.

    A relative import has its dots before its name.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            for alias in node.names:
                parts = (node.module, None if alias.name == "*" else alias.name)
                yield f"{dots}{'.'.join(filter(None, parts))}", node


def refused_import(name: str) -> str:
    """Return why a library is not to be imported; empty where it may be.

    Args:
        name: dotted, as `imported` yields it.
    """
    top = name.partition(".")[0]
    if top == "airflow":
        known = any(name == one or name.startswith(f"{one}.") for one in _AIRFLOW)
        return "" if known else f"uses `{name}`"
    if top not in PLAIN | LIBRARIES:
        return f"imports `{top}`"
    if module := next((one for one in _NOT_PLAIN if _begins(name, (one,))), ""):
        return f"imports `{module}`"
    if top == "os" and name.count(".") and name.split(".")[1] not in _OF_OS:
        return f"uses `{name}`"
    return ""


def refusal(source: SourceFile) -> str:
    """Return why the code of a file is not to be run unasked, imports aside; empty if it may be."""
    if source.problem is not None:
        return f"{source.path.name} is no Python"
    names = _names(source)
    told = _told(source.tree)
    for node in ast.walk(source.tree):
        if id(node) not in told and (why := _refusal(node, names)):
            return why
    return ""


def _names(source: SourceFile) -> Mapping[str, str]:
    """Return what the names that a file imports stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _told(tree: ast.Module) -> frozenset[int]:
    """Return the texts that are only read by people, and the modules whose parts are named."""
    found: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Attribute(value=ast.Name()):
                found.add(id(node.value))
            case ast.keyword(arg=str(name)) if name in _DOCUMENTED:
                found |= {id(inner) for inner in ast.walk(node.value)}
    return frozenset(found)


def _refusal(node: ast.AST, names: Mapping[str, str]) -> str:
    why = ""
    match node:
        case ast.Constant(value=str(text)):
            why = _of_text(text)
        case ast.Name():
            why = _of_name(node.id, names)
        case ast.Attribute():
            why = _of_attribute(_dotted(node, names))
        case ast.Subscript():
            why = _of_subscript(node, names)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            why = _of_function(node, names)
        case ast.keyword():
            why = _of_keyword(node)
        case ast.Call():
            why = _of_call(node, names)
    return why


def _of_name(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        return f"uses `{name}`" if name in _BUILT_IN else ""
    return f"passes `{name}` on" if names[name] in {"os", "sys"} else ""


def _of_text(text: str) -> str:
    if found := _ADDRESS.search(text):
        return f"names `{found[0][:_LONGEST]}`"
    if found := _TAKEN.search(text):
        return f"takes `{found[1]}` from Airflow"
    return "takes `dag_run.conf`" if _CONF.search(text) else ""


def _of_attribute(name: str) -> str:
    parts = name.split(".")
    if parts[0] == "os" and len(parts) > 1 and parts[1] not in _OF_OS:
        return f"uses `os.{parts[1]}`"
    return f"uses `{name}`" if _begins(name, _NOT_PLAIN) else ""


def _of_subscript(node: ast.Subscript, names: Mapping[str, str]) -> str:
    dotted = _dotted(node.value, names)
    if dotted == "os.environ" and isinstance(node.ctx, ast.Load):
        return "needs a variable of the environment"
    return "takes `dag_run.conf`" if dotted.endswith(".conf") else ""


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Mapping[str, str]) -> str:
    for decorator in node.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        dotted = _dotted(inner, names)
        if dotted.endswith((".sdk.dag", ".decorators.dag")):
            given = len(node.args.posonlyargs) + len(node.args.args)
            if given > len(node.args.defaults) or None in node.args.kw_defaults:
                return "has a Param without a default"
        before, _, kind = dotted.rpartition(".")
        if before.endswith((".sdk.task", ".decorators.task")) and kind not in _TASKS:
            return f"uses `@task.{kind}`"
    return ""


def _of_keyword(node: ast.keyword) -> str:
    if node.arg in _KEYWORDS:
        return f"gives `{node.arg}`"
    if node.arg == "pool" and getattr(node.value, "value", None) != "default_pool":
        return "uses a pool"
    return ""


def _of_call(node: ast.Call, names: Mapping[str, str]) -> str:
    dotted = _dotted(node.func, names)
    last = dotted.rpartition(".")[2]
    if last in _CALLS or last.startswith(_CALLS_THAT_BEGIN):
        return f"calls `{last}()`"
    if last == "replace" and len(node.args) == 1 and not node.keywords:
        return "calls `replace()`, which may be that of a file"
    if last == "sleep" and not _is_short(node):
        return "sleeps"
    if last == "Param" and _is_required(node):
        return "has a Param without a default"
    return ""


def _is_short(node: ast.Call) -> bool:
    seconds = getattr(node.args[0], "value", None) if node.args else None
    return isinstance(seconds, int | float) and seconds <= _PATIENCE


def _is_required(node: ast.Call) -> bool:
    """Say whether a Param has to be given a value: it has none, or a None that is no default."""
    named = {one.arg: one.value for one in node.keywords}
    default = node.args[0] if node.args else named.get("default")
    if default is None:
        return True
    if not (isinstance(default, ast.Constant) and default.value is None):
        return False
    return "type" in named and "'null'" not in ast.dump(named["type"])


def _dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    """Return a name with its attributes, by what its first part stands for."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _begins(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in modules)
