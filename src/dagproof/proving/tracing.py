"""From what was said of a file in its process to the nouns, with places in the source."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dagproof.airflow_compat.alarms import LAST_RESORT
from dagproof.contracts.broken import UNPROVED
from dagproof.import_audit.explorations import Ended, Exploration
from dagproof.import_audit.places import Sources
from dagproof.model import ContractTrace, Counterexample, Ending, Related, Span
from dagproof.proving.literals import Literals
from dagproof.reporters.words import count

_BROKEN_TEMPLATE: Final = "broken-template"
_NO_IMPORT: Final = "it does not import"
_ENDINGS: Final = {
    "timeout": "was begun, and the time of the file ran out",
    LAST_RESORT.name: "does not end",
}


def contract_trace(exploration: Exploration, sources: Sources, literals: Literals) -> ContractTrace:
    """Return what was tried of a file.

    Args:
        exploration: what was said of it.
        sources: returns paths as findings show them.
        literals: finds texts in source files.
    """
    places = _Places(exploration, sources, literals)
    told = [one["broken"] for one in exploration.records if "broken" in one]
    tried: Mapping[str, Any] = next(
        (one["tried"] for one in exploration.records if "tried" in one), {}
    )
    found = [places.counterexample(record) for record in told]
    found += [places.ended(one) for one in exploration.ended]
    return ContractTrace(
        path=exploration.trace.path,
        dag_ids=exploration.trace.dag_ids,
        counterexamples=tuple(found),
        confs=int(tried.get("confs", 0)),
        templates=int(tried.get("templates", 0)),
        values=int(tried.get("values", 0)),
        seconds=float(tried.get("seconds", 0.0)),
        failure=_failure(exploration),
    )


def import_is_to_blame(trace: ContractTrace) -> bool:
    """Say whether a file was not tried because Airflow does not import it, or not all of it."""
    return bool(trace.failure) and (trace.failure.startswith(_NO_IMPORT) or not trace.dag_ids)


def _failure(exploration: Exploration) -> str:
    trace = exploration.trace
    if trace.errors:
        first = trace.errors[0]
        return f"{_NO_IMPORT}: {first.type}: {first.message}".partition("\n")[0]
    if exploration.complete:
        return ""
    if exploration.ended:
        times = count(len(exploration.ended), "time")
        return f"its process ended {times}, and the rest of it was not tried"
    if trace.ending is Ending.TIMED_OUT:
        return "its time ran out"
    if trace.crash is not None:
        return f"its process ended: {trace.crash.what}"
    return "its process ended"


def _what(task_id: str, source: str) -> str:
    """Return what was begun: without a source that is no template."""
    if source:
        return f"A template of task `{task_id}`"
    return f"What task `{task_id}` calls and returns" if task_id else "What the Params allow"


class _Places:
    """Knows where DAGs, tasks and templates of one file stand."""

    def __init__(self, exploration: Exploration, sources: Sources, literals: Literals) -> None:
        self._exploration = exploration
        self._sources = sources
        self._literals = literals

    def counterexample(self, record: Mapping[str, Any]) -> Counterexample:
        """Return what does not hold, with its place."""
        dag_id, task_id, conf = record["dag_id"], record["task_id"], record["conf"]
        near = self._near(dag_id, task_id)
        span, related = near, []
        place = record["place"]
        definition = self._sources.whole(*place) if place else None
        literal = self._literal(record["text"], near) if record["text"] else None
        if literal is not None:
            span = literal
            if definition is not None:
                related.append(Related(definition, "the definition"))
        elif definition is not None:
            span = definition
        return Counterexample(
            record["offence"],
            record["message"],
            span,
            dag_id,
            task_id,
            record["field"],
            conf,
            tuple(related),
            self._detail(record),
        )

    def ended(self, ended: Ended) -> Counterexample:
        """Return a template that ended the process, or did not end at all."""
        dag_id, task_id, source = ended.begun
        near = self._near(dag_id, task_id)
        return Counterexample(
            _BROKEN_TEMPLATE if source else UNPROVED,
            f"{_what(task_id, source)} {_ENDINGS.get(ended.how, f'ends the process: {ended.how}')}",
            (self._literal(source, near) if source else None) or near,
            dag_id,
            task_id,
        )

    def _near(self, dag_id: str, task_id: str) -> Span:
        trace = self._exploration.trace
        task = self._exploration.tasks.get((dag_id, task_id))
        return task or trace.spans.get(dag_id) or Span(trace.path, 1, 1, 1, 1)

    def _literal(self, text: str, near: Span) -> Span | None:
        for path in dict.fromkeys((near.path, self._exploration.trace.path)):
            found = self._literals.find(path, text, near)
            if found is not None:
                return found
        return None

    def _detail(self, record: Mapping[str, Any]) -> str:
        """Return more lines, and the command that shows a counterexample again."""
        if record["conf"] is None:
            return str(record["detail"])
        path = self._sources.shown(self._exploration.path)
        words = ["dagproof", "contracts", Path(path).as_posix(), "--dag", record["dag_id"]]
        words += ["--task", record["task_id"]] if record["task_id"] else []
        words += ["--conf", json.dumps(record["conf"], ensure_ascii=False, sort_keys=True)]
        return "\n".join(filter(None, (record["detail"], f"$ {shlex.join(words)}")))
