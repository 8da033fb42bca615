"""What a child says of one import: DAGs, and why something does not import or serialize."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final

from dagproof.airflow_compat.parsing import Failed, ParsedFile, said
from dagproof.import_audit.frames import CALLED, IMPORTED, Place, Repository, place_of
from dagproof.import_audit.refusals import Refused

_TYPED: Final = re.compile(r"([A-Za-z_][\w.]*): (.*)", re.DOTALL)

Made = Mapping[int, tuple[Any, list[Place]]]
"""The DAG objects that were made, each with the way to the call."""


def results(
    repository: Repository, parsed: ParsedFile, made: Made, *, interfered: bool
) -> dict[str, Any]:
    """Return what is said of one import, as plain data."""
    spans = {str(dag.dag_id): places for dag, places in made.values() if _has_id(dag)}
    return {
        "dag_ids": sorted(str(dag.dag_id) for dag in parsed.dags),
        "spans": spans,
        "doubled": sorted(dag_id for dag_id, number in _counted(made).items() if number > 1),
        "empty": sorted(str(dag.dag_id) for dag in parsed.dags if not dag.tasks),
        "errors": [
            _failure(repository, one, spans, interfered=interfered) for one in parsed.errors
        ],
    }


def _counted(made: Made) -> Counter[str]:
    """Return how many DAG objects have an id; Airflow takes one of them, and nobody knows which."""
    return Counter(dag.dag_id for dag, _ in made.values() if _has_id(dag))


def _has_id(dag: Any) -> bool:
    return isinstance(getattr(dag, "dag_id", None), str)


def _failure(
    repository: Repository,
    failed: Failed,
    spans: Mapping[str, list[Place]],
    *,
    interfered: bool,
) -> dict[str, Any]:
    if failed.error is None:
        kind, message = _headed(failed.text)
        named = max((one for one in spans if _is_named(one, failed.text)), key=len, default="")
        places = spans.get(named) or (next(iter(spans.values())) if len(spans) == 1 else [])
        return _told(kind, message, failed.text, places, failed.path, caused=False)
    error = failed.error
    caused = any(isinstance(one, Refused) for one in _causes(error)) or (
        interfered and not isinstance(error, ImportError | SyntaxError | NameError)
    )
    places = places_of(error, repository)
    message = said(error)
    return _told(type(error).__name__, message, failed.text, places, failed.path, caused=caused)


def _is_named(dag_id: str, text: str) -> bool:
    """Say whether a text names a DAG, and not one whose id is longer; a full stop may follow."""
    return re.search(rf"(?<![\w.-]){re.escape(dag_id)}(?![\w-])", text) is not None


def _headed(text: str) -> tuple[str, str]:
    """Return type and message of an error of which there is only the text."""
    lines = text.strip()
    match = _TYPED.match(lines) or _TYPED.match(lines.rpartition("\n")[2])
    return (match[1], match[2]) if match else ("AirflowException", lines)


def _told(
    kind: str, message: str, text: str, places: list[Place], path: str, *, caused: bool
) -> dict[str, Any]:
    return {
        "type": kind, "message": message, "text": text, "places": places, "path": path,
        "caused": caused,
    }  # fmt: skip


def places_of(error: BaseException, repository: Repository) -> list[Place]:
    """Return the way through the repository to where an exception was raised."""
    places = list(_traced(error.__traceback__, repository))
    if isinstance(error, SyntaxError) and error.filename and repository.owns(error.filename):
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        places.append((error.filename, line, line, column, column, ""))
    return places


def _traced(trace: TracebackType | None, repository: Repository) -> Iterator[Place]:
    found: list[Place] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if repository.owns(code.co_filename):
            if found:  # the frames of the import machinery are cut out of tracebacks
                how = IMPORTED if code.co_name == "<module>" else CALLED
                found[-1] = (*found[-1][:5], how)
            found.append(place_of(code, trace.tb_lasti, trace.tb_lineno, ""))
        trace = trace.tb_next
    yield from found


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [cause for cause in (one.__cause__, one.__context__) if cause is not None]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
