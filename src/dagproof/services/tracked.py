"""What an MLflow server holds: the runs and the registered versions, for a summary.

Asked over MLflow's REST API, since importing MLflow costs seconds that a run without it never pays.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof.model import Environment, RegisteredVersion, TrackedRun, Tracking

_LIMIT: Final = 200
_TIMEOUT: Final = 10.0


def tracking(environment: Environment) -> Tracking:
    """Read the newest runs, oldest first, and every registered version.

    Args:
        environment: of the services; without MLflow among them, or with one that does not answer
            any more, the result is empty.
    """
    address = environment.get("MLFLOW_TRACKING_URI", "")
    if not address.startswith(("http://", "https://")):
        return Tracking()
    try:
        return Tracking(tuple(_runs(address)), tuple(_versions(address)))
    except OSError:  # what urllib raises are kinds of it
        return Tracking()


def _ask(address: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    import urllib.request

    request = urllib.request.Request(  # noqa: S310 - http(s) was checked
        f"{address.rstrip('/')}/api/2.0/mlflow/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
        document: dict[str, Any] = json.load(answer)
    return document


def _runs(address: str) -> Iterator[TrackedRun]:
    found = _ask(address, "experiments/search", {"max_results": _LIMIT}).get("experiments", [])
    names = {one["experiment_id"]: one["name"] for one in found}
    asked = {"experiment_ids": list(names), "max_results": _LIMIT}
    runs = _ask(address, "runs/search", asked).get("runs", []) if names else []
    for run in sorted(runs, key=lambda run: int(run["info"]["start_time"])):
        info, data = run["info"], run["data"]
        tags = _pairs(data.get("tags", []))
        yield TrackedRun(
            info["run_id"],
            info.get("run_name", ""),
            names[info["experiment_id"]],
            info["status"],
            {name: float(value) for name, value in _pairs(data.get("metrics", [])).items()},
            {name: value for name, value in tags.items() if not name.startswith("mlflow.")},
        )


def _versions(address: str) -> Iterator[RegisteredVersion]:
    models = _ask(address, "registered-models/search").get("registered_models", [])
    versions = _ask(address, "model-versions/search").get("model_versions", [])
    aliases: dict[tuple[str, str], list[str]] = {}
    for model in models:
        for alias in model.get("aliases", []):
            aliases.setdefault((model["name"], alias["version"]), []).append(alias["alias"])
    for found in sorted(versions, key=lambda version: (version["name"], int(version["version"]))):
        named = tuple(sorted(aliases.get((found["name"], found["version"]), ())))
        yield RegisteredVersion(found["name"], found["version"], named, found.get("run_id", ""))


def _pairs(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {entry["key"]: entry["value"] for entry in entries}
