"""Says which DAGs are known well enough in two states to be compared, and which are not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dagproof.diffing.wording import listed
from dagproof.model import DagShape, Ending, ImportTrace


@dataclass(frozen=True, slots=True)
class Known:
    """The DAGs of one state of the repository, as far as they are known.

    Attributes:
        dags: those that are known, by id.
        unsound: files, as they are shown, that may have DAGs which are not among them.
        files: all files that were looked at.
    """

    dags: Mapping[str, DagShape]
    unsound: frozenset[str]
    files: frozenset[str]


def known(traces: Iterable[ImportTrace]) -> Known:
    """Return what is known of the DAGs of a state of the repository.

    Args:
        traces: what was seen of its files.
    """
    looked = [trace for trace in traces if not trace.skipped]
    return Known(
        {dag.dag_id: dag for trace in looked for dag in trace.dags},
        frozenset(trace.path for trace in looked if _is_unsound(trace)),
        frozenset(trace.path for trace in looked),
    )


def _is_unsound(trace: ImportTrace) -> bool:
    shaped = {dag.dag_id for dag in trace.dags}
    return trace.ending is not Ending.IMPORTED or not {*trace.dag_ids} <= shaped


def comparable(one: Known, other: Known) -> tuple[DagShape, ...]:
    """Return the DAGs of a state of which it is known whether the other one has them.

    A DAG whose file is not there may be in a file that is only there, if that one does not import.

    Args:
        one: the state.
        other: the other state.
    """
    strange = bool(other.unsound - one.files)
    return tuple(
        dag
        for dag_id, dag in one.dags.items()
        if dag_id in other.dags
        or not (dag.path in other.unsound or (dag.path not in other.files and strange))
    )


def doubts(before: Known, after: Known) -> tuple[str, ...]:
    """Return sentences about files whose DAGs are not compared, or not all of them."""
    both = before.unsound & after.unsound
    told = (
        (after.unsound - both, "they fail to import, or to be serialized"),
        (before.unsound - both, "they failed to import at the base, or to be serialized"),
        (both, "they fail to import, or to be serialized, as they did at the base"),
    )
    return tuple(
        f"Not all DAGs of {listed(sorted(files))} are compared: {why}."
        for files, why in told
        if files
    )
