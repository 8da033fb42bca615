"""Keeps off the terminal what Airflow says of itself and what the runner says better."""

import contextlib
import logging
import warnings
from collections.abc import Iterator, MutableMapping
from typing import Any, Final

_REPORTED: Final = (
    "Task failed with exception",
    "Task failed; ti=",
    "[DAG TEST] Error running task",
    "Task exited",
    "No tasks to run. unrunnable tasks",
    "XCom not found",
    "Server error",
    "Error with id",
    "Failed to import",
    "Error loading DAG",
    "DAG bundle ",
)
_LOGGERS: Final = (
    "airflow.sdk.definitions.dag",
    "airflow.models.dagrun",
    "airflow.dag_processing.bundles.manager.DagBundlesManager",
    "airflow.dag_processing.dagbag.DagBag",
    "airflow.dag_processing.dagbag.BundleDagBag",
    "airflow.dag_processing.dagbag",
    "airflow.dag_processing.importers.python_importer",
    "airflow.models.dagbag.DagBag",
    "airflow.api_fastapi.common.exceptions",
    "task",
)


@contextlib.contextmanager
def noise_hidden() -> Iterator[None]:
    """Drop warnings that concern installed packages, and failures that a `TaskOutcome` tells.

    Log lines and warnings from the user's own code pass.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_warnings_of_packages_hidden())
        stack.enter_context(_reported_failures_hidden())
        yield


@contextlib.contextmanager
def _warnings_of_packages_hidden() -> Iterator[None]:
    import airflow  # noqa: F401 - Airflow replaces `showwarning` when it is imported

    show = warnings.showwarning

    def show_own(message: Any, category: Any, filename: str, *rest: Any, **more: Any) -> None:
        if "site-packages" not in filename:
            show(message, category, filename, *rest, **more)

    warnings.showwarning = show_own
    try:
        yield
    finally:
        if warnings.showwarning is show_own:
            warnings.showwarning = show


@contextlib.contextmanager
def _reported_failures_hidden() -> Iterator[None]:
    import structlog

    before = structlog.get_config()
    changes: dict[str, Any] = {"processors": [_drop_reported, *before["processors"]]}
    configured = structlog.is_configured()
    if not configured:
        # Airflow 3.0 leaves structlog as it is, and so every debug line is shown.
        changes["wrapper_class"] = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(**changes)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(_is_news)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_is_news)
        if configured:
            structlog.configure(processors=before["processors"])
        else:
            structlog.reset_defaults()


def _drop_reported(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    import structlog

    if str(event.get("event", "")).startswith(_REPORTED):
        raise structlog.DropEvent
    return event


def _is_news(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_REPORTED)
