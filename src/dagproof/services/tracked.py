"""What an MLflow server holds: the runs and the registered versions, for a summary.

Asked over MLflow's REST API, since importing MLflow costs seconds that a run without it never pays.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof.model import Environment, RegisteredVersion, TrackedRun, Tracking
from dagproof.services.mlflow_api import Api, api
from dagproof.services.mlflow_api import ask as _ask

_LIMIT: Final = 200


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
        server = api(environment, os.environ)
        return Tracking(tuple(_runs(server)), tuple(_versions(server)))
    except OSError:
        return Tracking()


def _runs(server: Api) -> Iterator[TrackedRun]:
    found = _ask(server, "experiments/search", {"max_results": _LIMIT}).get("experiments", [])
    names = {one["experiment_id"]: one["name"] for one in found}
    asked = {"experiment_ids": list(names), "max_results": _LIMIT}
    runs = _ask(server, "runs/search", asked).get("runs", []) if names else []
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


def _versions(server: Api) -> Iterator[RegisteredVersion]:
    models = _ask(server, "registered-models/search").get("registered_models", [])
    versions = _ask(server, "model-versions/search").get("model_versions", [])
    aliases: dict[tuple[str, str], list[str]] = {}
    for model in models:
        for alias in model.get("aliases", []):
            aliases.setdefault((model["name"], alias["version"]), []).append(alias["alias"])
    for found in sorted(versions, key=lambda version: (version["name"], int(version["version"]))):
        named = tuple(sorted(aliases.get((found["name"], found["version"]), ())))
        yield RegisteredVersion(found["name"], found["version"], named, found.get("run_id", ""))


def _pairs(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {entry["key"]: entry["value"] for entry in entries}
