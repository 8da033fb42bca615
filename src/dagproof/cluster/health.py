"""Whether Airflow, or a service, says that it is well: one question over HTTP."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

_PARTS: Final = {
    "metadatabase": "metadatabase",
    "scheduler": "scheduler",
    "dag_processor": "dag-processor",
    "triggerer": "triggerer",
}
HEALTHY: Final = "healthy"
NO_ANSWER: Final = "no answer"


def health(url: str, timeout: float = 5.0) -> dict[str, str]:
    """Return what the API server says of the parts of a deployment, by their names.

    Args:
        url: of the API server.
        timeout: in seconds.

    Returns:
        `healthy` or what else it says, for the API server itself too; that alone where it does
        not answer.
    """
    try:
        with _direct().open(f"{url}/api/v2/monitor/health", timeout=timeout) as answer:
            said = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):
        return {"api-server": NO_ANSWER}
    return {"api-server": HEALTHY, **_states(said)}


def _states(said: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str((said.get(key) or {}).get("status") or "not seen") for key, name in _PARTS.items()
    }


def service_state(url: str, timeout: float) -> str:
    """Return whether a service answers over HTTP: `healthy`, `no answer`, or `unhealthy`.

    Args:
        url: that it answers with something better than an error of its own.
        timeout: in seconds.
    """
    try:
        with _direct().open(url, timeout=timeout):
            return HEALTHY
    except urllib.error.HTTPError as error:
        with error:
            return HEALTHY if error.code < HTTPStatus.INTERNAL_SERVER_ERROR else "unhealthy"
    except (OSError, http.client.HTTPException):
        return NO_ANSWER


def _direct() -> urllib.request.OpenerDirector:
    """Return what asks past a proxy: what is asked runs on this machine."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_healthy(states: Mapping[str, str]) -> bool:
    """Say whether every part is well."""
    return set(states.values()) == {HEALTHY}
