"""Puts back the process state that a task changes, and says what it was.

In production every task has a process of its own. `dag.test()` runs them all in one, so that what
one task leaves behind makes the next one pass or fail for the wrong reason.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from dagproof.model import Leak
from dagproof.runner.failures import readable

_AIRFLOWS_OWN: Final = ("AIRFLOW_CTX_",)
"""Variables that Airflow itself sets for each task: put back, but nobody's leak."""

_LIBRARIES_OWN: Final = ("_", "KMP_", "OMP_", "MPL", "PYTEST_CURRENT_TEST")
"""Variables that libraries set while they are imported."""

_MLFLOW_VARIABLES: Final = {
    "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID",
}  # fmt: skip

_MLFLOW_STATE: Final = (
    ("mlflow.tracking._tracking_service.utils", "_tracking_uri", "tracking_uri"),
    ("mlflow.tracking._model_registry.utils", "_registry_uri", "registry_uri"),
    ("mlflow.tracking.fluent", "_active_experiment_id", "experiment"),
)

_NOWHERE: Final = "a folder that was removed"

_Items = tuple[tuple[object, object], ...]
_Contents = list[object] | set[object] | _Items | None


@dataclass(frozen=True, slots=True)
class _Global:
    value: object
    contents: _Contents  # of a list, set or dict (its items), shallow


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Process state at one moment."""

    environment: Mapping[str, str]
    cwd: str
    mlflow: Mapping[str, object]
    modules: Sequence[tuple[ModuleType, Mapping[str, _Global]]]
    threads: frozenset[threading.Thread]


def take(modules: Iterable[ModuleType]) -> Snapshot:
    """Photograph the process and the variables of `modules`.

    Runs no method of a variable: what `==` or `keys()` of a user's class does is no reason for a
    task to fail.
    """
    variables = [(module, _globals(module)) for module in modules]
    return Snapshot(dict(os.environ), _cwd(), _mlflow_state(), variables, _lasting_threads())


def _lasting_threads() -> frozenset[threading.Thread]:
    """Return the threads that would keep the process from ending.

    Those of pools are left out: they end when they are told that the process does.
    """
    pools = sys.modules.get("concurrent.futures.thread")
    pooled = set(getattr(pools, "_threads_queues", ()))
    return frozenset(
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread not in pooled and thread is not threading.main_thread()
    )


def modules_under(roots: Sequence[Path]) -> list[ModuleType]:
    """Return the imported modules whose files lie under one of the folders."""
    prefixes = tuple(f"{root}{os.sep}" for root in roots)
    return [
        module
        for module in list(sys.modules.values())
        if isinstance(file := getattr(module, "__file__", None), str)
        and file.startswith(prefixes)
        and "site-packages" not in file
    ]


def restore(before: Snapshot) -> tuple[Leak, ...]:
    """Bring the process back to `before` and return what had changed."""
    return (
        *_restore_environment(before.environment),
        *_restore_cwd(before.cwd),
        *_restore_mlflow(before),
        *_restore_globals(before.modules),
        *_left_running(before.threads),
    )


def _cwd() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return _NOWHERE


def _restore_environment(before: Mapping[str, str]) -> Iterator[Leak]:
    after = dict(os.environ)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        if name in before:
            os.environ[name] = before[name]
        else:
            del os.environ[name]
        if name in _MLFLOW_VARIABLES or name.startswith(_AIRFLOWS_OWN + _LIBRARIES_OWN):
            continue
        verb = (
            "was set" if name not in before else "was removed" if name not in after else "changed"
        )
        yield Leak("environment", name, f"the variable {verb}")


def _restore_cwd(before: str) -> Iterator[Leak]:
    after = _cwd()
    if after == before:
        return
    try:
        os.chdir(before)
    except OSError:
        os.chdir("/")
        yield Leak("cwd", after, f"the working directory {before} is gone; / takes its place")
    else:
        yield Leak("cwd", after, f"the working directory moved from {before} to {after}")


def _mlflow_state() -> dict[str, object]:
    return {
        label: getattr(sys.modules.get(module), attribute, None)
        for module, attribute, label in _MLFLOW_STATE
    }


def _restore_mlflow(snapshot: Snapshot) -> Iterator[Leak]:
    """Put back where MLflow looks; an address that the environment gives anyway is no leak."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None:
        return
    yield from _end_open_runs(mlflow)
    before, after = snapshot.mlflow, _mlflow_state()
    given = snapshot.environment.get("MLFLOW_TRACKING_URI")
    for module, attribute, label in _MLFLOW_STATE:
        if after[label] != before[label] and module in sys.modules:
            setattr(sys.modules[module], attribute, before[label])
            if not (label.endswith("_uri") and after[label] == given and before[label] is None):
                yield Leak("mlflow", label, f"changed from {before[label]!r} to {after[label]!r}")


