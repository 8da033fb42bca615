"""Tells people how a task ended: always by one log line, and by a webhook where one is set.

Use an instance as `on_failure_callback` or `on_success_callback` of tasks. It has no template
fields, and it never raises: a notification must not change how a task ends.
"""

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

from mlops import task_context

try:
    from airflow.sdk import BaseNotifier
except ImportError:
    try:
        from airflow.sdk.bases.notifier import BaseNotifier
    except ImportError:
        from airflow.notifications.basenotifier import BaseNotifier

_log = logging.getLogger(__name__)
_SECONDS = 5.0
_LONGEST_ERROR = 500


def message(context: Mapping[str, Any]) -> dict[str, Any]:
    """Say in plain data which task ended, and how.

    Returns:
        `state` (`failed` or `success`), `dag_id`, `run_id`, `task_id`, `map_index`, `try_number`
        and `error` (a sentence, or None).
    """
    exception = context.get("exception")
    task = task_context.identity(context)
    return {
        "state": "failed" if exception else "success",
        "dag_id": task.dag_id if task else None,
        "run_id": task.run_id if task else None,
        "task_id": task.task_id if task else None,
        "map_index": task.map_index if task else None,
        "try_number": task.try_number if task else None,
        "error": _error(exception),
    }


def post(document: Mapping[str, Any]) -> bool:
    """Send a document to NOTIFY_WEBHOOK_URL as JSON; says whether it arrived, never raises."""
    address = os.environ.get("NOTIFY_WEBHOOK_URL")
    if not address:
        return False
    if not address.startswith(("http://", "https://")):
        _log.warning("NOTIFY_WEBHOOK_URL is no http address; nothing is sent.")
        return False
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            address,
            data=json.dumps(document, default=str).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - the same
            return True
    except Exception as error:  # noqa: BLE001 - a notification never changes how a task ends
        # The address is left out: such addresses carry their password.
        _log.warning("The webhook of NOTIFY_WEBHOOK_URL did not take the message: %s", error)
        return False


class LogNotifier(BaseNotifier):
    """Writes one line to the task's log."""

    def notify(self, context: Any) -> None:
        """Write the line; never raises."""
        try:
            said = message(context)
            level = logging.ERROR if said["state"] == "failed" else logging.INFO
            _log.log(level, "%s", " ".join(f"{name}={text}" for name, text in said.items()))
            self.deliver(said)
        except Exception:  # noqa: BLE001 - a notification never changes how a task ends
            _log.exception("The notification failed; the task's end stands.")

    def deliver(self, said: Mapping[str, Any]) -> None:
        """Do what else there is to do with the message: nothing."""


class WebhookNotifier(LogNotifier):
    """Writes one line to the task's log, and posts it to NOTIFY_WEBHOOK_URL if that is set."""

    def deliver(self, said: Mapping[str, Any]) -> None:
        """Post the message."""
        post(said)


def _error(exception: object) -> str | None:
    if not exception:
        return None
    text = " ".join(str(exception).split())
    name = type(exception).__name__
    return (f"{name}: {text}" if text and not isinstance(exception, str) else text or name)[
        :_LONGEST_ERROR
    ]
