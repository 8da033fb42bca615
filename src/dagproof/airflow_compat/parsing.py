"""Imports DAG files by Airflow's own DagBag, without its clock and its signal handlers."""

import contextlib
import importlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from types import FrameType, ModuleType
from typing import Any
from unittest import mock

Run = Callable[[ModuleType, SourceFileLoader], None]
"""Executes a module that has just been made."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An import error as Airflow keeps it.

    Attributes:
        path: the file, as Airflow names it.
        text: what Airflow shows.
        error: the exception, where the module itself raised it.
    """

    path: str
    text: str
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What Airflow gets from one file: its DAG objects, and its import errors."""

    dags: Sequence[Any]
    errors: Sequence[Failed]


def list_files(folder: str) -> list[str]:
    """Return the files that Airflow imports from a dags folder, as its settings have it.

    Raises:
        Exception: whatever Airflow raises; links that go round in a circle end its listing.
    """
    safe_mode = _safe_mode()
    try:
        from airflow.dag_processing.importers import get_importer_registry
    except ImportError:  # before 3.2
        from airflow.utils.file import list_py_file_paths

        return list(list_py_file_paths(folder, safe_mode=safe_mode))
    return list(get_importer_registry().list_dag_files(folder, safe_mode=safe_mode))


class _AllErrors(dict[str, str]):
    """Import errors by file, also those that Airflow overwrites with a later one of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []

    def __setitem__(self, path: str, text: str) -> None:
        super().__setitem__(path, text)
        self.told.append((path, text))


def _safe_mode() -> bool:
    from airflow.configuration import conf

    return bool(conf.getboolean("core", "dag_discovery_safe_mode"))


