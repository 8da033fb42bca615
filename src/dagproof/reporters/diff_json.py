"""How DAGs differ from what they were, as a part of the JSON document."""

from dagproof.model import DagDiff, DagShape, ShapeChange


def dag_diff(diff: DagDiff) -> dict[str, object]:
    """Return how one DAG differs, with both of its states."""
    return {
        "dag_id": diff.dag_id,
        "fate": diff.fate,
        "before": None if diff.before is None else _shape(diff.before),
        "after": None if diff.after is None else _shape(diff.after),
        "changes": [_change(change) for change in diff.changes],
    }


def _change(change: ShapeChange) -> dict[str, object]:
    return {
        "where": change.where,
        "before": change.before,
        "after": change.after,
        "message": change.message,
        "severity": change.severity,
        "harm": change.harm,
    }


def _shape(shape: DagShape) -> dict[str, object]:
    return {
        "dag_id": shape.dag_id,
        "path": shape.path,
        "schedule": shape.schedule,
        "tasks": [
            {
                "task_id": task.task_id,
                "operator": task.operator,
                "upstream": list(task.upstream),
                "mapped": task.mapped,
                "fields": dict(task.fields),
            }
            for task in shape.tasks
        ],
        "params": dict(shape.params),
        "fields": dict(shape.fields),
    }
