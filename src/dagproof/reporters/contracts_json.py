"""What was tried of DAG files, as parts of the JSON document."""

from dagproof.model import ContractTrace, Counterexample


def contract(tried: ContractTrace) -> dict[str, object]:
    """Return what was tried of one file, and what did not hold."""
    return {
        "path": tried.path,
        "dag_ids": list(tried.dag_ids),
        "confs": tried.confs,
        "templates": tried.templates,
        "values": tried.values,
        "seconds": round(tried.seconds, 3),
        "failure": tried.failure,
        "counterexamples": [_counterexample(one) for one in tried.counterexamples],
    }


def _counterexample(one: Counterexample) -> dict[str, object]:
    return {
        "offence": one.offence,
        "dag_id": one.dag_id,
        "task_id": one.task_id,
        "field": one.field,
        "conf": None if one.conf is None else dict(one.conf),
        "path": one.span.path,
        "line": one.span.line,
    }