def said(error: BaseException) -> str:
    """Return what an exception says of itself, also where that fails."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the user's
        return f"<{type(error).__name__} that cannot be shown>"


class Parser:
    """Airflow's DagBag, one file at a time.

    Args:
        bundle: the dags folder; paths are told relative to it, as in production.
        run: executes the modules.
    """

    def __init__(self, bundle: str, run: Run) -> None:
        self._bundle = bundle
        self._run = run
        self._error: BaseException | None = None

    def parse(self, path: str) -> ParsedFile:
        """Import one file and put its DAGs through all that Airflow asks of them.

        Args:
            path: absolute, of a Python file or a zip archive; safe mode does not apply.
        """
        from airflow.models import DagBag
        from airflow.sdk.definitions._internal.contextmanager import DagContext

        DagContext.autoregistered_dags.clear()
        self._error = None
        bag = DagBag(os.devnull, collect_dags=False, **self._bundled(DagBag))
        bag.import_errors = errors = _AllErrors()
        with self._own_import():
            bag.process_file(path, only_if_updated=False, safe_mode=_safe_mode())
        failed = [
            Failed(os.path.join(self._bundle, name), text, self._error)  # noqa: PTH118 - may be absolute
            for name, text in errors.told
        ]
        if self._error is not None and not failed:
            # KeyboardInterrupt passes through Airflow, and tracebacks may be configured away.
            failed.append(Failed(path, shown(self._error), self._error))
        return ParsedFile(tuple(bag.dags.values()), failed)

    def _bundled(self, bag: type) -> Mapping[str, Any]:
        from pathlib import Path

        wants = bag.__init__.__code__.co_varnames  # type: ignore[misc]
        return {"bundle_path": Path(self._bundle)} if "bundle_path" in wants else {}

    @contextlib.contextmanager
    def _own_import(self) -> Iterator[None]:
        """Execute modules ourselves: Airflow's way makes a segmentation fault an endless loop."""
        try:
            from airflow.dag_processing.importers import python_importer

            owner: Any = python_importer.PythonDagImporter
        except ImportError:  # before 3.2
            from airflow.models import DagBag

            owner = DagBag
        parser = self

        def load(self: Any, path: str, _safe_mode: bool, result: Any = None) -> list[ModuleType]:
            module, error = parser.load(path)
            if error is None:
                return [module]
            if result is None:
                self.import_errors[path] = shown(error)
            else:
                from airflow.dag_processing.importers.base import DagImportError

                text = shown(error)
                result.errors.append(
                    DagImportError(file_path=result.file_path, message=said(error),
                                   error_type="import", stacktrace=text)
                )  # fmt: skip
            return []

        with mock.patch.object(owner, "_load_modules_from_file", load):
            yield

    def load(self, path: str) -> tuple[ModuleType, BaseException | None]:
        """Execute a file under the hashed module name that Airflow gives it."""
        from airflow.sdk.definitions._internal.contextmanager import DagContext
        from airflow.utils.file import get_unique_dag_module_name

        name = get_unique_dag_module_name(path)
        sys.modules.pop(name, None)
        DagContext.current_autoregister_module_name = name
        loader = SourceFileLoader(name, path)
        spec = importlib.util.spec_from_loader(name, loader)
        if spec is None:
            raise ImportError(path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            self._run(module, loader)
        except BaseException as error:  # noqa: BLE001 - Airflow catches sys.exit() and the like, too
            DagContext.autoregistered_dags.clear()
            self._error = error
            return module, error
        return module, None


def shown(error: BaseException) -> str:
    """Return an exception as Airflow's import errors show it, without our own frames."""
    from airflow.configuration import conf

    depth = conf.getint("core", "dagbag_import_error_traceback_depth")
    frames = [
        entry
        for entry in traceback.extract_tb(error.__traceback__)
        if "/dagproof/" not in entry.filename and not entry.filename.startswith("<frozen importlib")
    ]
    head = ["Traceback (most recent call last):\n"] if frames else []
    last = traceback.format_exception_only(type(error), error)
    return "".join([*head, *traceback.format_list(frames[-depth:]), *last])


def serialized(dag: Any, *, validated: bool) -> str:
    """Return a DAG as Airflow keeps it in its database, as JSON.

    Args:
        dag: a DAG object.
        validated: whether it is checked against Airflow's JSON schema, too, as Airflow does.

    Raises:
        Exception: whatever Airflow raises when it cannot serialize it.
    """
    return _dumped(_form(dag, validated=validated))


def _form(dag: Any, *, validated: bool) -> Any:
    serialization = _serialization()
    data = serialization.to_dict(dag) if validated else {"dag": serialization.serialize_dag(dag)}
    return data["dag"]


def _dumped(form: Any) -> str:
    return json.dumps(form, sort_keys=True, default=str)


def all_serialized(
    dags: Sequence[Any],
    *,
    validated: bool,
    wanted: bool,
    also: Callable[[Mapping[str, Any]], object] = lambda _: None,
) -> dict[str, list[str]]:
    """Serialize DAGs; return for each id its JSON, or the type, message and text of the failure.

    Args:
        dags: DAG objects.
        validated: whether they are checked against Airflow's JSON schema, too.
        wanted: whether the JSON is of interest to anybody; it is empty where it is not.
        also: told of each DAG that can be serialized, in the form that becomes JSON.
    """
    told = {}
    for dag in dags:
        try:
            form = _form(dag, validated=validated)
            text = _dumped(form)
            also(form)
            told[str(dag.dag_id)] = [text if wanted else ""]
        except Exception as error:  # noqa: BLE001 - Airflow takes any of them for an import error
            told[str(dag.dag_id)] = [type(error).__name__, said(error), shown(error)]
    return told


def _serialization() -> Any:
    from airflow.serialization import serialized_objects

    return getattr(serialized_objects, "DagSerialization", None) or serialized_objects.SerializedDAG


def on_task_made(tell: Callable[[Any, FrameType], None]) -> None:
    """Have `tell` called with each task that a DAG gets, and the frame that leads there."""
    from airflow.sdk import DAG

    original = DAG.add_task

    def add_task(self: Any, task: Any) -> None:
        original(self, task)
        tell(task, sys._getframe(1))  # noqa: SLF001 - the only way to know

    DAG.add_task = add_task


def on_dag_made(tell: Callable[[Any, FrameType], None]) -> None:
    """Have `tell` called with each DAG that is made, and the frame of the code that makes it."""
    from airflow.sdk import DAG

    names = DAG.__init__.__globals__
    factory = "__attr_factory_fileloc"
    if factory not in names:
        return

    def fileloc() -> str:
        making = sys._getframe(1)  # noqa: SLF001 - as Airflow does
        caller = making.f_back
        if caller is None:
            return ""
        tell(making.f_locals.get("self"), caller)
        return caller.f_code.co_filename

    names[factory] = fileloc
