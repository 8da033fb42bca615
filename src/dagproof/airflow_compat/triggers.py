"""Lets the DAGs that a run triggers be known to the metadata database, and tells which began."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagproof.airflow_compat.environment import bundle_name
from dagproof.model import TriggeredRun

TriggeredRuns = Sequence[TriggeredRun]


def trigger_targets(dag: Any) -> tuple[str, ...]:
    """Return the ids of the DAGs that tasks of a DAG trigger; those made by templates are unknown.

    Args:
        dag: a DAG as `load_file` gives it.
    """
    named = [_argument(task, "trigger_dag_id") for task in dag.tasks]
    return tuple(sorted({one for one in named if isinstance(one, str) and "{" not in one}))


def triggering(targets: Sequence[Path]) -> Callable[[tuple[str, str]], TriggeredRuns]:
    """Make the DAGs of files known, as a DAG processor would, and begin to look for their runs.

    Each file needs its bundle, as `bundle_environment` gives it.

    Args:
        targets: DAG files.

    Returns:
        What returns the runs that have begun since, but for the one whose ids it is given.
    """
    if not targets:
        return lambda _: ()
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.models import DagBag

    DagBundlesManager().sync_bundles_to_db()
    for path in targets:
        bag = DagBag(dag_folder=path, safe_mode=False, load_op_links=False)
        _sync(bag, bundle_name(path))
    before = _dag_runs()
    return lambda own: tuple(
        run for key, run in sorted(_dag_runs().items()) if key not in before and key != own
    )


def _dag_runs() -> dict[tuple[str, str], TriggeredRun]:
    """Return every run in the metadata database by its ids."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        rows = session.execute(select(DagRun.dag_id, DagRun.run_id, DagRun.conf)).all()
        return {
            (row.dag_id, row.run_id): TriggeredRun(row.dag_id, row.run_id, dict(row.conf or {}))
            for row in rows
        }


def _argument(task: Any, name: str) -> object:
    """Return an argument of a task; a mapped one keeps those that are not mapped in a dict."""
    partial = getattr(task, "partial_kwargs", None)
    return partial.get(name) if isinstance(partial, Mapping) else getattr(task, name, None)


def _sync(bag: Any, name: str) -> None:
    try:
        from airflow.dag_processing.dagbag import sync_bag_to_db
    except ImportError:  # before 3.2
        try:
            from airflow.models.dagbag import sync_bag_to_db
        except ImportError:  # 3.0
            bag.sync_to_db(name, None)
            return
    sync_bag_to_db(bag, name, None)
