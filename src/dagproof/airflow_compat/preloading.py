"""Loads Airflow for a process that imports DAG files, without what none of them needs."""

import contextlib
import importlib
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, Final

ALWAYS: Final = (
    "airflow.sdk.definitions.decorators",
    "airflow.models.serialized_dag",
    "airflow.timetables.trigger",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.providers.standard.sensors.external_task",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.decorators.python",
)
"""What nearly every DAG file imports, and what Airflow loads with the first DAG that it sees."""


def preload() -> None:
    """Import what parsing needs, and parse once what nobody sees, so that all of it is loaded."""
    with _held_off("libcst", _Nothing("libcst")), _fast_yaml(), _models_built_later():
        _load_without_rich()
        from airflow.models import DagBag  # noqa: F401
        from airflow.sdk import DAG, Connection, Variable  # noqa: F401

        preload_named(("airflow.models.connection", "airflow.models.variable", *ALWAYS))
        with contextlib.suppress(Exception):
            from dagproof.airflow_compat.parsing import serialized

            serialized(DAG("dagproof", schedule="@daily"), validated=True)


def preload_named(names: Iterable[str]) -> None:
    """Import libraries of Airflow as far as they are installed, as its DAG processor does."""
    for name in names:
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)


class _Nothing(ModuleType):
    """Has every name, as a base class that does nothing.

    Airflow takes libcst to rewrite sources when a task runs; it is a tenth of its loading time.
    """

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return object


@contextlib.contextmanager
def _held_off(name: str, instead: ModuleType | None) -> Iterator[None]:
    """Keep a library from being loaded; who imports it afterwards gets it.

    Args:
        name: of the library.
        instead: what an import gives meanwhile; None has it fail.
    """
    if name in sys.modules:
        yield
        return
    modules: dict[str, Any] = sys.modules
    modules[name] = instead
    try:
        yield
    finally:
        sys.modules.pop(name, None)


def _load_without_rich() -> None:
    """Load those that do without rich where it is not installed: it is for terminals."""
    with _held_off("rich", None):
        preload_named(("structlog.dev", "httpx"))


@contextlib.contextmanager
def _models_built_later() -> Iterator[None]:
    """Have pydantic build the validators of Airflow's many messages when one is first used."""
    try:
        from pydantic import BaseModel
    except ImportError:
        yield
        return
    config: dict[str, Any] = BaseModel.model_config  # type: ignore[assignment]
    config["defer_build"] = True
    try:
        yield
    finally:
        del config["defer_build"]


@contextlib.contextmanager
def _fast_yaml() -> Iterator[None]:
    """Have Airflow read its own YAML files by the C library, where PyYAML has it."""
    try:
        import yaml

        fast = yaml.CSafeLoader
    except (ImportError, AttributeError):
        yield
        return
    usual = yaml.safe_load
    yaml.safe_load = lambda stream: yaml.load(stream, fast)  # noqa: S506 - it is the safe one
    try:
        yield
    finally:
        yaml.safe_load = usual
