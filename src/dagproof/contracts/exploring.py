"""Tries all that the DAGs of one file promise, in the process that has imported them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dagproof.contracts import confs
from dagproof.contracts.broken import UNPROVED, Broken
from dagproof.contracts.exploration import Exploration
from dagproof.contracts.options import Options

Note = Callable[[dict[str, Any]], None]
"""Takes a record, and keeps it whatever becomes of the process."""


def explore(
    dags: Sequence[Any],
    note: Note,
    options: Mapping[str, Any],
    skipped: Sequence[tuple[str, ...]] = (),
) -> None:
    """Try what DAGs promise.

    Args:
        dags: of one file.
        note: takes `{"broken": ...}` for what does not hold, `{"begun": ...}` before a template is
            rendered for the first time, and `{"tried": ...}` with the numbers at the end.
        options: the fields of `Options`.
        skipped: templates that ended the process before: ids of DAG and task, and source.
    """
    asked = replace(Options(**options), skipped=skipped)
    tried = {"confs": 0, "templates": 0, "values": 0}
    began = time.process_time()
    for dag in sorted(dags, key=lambda one: str(one.dag_id)):
        if asked.dag_id in {"", dag.dag_id}:
            for name, count in _explore(dag, note, asked).items():
                tried[name] += count
    note({"tried": {**tried, "seconds": time.process_time() - began}})


def warm_up() -> None:
    """Load what every exploration needs, before processes are forked from this one."""
    confs.warm_up()


def _explore(dag: Any, note: Note, options: Options) -> Mapping[str, int]:
    def begin(task_id: str, source: str) -> None:
        note({"begun": [dag.dag_id, task_id, source]})

    try:
        exploration = Exploration(dag, begin, options)
        for broken in exploration.run():
            note({"broken": broken.record()})
    except Exception as error:  # noqa: BLE001 - the other DAGs are to be tried
        what = f"The DAG `{dag.dag_id}` cannot be tried: {type(error).__name__}: {error}"
        note({"broken": Broken(UNPROVED, what.partition("\n")[0], dag.dag_id).record()})
        return {}
    return exploration.tried
