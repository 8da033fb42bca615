"""Imports one DAG file as Airflow does and hands over the DAGs it defines."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What one DAG file gave.

    Attributes:
        path: the file.
        dags: Airflow's DAG objects by id.
        error: the traceback text of the import error, if the file has one.
    """

    path: Path
    dags: Mapping[str, Any]
    error: str | None


def load_file(path: Path, import_root: Path) -> LoadedFile:
    """Import `path` under the hashed module name that Airflow gives it.

    Args:
        path: a DAG file; safe mode does not apply, since the file was asked for.
        import_root: the dags folder; it stays on `sys.path`, where Airflow's bundles put it too.
    """
    from airflow.models import DagBag

    if str(import_root) not in sys.path:
        sys.path.append(str(import_root))
    bag = DagBag(dag_folder=path, safe_mode=False, load_op_links=False)
    errors = "\n".join(str(error) for error in bag.import_errors.values())
    return LoadedFile(path, dict(bag.dags), errors or None)
