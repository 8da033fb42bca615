"""Tells the DAG files whose import runs nothing that has changed: their tasks alone do.

A helper of which only the inside of functions has changed, functions that no code mentions which
may run at import, leaves every DAG as it was. What may run is taken widely: a name counts wherever
it stands, in texts too, and where code looks names up by itself, nothing is told.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Final

from dagproof.impact.bodies import changed_functions
from dagproof.impact.former import Former
from dagproof.impact.mentioned import mentioned
from dagproof.impact.study import Study
from dagproof.model import ChangedFile, FileFate

_BY_ITSELF: Final = frozenset(
    {
        "getattr", "globals", "locals", "vars", "dir", "eval", "exec", "__import__",
        "__dict__", "import_module", "getmembers", "attrgetter", "methodcaller", "walk_packages",
        "iter_modules",
    }
)  # fmt: skip
"""Names of what finds other names without mentioning them."""

Read = Callable[[str], bytes]


def by_tasks_alone(study: Study, former: Former, read: Read) -> frozenset[str]:
    """Return the real paths of affected DAG files whose import runs nothing that has changed.

    Args:
        study: what is affected, and by what.
        former: gives files as they were.
        read: returns the bytes of a file.
    """
    inside = dict(_changed_inside(study, former, read))
    others = set(study.changes.files) - inside.keys() - study.dags.keys()
    if not inside or not all(study.changed(path) in study.idle for path in others):
        return frozenset()
    trees = [tree for tree in map(_parsed(read), set(study.reach.nodes)) if tree is not None]
    names = mentioned(trees)
    if names & _BY_ITSELF:
        return frozenset()
    run = {path for path, functions in inside.items() if functions & names}
    untouched = inside.keys() - run
    elsewhere = study.reach.ways(dict.fromkeys((*run, *(study.dags.keys() & study.changes.files))))
    return frozenset(study.reach.ways(dict.fromkeys(untouched))) - elsewhere.keys()


def _changed_inside(
    study: Study, former: Former, read: Read
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the modules of which only the inside of functions has changed, and the functions."""
    for path, change in study.changes.python.items():
        before = former.read(path) if _is_edited(change) and path not in study.dags else None
        if before is None:
            continue
        then, now = _tree(before), _parsed(read)(path)
        functions = changed_functions(then, now) if then is not None and now is not None else None
        if functions is not None:
            yield path, functions


def _is_edited(change: ChangedFile) -> bool:
    return change.fate is FileFate.MODIFIED


def _parsed(read: Read) -> Callable[[str], ast.Module | None]:
    def parsed(path: str) -> ast.Module | None:
        if not path.endswith(".py"):
            return None
        try:
            return _tree(read(path))
        except OSError:
            return None

    return parsed


def _tree(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        return None
