"""What a change can affect, as a part of the JSON document."""

from dagproof.model import Affected, Impact
from dagproof.reporters.imports_json import places


def impact(found: Impact) -> dict[str, object]:
    """Return all that is known of what a change can affect."""
    return {
        "everything": found.everything,
        "affected": [_affected(one) for one in found.affected],
        "total": found.total,
        "idle": list(found.idle),
    }


def _affected(one: Affected) -> dict[str, object]:
    return {
        "path": one.path,
        "dag_ids": list(one.dag_ids),
        "changed": one.changed,
        "reason": one.reason,
        "chain": places(one.chain),
        "imports": one.imports,
    }
