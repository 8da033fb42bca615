"""Whether Airflow says that it is well: one question over HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

_PARTS: Final = {
    "metadatabase": "metadatabase",
    "scheduler": "scheduler",
    "dag_processor": "dag-processor",
    "triggerer": "triggerer",
}
_HEALTHY: Final = "healthy"


def health(url: str, timeout: float = 5.0) -> dict[str, str]:
    """Return what the API server says of the parts of a deployment, by their names.

    Args:
        url: of the API server.
        timeout: in seconds.

    Returns:
        `healthy` or what else it says, for the API server itself too; that alone where it does
        not answer.
    """
    # Past a proxy: what is asked runs on this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/api/v2/monitor/health", timeout=timeout) as answer:
            said = json.load(answer)
    except (OSError, ValueError):
        return {"api-server": "no answer"}
    return {"api-server": _HEALTHY, **_states(said)}


def _states(said: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str((said.get(key) or {}).get("status") or "not seen") for key, name in _PARTS.items()
    }


def is_healthy(states: Mapping[str, str]) -> bool:
    """Say whether every part is well."""
    return set(states.values()) == {_HEALTHY}
