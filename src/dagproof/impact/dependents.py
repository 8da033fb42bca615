"""DAG files whose tasks trigger, or wait for, a DAG of a file that has changed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dagproof.impact.crossing import DagIds, all_known, ids, ids_made_in, targets
from dagproof.impact.former import Former
from dagproof.impact.reasons import by_crossing
from dagproof.impact.study import Study
from dagproof.model import ChangedFile, FileFate, Related
from dagproof.source.discovery import is_dag_file


def take_dependents(study: Study, dag_ids: DagIds, former: Former) -> None:
    """Add the DAG files that name a changed DAG: one step, since theirs has not changed."""
    callers = _callers(study, dag_ids)
    if not callers:
        return
    makers, doubtful = _changed_ids(study, dag_ids, former)
    known = _unchanged_ids(study, dag_ids) if doubtful else frozenset[str]()
    for dag, named in callers.items():
        for name, step in named.items():
            maker = makers.get(name) or ("" if name in known else doubtful)
            if maker and dag not in study.found:
                sure = name in makers
                study.found[dag] = by_crossing(study.dag(dag), step, maker, sure=sure)


def was_dag_file(study: Study, path: str, change: ChangedFile, former: Former) -> bool:
    """Say whether a changed file is, or was, or may have been a DAG file."""
    if path in study.dags:
        return True
    if change.fate is FileFate.ADDED or not path.startswith(
        tuple(f"{folder}/" for folder in study.where.dags)
    ):
        return False
    before = former.read(path)
    if before is None:
        return change.fate is not FileFate.MODIFIED
    return is_dag_file(before)


def _callers(study: Study, dag_ids: DagIds) -> Mapping[str, Mapping[str, Related]]:
    """Return what DAG files that are not affected yet name, by their real paths."""
    crossing = {node: None for node in study.reach.nodes if study.graph.told(node).crosses}
    found = {}
    for dag in study.reach.ways(crossing):
        if dag not in study.found:
            named = targets(dag_ids.facts(study.dags[dag]))
            if named:
                found[dag] = {name: Related(span, how) for name, (span, how) in named.items()}
    return found


def _changed_ids(study: Study, dag_ids: DagIds, former: Former) -> tuple[Mapping[str, str], str]:
    """Return the changed file of each changed DAG id, and one that may have others."""
    makers: dict[str, str] = {}
    doubtful = ""
    for path, change in study.changes.python.items():
        if not was_dag_file(study, path, change, former):
            continue
        shown = study.changed(path)
        states = list(_states(study, path, change, dag_ids, former))
        for dag_id, known in states:
            makers.update(dict.fromkeys(dag_id, shown))
            doubtful = doubtful if known else shown
    changed = {study.changed(path) for path in study.changes.python}
    for dag, affected in study.found.items():
        made = ids_made_in(dag_ids.facts(study.dags[dag]), changed)
        makers.update({dag_id: affected.changed for dag_id in made if dag_id not in makers})
    return makers, doubtful


def _states(
    study: Study, path: str, change: ChangedFile, dag_ids: DagIds, former: Former
) -> Iterator[tuple[frozenset[str], bool]]:
    """Yield the ids of a DAG file, today and before, and whether these are all."""
    if path in study.dags:
        facts = dag_ids.facts(study.dags[path])
        yield ids(facts), all_known(facts)
    if change.fate is not FileFate.ADDED:
        before = change.paths[-1]
        data = former.read(before)
        facts = dag_ids.former(Path(before), data) if data is not None else None
        yield ids(facts), all_known(facts)


def _unchanged_ids(study: Study, dag_ids: DagIds) -> frozenset[str]:
    """Return the ids that unchanged DAG files define."""
    unchanged = [path for real, path in study.dags.items() if real not in study.changes.files]
    return frozenset[str]().union(*(ids(dag_ids.facts(path)) for path in unchanged))
