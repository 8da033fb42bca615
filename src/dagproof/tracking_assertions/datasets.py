"""The datasets that a run has as inputs: name, digest, context and columns."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dagproof.model import UsageError
from dagproof.tracking_assertions import columns
from dagproof.tracking_assertions.differences import Difference, compared, nearest

_KEYS: Final = frozenset({"name", "digest", "context", "schema"})


def differences(run: Any, expected: Any, *, exact: bool) -> Iterator[Difference]:
    """Yield where the datasets of a run are not as expected.

    Args:
        run: `mlflow.entities.Run`.
        expected: a name, a mapping with `name` and any of `digest`, `context` and `schema`, or a
            list of those; None for nothing.
        exact: whether there may be no other dataset.

    Raises:
        UsageError: a mapping has no name, or a key that no dataset has.
    """
    if expected is None:
        return
    specs = [expected] if isinstance(expected, str | Mapping) else list(expected)
    wanted = [{"name": one} if isinstance(one, str) else _checked(one) for one in specs]
    logged = [_described(one) for one in (run.inputs.dataset_inputs if run.inputs else ())]
    there = [one["name"] for one in logged]
    for one in wanted:
        same = [other for other in logged if other["name"] == one["name"]]
        if not same:
            meant = nearest(one["name"], there)
            note = f"did you mean `{meant}`?" if meant else ""
            yield Difference("datasets", "", one["name"], ", ".join(there) or "none", note)
            continue
        tried = [list(_dataset(one, other)) for other in same]
        yield from min(tried, key=len)
    names = {one["name"] for one in wanted}
    for name in sorted(set(there) - names if exact else ()):
        yield Difference("datasets", "", None, name, "not expected")


def _described(given: Any) -> dict[str, Any]:
    """Return what is known of a dataset that is an input."""
    contexts = [tag.value for tag in given.tags if tag.key == "mlflow.data.context"]
    return {
        "name": given.dataset.name,
        "digest": given.dataset.digest,
        "context": contexts[0] if contexts else "",
        "schema": columns.dataset_columns(given.dataset.schema),
    }


def _dataset(expected: Mapping[str, Any], logged: Mapping[str, Any]) -> Iterator[Difference]:
    plain = {key: one for key, one in expected.items() if key != "schema"}
    yield from compared(f"dataset {expected['name']}", plain, logged)
    if "schema" in expected:
        group = f"schema of dataset {expected['name']}"
        yield from columns.differing(group, expected["schema"], logged["schema"])


def _checked(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    if "name" not in spec or not spec.keys() <= _KEYS:
        given = ", ".join(f"`{key}`" for key in spec)
        raise UsageError(
            "A dataset is given by `name` and any of `digest`, `context` and `schema`, "
            f"not by {given or 'nothing'}."
        )
    return spec