def _end_open_runs(mlflow: ModuleType) -> Iterator[Leak]:
    """End the runs that the task left open, as MLflow does when a task's own process exits."""
    fluent = sys.modules.get("mlflow.tracking.fluent")
    stack = getattr(fluent, "_active_run_stack", None)
    opened = list(stack.get()) if stack is not None else []
    for run in reversed(opened):
        try:
            mlflow.end_run()
        except Exception as error:  # noqa: BLE001 - the server may be gone; the run must go on
            stack.get().clear()  # type: ignore[union-attr] # `opened` came from it
            yield Leak("mlflow", "active_run", f"run {run.info.run_id} could not be ended: {error}")
            return
        yield Leak("mlflow", "active_run", f"run {run.info.run_id} was left open")


def _left_running(before: frozenset[threading.Thread]) -> Iterator[Leak]:
    for thread in sorted(_lasting_threads() - before, key=lambda thread: thread.name):
        yield Leak("thread", thread.name, "the thread runs on; in production it ends with the task")


def _globals(module: ModuleType) -> dict[str, _Global]:
    return {
        name: _Global(value, _contents(value))
        for name, value in list(vars(module).items())
        if not name.startswith("__") and not issubclass(type(value), ModuleType)
    }


def _contents(value: object) -> _Contents:
    """Copy a container as it is, past whatever a subclass makes of its methods."""
    kind = type(value)  # `isinstance` would ask a proxy for its `__class__`
    if issubclass(kind, dict):
        return tuple(dict.items(cast("dict[object, object]", value)))
    if issubclass(kind, set):
        return set(cast("set[object]", value))
    return list.copy(cast("list[object]", value)) if issubclass(kind, list) else None


def _restore_globals(
    before: Sequence[tuple[ModuleType, Mapping[str, _Global]]],
) -> Iterator[Leak]:
    for module, old in before:
        new = _globals(module)
        for variable in sorted(old.keys() | new.keys()):
            detail = _restore_global(module, variable, old.get(variable), new.get(variable))
            if detail:
                yield Leak("global", f"{readable(module.__name__)}.{variable}", detail)


def _restore_global(
    module: ModuleType, variable: str, old: _Global | None, new: _Global | None
) -> str | None:
    if old is None:
        delattr(module, variable)
        return "the module variable was added"
    if new is None:
        setattr(module, variable, old.value)
        return "the module variable was removed"
    if new.value is not old.value:
        setattr(module, variable, old.value)
        return "the module variable was bound to another object"
    if _same(old.contents, new.contents):
        return None
    changed = f"the contents of the {type(old.value).__name__} changed"
    try:
        _refill(old.value, old.contents)
    except Exception as error:  # noqa: BLE001 - its methods are the user's code
        return f"{changed} and cannot be put back ({type(error).__name__})"
    return changed


def _same(old: _Contents, new: _Contents) -> bool:
    """Compare by identity, since `==` of arrays and frames is no yes or no."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        return {(id(key), id(it)) for key, it in old} == {(id(key), id(it)) for key, it in new}
    if isinstance(old, set) and isinstance(new, set):
        return set(map(id, old)) == set(map(id, new))
    if isinstance(old, list) and isinstance(new, list):
        return list(map(id, old)) == list(map(id, new))
    return True


def _refill(container: Any, contents: Any) -> None:
    fill: Callable[[Any], None] = (
        container.extend if isinstance(container, list) else container.update
    )
    container.clear()
    fill(contents)
