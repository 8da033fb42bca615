"""The columns of a signature or a dataset, by name and type."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagproof.tracking_assertions import values
from dagproof.tracking_assertions.differences import Difference, compared

Columns = Mapping[str, str]
"""Types by name, in order; the names of columns without one are `0`, `1`, …"""


def columns(schema: Sequence[Mapping[str, Any]]) -> Columns:
    """Return the columns of a schema as MLflow writes it to JSON."""
    return {str(one.get("name", at)): _type(one) for at, one in enumerate(schema)}


def dataset_columns(schema: str | None) -> Columns:
    """Return the columns of a dataset; none where its schema is of no kind that we know."""
    document = json.loads(schema or "{}")
    if "mlflow_colspec" in document:
        return columns(document["mlflow_colspec"])
    features = document.get("mlflow_tensorspec", {}).get("features")
    return columns(json.loads(features) if isinstance(features, str) else features or [])


def differing(group: str, expected: Any, logged: Columns) -> Iterator[Difference]:
    """Yield where columns are not as expected; of what is expected, nothing may be left out.

    Args:
        group: whose columns.
        expected: True or `...` for any; names in order; types by name; a `Schema` of MLflow. Where
            columns have no names, types in order.
        logged: the columns there are.
    """
    if expected is True or expected is ...:
        if not logged:
            yield Difference(group, "", "columns", "none")
        return
    unnamed = bool(logged) and list(logged) == [str(at) for at in range(len(logged))]
    if hasattr(expected, "to_dict") and not isinstance(expected, Mapping):
        wanted: Mapping[str, Any] = columns(expected.to_dict())
    elif isinstance(expected, Mapping):
        wanted = {str(name): _named(kind) for name, kind in expected.items()}
    else:
        listed = [expected] if isinstance(expected, str) else list(map(_named, expected))
        wanted = {str(at): kind for at, kind in enumerate(listed)}
        if not unnamed:
            yield from _in_order(group, listed, list(logged))
            return
    yield from compared(group, wanted, logged, exact=True)


def _in_order(group: str, expected: list[Any], logged: list[str]) -> Iterator[Difference]:
    if expected != logged:
        sides = [", ".join(map(values.shown, side)) or "none" for side in (expected, logged)]
        note = "in another order" if sorted(map(str, expected)) == sorted(logged) else ""
        yield Difference(group, "", sides[0], sides[1], note)


def _named(kind: Any) -> Any:
    """Return the name of one of MLflow's types, and anything else as it is."""
    return kind.name if type(kind).__name__ == "DataType" else kind


def _type(column: Mapping[str, Any]) -> str:
    if column["type"] == "tensor":
        spec = column["tensor-spec"]
        found = f"{spec['dtype']}[{', '.join(map(str, spec['shape']))}]"
    elif column["type"] in {"array", "object", "map"}:
        rest = {key: one for key, one in column.items() if key not in {"name", "required"}}
        found = json.dumps(rest, sort_keys=True)
    else:
        found = str(column["type"])
    return found if column.get("required", True) else f"{found} (optional)"
