"""Composes what a change can affect: files in, the DAG files that lead to them out."""

import gc
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from dagproof.config import Settings
from dagproof.impact import common
from dagproof.impact.at_import import by_tasks_alone
from dagproof.impact.changed import Changes, Where, is_plain, sort_out
from dagproof.impact.crossing import DagIds, ids
from dagproof.impact.dependents import take_dependents, was_dag_file
from dagproof.impact.former import Former
from dagproof.impact.graph import Graph
from dagproof.impact.modules import Modules, SearchPath
from dagproof.impact.naming import Naming
from dagproof.impact.reach import Reach
from dagproof.impact.reasons import by_itself, by_unfollowed, by_way, steps
from dagproof.impact.study import Study, Whole, shown
from dagproof.impact.tree import Tree
from dagproof.impact.unnamed import take_unnamed
from dagproof.lint.deep import with_deep_stack
from dagproof.lint.entries import Entries, show
from dagproof.model import Affected, Comparison, FileFate, Impact

_PLUGIN: Final = b"AirflowPlugin"
_YOUNG: Final = 100_000
"""Objects that are made before the garbage collector looks."""


def impact(settings: Settings, comparison: Comparison) -> Impact:
    """Say which DAG files a change can affect; where that is not known, all of them.

    Args:
        settings: of the repository.
        comparison: what has changed.

    Raises:
        UsageError: there is no dags folder.
        UnavailableError: there is no DAG file.
    """
    with _few_collections():
        return with_deep_stack(lambda: _Question(settings, comparison).answer())


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look seldom: trees are many objects, and few of them in circles."""
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Question:
    def __init__(self, settings: Settings, comparison: Comparison) -> None:
        self._settings = settings
        self._comparison = comparison
        self._where = _where(settings)
        self._former = Former(self._where.top, comparison.commit)
        self._entries = Entries(settings, ())
        self._dags = {os.path.realpath(path): path for path in _dag_files(settings, self._entries)}
        self._ids = DagIds(
            _import_folders(settings),
            settings.root,
            read=self._entries.read,
            show=show,
            entries=self._entries.files,
        )

    def answer(self) -> Impact:
        """Return what the change can affect."""
        if self._comparison.unknown:
            return self._all(self._comparison.unknown, "", {})
        files = self._comparison.files
        changes = sort_out(files, self._where, _manifests(self._settings), self._former)
        itself = {
            dag: by_itself(show(path), changes.files[dag])
            for dag, path in self._dags.items()
            if dag in changes.files
        }
        if (whole := self._of_everything(changes)) is not None:
            return self._all(*whole, itself)
        if not files:
            return Impact(total=len(self._dags))
        study = self._study(changes)
        study.found.update(itself)
        if (whole := self._follow(study)) is not None:
            return self._all(*whole, study.found)
        for dag in () if self._settings.pure else by_tasks_alone(study, self._former, self._read):
            told = study.found[dag]
            reason = f"{told.reason}, which its tasks alone run"
            study.found[dag] = replace(told, reason=reason, imports=False)
        affected = sorted(map(self._with_ids, study.found.items()), key=lambda one: one.path)
        idle = tuple(sorted(dict.fromkeys(study.idle)))
        return Impact(affected=tuple(affected), total=len(self._dags), idle=idle)

    def _of_everything(self, changes: Changes) -> Whole | None:
        """Return why everything is looked at where that is plain from the names of files."""
        if changes.everything is not None:
            change, why = changes.everything
            return f"`{shown(change.path)}` has changed, which {why}.", shown(change.path)
        for path, change in changes.python.items():
            if not self._where.is_plugin(path) or change.fate is FileFate.ADDED:
                continue
            before = self._former.read(path)
            if _PLUGIN in before if before is not None else change.fate is FileFate.DELETED:
                changed = shown(change.path)
                return f"`{changed}` has changed, which is or was an Airflow plugin.", changed
        return None

    def _study(self, changes: Changes) -> Study:
        where = self._where
        tree = Tree([where.top, *where.roots], changes.files)
        modules = Modules(tree, where.top)
        graph = Graph(
            tree,
            modules,
            Naming(tree, where.top, where.roots, changes.files),
            read=self._read,
            show=self._show,
            entries=self._dags,
        )
        path = SearchPath(where.roots)
        loaded = dict.fromkeys(common.plugins(graph, tree, where.plugins, self._read))
        loaded.update(dict.fromkeys(common.named_by(self._settings.env, modules, path)))
        reach = Reach(graph, tree, list(self._dags), list(loaded), where.roots)
        return Study(where, changes, self._dags, graph, reach)

    def _follow(self, study: Study) -> Whole | None:
        """Add what is affected; return why all DAG files are, where they are."""
        way = study.reach.way_of_common(study.changes.files)
        if way is not None:
            changed = study.changed(way.target)
            why = f"`{changed}` has changed, which Airflow loads for every DAG."
            for dag in study.dags:
                reason = why.removesuffix(".")
                affected = Affected(study.dag(dag), (), changed, reason, steps(way))
                study.found.setdefault(dag, affected)
            return why, changed
        for dag, led in study.reach.ways(dict.fromkeys(study.changes.files)).items():
            if dag not in study.found:
                change = study.changes.files[led.target]
                study.found[dag] = by_way(study.dag(dag), led, change, shown)
        suspects = self._take_unfollowed(study)
        if (whole := take_unnamed(study)) is not None:
            return whole
        take_dependents(study, self._ids, self._former)
        reached = set(study.reach.nodes) | suspects
        for path, change in study.changes.python.items():
            if path not in reached and not was_dag_file(study, path, change, self._former):
                study.idle.append(study.changed(path))
        return None

    def _take_unfollowed(self, study: Study) -> set[str]:
        """Add the DAG files that may load any Python file; return the changed ones they may."""
        suspects = [
            path
            for path in study.changes.python
            if study.where.root_of(path) or not is_plain(path, study.where)
        ]
        blind = {one: None for one in study.reach.nodes if study.graph.told(one).unfollowed}
        ways = study.reach.ways(blind) if suspects else {}
        for dag, way in ways.items():
            last = study.graph.told(way.target).unfollowed
            if last is not None and dag not in study.found:
                changed = study.changed(suspects[0])
                study.found[dag] = by_unfollowed(study.dag(dag), way, last, changed)
        return set(suspects) if ways else set()

    def _all(self, why: str, changed: str, known: Mapping[str, Affected]) -> Impact:
        """Return every DAG file, with its own reason where there is one."""
        reason = why.removesuffix(".")
        affected = [
            (dag, known.get(dag) or Affected(show(path), changed=changed, reason=reason))
            for dag, path in self._dags.items()
        ]
        every = sorted(map(self._with_ids, affected), key=lambda one: one.path)
        return Impact(everything=why, affected=tuple(every), total=len(self._dags))

    def _with_ids(self, found: tuple[str, Affected]) -> Affected:
        dag, affected = found
        return replace(affected, dag_ids=tuple(sorted(ids(self._ids.facts(self._dags[dag])))))

    def _read(self, path: str) -> bytes:
        return self._entries.read(Path(path))

    def _show(self, path: str) -> str:
        return show(self._dags.get(path) or Path(path))


def _import_folders(settings: Settings) -> list[Path]:
    plugins = [settings.plugins] if settings.plugins is not None else []
    return [*settings.dags, *plugins, *settings.pythonpath]


def _where(settings: Settings) -> Where:
    return Where(
        top=os.path.realpath(settings.root),
        dags=tuple(map(os.path.realpath, settings.dags)),
        plugins=os.path.realpath(settings.plugins) if settings.plugins is not None else "",
        roots=tuple(dict.fromkeys(map(os.path.realpath, _import_folders(settings)))),
    )


def _dag_files(settings: Settings, entries: Entries) -> Iterator[Path]:
    """Yield the files of the dags folders, without those that are plugins."""
    for path in entries.files:
        in_plugins = settings.plugins is not None and settings.plugins in path.parents
        if not in_plugins:
            yield path


def _manifests(settings: Settings) -> Collection[str]:
    return {os.path.realpath(p) for one in settings.manifests for p in settings.root.glob(one)}
