"""Calls that import a module, or run a file, by a name: what is known of the name."""

import ast
from collections.abc import Sequence
from typing import Final

from dagproof.impact.paths import HOLES, Paths
from dagproof.impact.told import Import
from dagproof.model import Span

IMPORTERS: Final = frozenset({"import_module", "__import__", "import_string", "run_module"})
LOADERS: Final = frozenset({"spec_from_file_location", "SourceFileLoader", "run_path"})


def imported(node: ast.Call, how: str, paths: Paths, span: Span) -> Sequence[Import]:
    """Return what a call imports: of `f"a.{b}"` that it is below `a`; nothing if all is unknown.

    Args:
        node: the call.
        how: one of `IMPORTERS`.
        paths: says what its arguments stand for.
        span: where it stands.
    """
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    text = paths.text(given[0]) if given else None
    if not text or text.startswith(HOLES):
        return ()
    hole = min((text.find(one) for one in HOLES if one in text), default=-1)
    module = (text if hole < 0 else text[:hole].rpartition(".")[0]).strip(".")
    level = len(text) - len(text.lstrip("."))
    package = paths.text(given[1]) if len(given) > 1 and how == "import_module" else None
    if level and package:
        module, level = f"{package}.{module}".strip("."), 0
    if not (module or level):
        return ()
    return [Import(module, span, (), level, below=hole >= 0)]


def names_file(node: ast.Call, paths: Paths) -> bool:
    """Say whether one of the last arguments of a call is known to be a Python file."""
    texts = [paths.text(argument) for argument in node.args[-2:]]
    return any(text and text.endswith(".py") and text.strip("*") != ".py" for text in texts)
