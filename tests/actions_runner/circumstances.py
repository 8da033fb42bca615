"""What a job is told of itself: contexts for expressions, variables for scripts."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from actions_runner.known_actions import Machine
from actions_runner.origin import NAME

_PASSED: Final = ("PIP_", "UV_", "SSL_", "REQUESTS_CA_BUNDLE", "LANG", "LC_")
"""Settings of this machine without which nothing could be installed."""
_SYSTEM: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def contexts(machine: Machine) -> dict[str, Any]:
    """Return `github` and `runner`."""
    event = machine.event
    return {
        "github": {
            "event": event.payload,
            "event_name": event.name,
            "ref": event.ref,
            "ref_name": _ref_name(event.ref),
            "sha": event.sha,
            "base_ref": event.base,
            "head_ref": event.head,
            "repository": NAME,
            "workspace": str(machine.workspace),
        },
        "runner": {"os": "Linux", "arch": "X64", "temp": str(machine.temp)},
    }


def variables(machine: Machine, event_file: Path, action: Path | None) -> dict[str, str]:
    """Return what every script has in its environment, and nothing of who runs the tests.

    Args:
        machine: that the job runs on.
        event_file: where the event is written.
        action: the folder of the composite action whose script it is.
    """
    event = machine.event
    passed = {key: value for key, value in os.environ.items() if key.startswith(_PASSED)}
    return {
        **passed,
        "HOME": str(machine.home),
        "PATH": os.pathsep.join([*machine.paths, *_SYSTEM]),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(action or ""),
        "GITHUB_BASE_REF": event.base,
        "GITHUB_EVENT_NAME": event.name,
        "GITHUB_EVENT_PATH": str(event_file),
        "GITHUB_HEAD_REF": event.head,
        "GITHUB_REF": event.ref,
        "GITHUB_REF_NAME": _ref_name(event.ref),
        "GITHUB_REPOSITORY": NAME,
        "GITHUB_SHA": event.sha,
        "GITHUB_WORKSPACE": str(machine.workspace),
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_TEMP": str(machine.temp),
        **machine.environ,
    }


def of_needs(needs: Mapping[str, Any]) -> str:
    """Return the status with which a job begins."""
    results = {about["result"] for about in needs.values()}
    if "cancelled" in results:
        return "cancelled"
    return "success" if results <= {"success"} else "failure"


def _ref_name(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/")
