"""Data that no text surely names: who may use it all the same."""

import posixpath
from collections.abc import Set as AbstractSet

from dagproof.impact.changed import is_plain
from dagproof.impact.reasons import by_folder, by_way
from dagproof.impact.study import Study, Whole, shown


def take_unnamed(study: Study) -> Whole | None:
    """Add the DAG files that may use changed data which nothing surely names.

    Returns:
        Why all DAG files may; None where it is known which.
    """
    named = set(study.reach.nodes)
    unnamed = [path for path in study.changes.data if path not in named]
    hints = study.hints() if unnamed else {}
    beside: dict[str, tuple[str, AbstractSet[str]]] = {}
    for path in unnamed:
        change = study.changes.files[path]
        hinted = study.reach.ways(hints[path]) if path in hints else {}
        for dag in hinted.keys() - study.found.keys():
            study.found[dag] = by_way(study.dag(dag), hinted[dag], change, shown)
        if is_plain(path, study.where):
            study.idle += [] if hinted else [shown(change.path)]
        elif root := study.where.root_of(path):
            folder = posixpath.dirname(path)
            if folder not in beside:
                beside[folder] = _beside(study, folder, root)
            above, dags = beside[folder]
            for dag in dags - study.found.keys():
                study.found[dag] = by_folder(study.dag(dag), shown(above), shown(change.path))
        elif not hinted:
            changed = shown(change.path)
            return f"`{changed}` has changed, and what depends on it is not known.", changed
    return None


def _beside(study: Study, folder: str, root: str) -> tuple[str, AbstractSet[str]]:
    """Return the innermost folder that DAG files have to do with, and these; or all of them."""
    while True:
        inside = {node: None for node in study.reach.nodes if node.startswith(f"{folder}/")}
        dags = study.reach.ways(inside)
        if dags or folder == root:
            return folder, dags.keys() or study.dags.keys()
        folder = posixpath.dirname(folder)
