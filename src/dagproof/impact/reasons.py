"""Says in one sentence why a DAG file is affected, and by which steps."""

from collections.abc import Callable, Sequence

from dagproof.impact.reach import Way
from dagproof.model import Affected, ChangedFile, FileFate, Related

Shown = Callable[[str], str]

_ITSELF = {
    FileFate.ADDED: "it is new",
    FileFate.MODIFIED: "it has changed itself",
    FileFate.RENAMED: "it has been renamed",
    FileFate.DELETED: "it is gone",
}


def by_itself(path: str, change: ChangedFile) -> Affected:
    """Return that a DAG file has changed."""
    return Affected(path, changed=path, reason=_ITSELF[change.fate])


def by_way(path: str, way: Way, change: ChangedFile, shown: Shown) -> Affected:
    """Return that a DAG file leads to a file that has changed.

    Args:
        path: of the DAG file, as it is shown.
        way: the steps.
        change: what has changed.
        shown: gives a path as it is shown.
    """
    changed = shown(change.path)
    gone = ", which is gone" if change.fate is FileFate.DELETED else ""
    return Affected(path, changed=changed, reason=f"{_how(way, changed)}{gone}", chain=steps(way))


def by_folder(path: str, folder: str, changed: str) -> Affected:
    """Return that nothing names a file beside a DAG file, which may use it all the same."""
    reason = f"`{changed}` lies in `{folder}`, and nothing names it"
    return Affected(path, changed=changed, reason=reason)


def by_unfollowed(path: str, way: Way, last: Related, changed: str) -> Affected:
    """Return that a DAG file leads to one that may load any Python file."""
    where = f"{last.span.path}:{last.span.line}"
    reason = f"`{where}` {last.message}, and so any Python file may be meant"
    return Affected(path, changed=changed, reason=reason, chain=steps(way))


def by_crossing(path: str, step: Related, changed: str, *, sure: bool) -> Affected:
    """Return that a task of a DAG file names a DAG of a file that has changed.

    Args:
        path: of the DAG file, as it is shown.
        step: where it names which DAG.
        changed: the file that has changed, as it is shown.
        sure: whether that is known to define, or to have defined, this DAG.
    """
    of = f" of `{changed}`" if sure else f", which `{changed}` may define or have defined"
    return Affected(path, changed=changed, reason=f"it {step.message}{of}", chain=(step,))


def steps(way: Way) -> tuple[Related, ...]:
    """Return the steps that a person can look up."""
    return tuple(edge.step for edge in way.steps if edge.step.message)


def _how(way: Way, changed: str) -> str:
    said: Sequence[Related] = steps(way)
    verb = said[0].message.partition(" ")[0]
    if len(said) == 1:
        return f"it {verb} `{changed}`"
    return f"it {said[0].message}, which leads to `{changed}`"
