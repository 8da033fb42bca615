"""The runs and model versions of an MLflow server, by what they say.

Asked over MLflow's REST API, since importing MLflow costs seconds that nobody else pays.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dagproof.model import Environment, LoggedRun, LoggedVersion
from dagproof.services.mlflow_api import Api, ApiError, api, pages
from dagproof.services.snapshots.digests import Digests

MOST: Final = 5_000
"""Runs, logged models and versions that are looked at, of each."""

_PAGE: Final = 1_000
_PATIENCE: Final = 30.0
"""Seconds for each answer: a page of runs may be long."""

_MADE_UP: Final = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
_TOLD: Final = frozenset({"mlflow.note.content"})


@dataclass(frozen=True, slots=True)
class Logged:
    """What an MLflow server holds.

    Attributes:
        runs: oldest first, without those that are deleted.
        versions: sorted.
        ids: those that MLflow made up, of deleted runs as well.
        homes: the run, and a path in it, by the address of a folder of artifacts.
        roots: addresses of folders in which all is MLflow's.
    """

    runs: tuple[LoggedRun, ...] = ()
    versions: tuple[LoggedVersion, ...] = ()
    ids: frozenset[str] = frozenset()
    homes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    roots: tuple[str, ...] = ()


def logged(environment: Environment, cut: list[str]) -> Logged:
    """Return what a tracking server holds.

    Args:
        environment: of the services.
        cut: takes a sentence for each thing that is not looked at to its end.

    Raises:
        OSError: it does not answer.
    """
    return _Reader(replace(api(environment, os.environ), timeout=_PATIENCE), cut).read()


class _Reader:
    def __init__(self, server: Api, cut: list[str]) -> None:
        self._server = server
        self._cut = cut

    def read(self) -> Logged:
        everything = {"max_results": _PAGE, "view_type": "ALL"}
        experiments = list(self._pages("experiments/search", everything, "experiments"))
        names = {
            one["experiment_id"]: one["name"]
            for one in experiments
            if one.get("lifecycle_stage") != "deleted"
        }
        asked = {"experiment_ids": list(names), "max_results": _PAGE}
        runs = self._runs(asked) if names else []
        models = self._models(list(names)) if runs else []
        ids = {run["info"]["run_id"] for run in runs} | {one["info"]["model_id"] for one in models}
        digests = Digests()
        digests.learn(ids)
        homes = {run["info"]["artifact_uri"]: (run["info"]["run_id"], "") for run in runs}
        for one in models:
            info = one["info"]
            owner = info.get("source_run_id", "")
            homes[info["artifact_uri"]] = (owner, f"{info.get('name', 'model')}/")
        alive = [run for run in runs if run["info"].get("lifecycle_stage") != "deleted"]
        alive.sort(key=lambda run: int(run["info"].get("start_time", 0)))
        return Logged(
            tuple(_run(run, names, digests) for run in alive),
            tuple(self._versions(digests)),
            frozenset(ids),
            homes,
            tuple(one["artifact_location"].rstrip("/") + "/" for one in experiments),
        )

    def _runs(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        return list(self._pages("runs/search", {**asked, "run_view_type": "ALL"}, "runs"))

    def _models(self, experiments: Sequence[str]) -> list[dict[str, Any]]:
        asked = {"experiment_ids": experiments, "max_results": 50}
        try:
            return list(self._pages("logged-models/search", asked, "models"))
        except ApiError:  # a server before MLflow 3
            return []

    def _versions(self, digests: Digests) -> Iterator[LoggedVersion]:
        models = list(self._pages("registered-models/search", None, "registered_models"))
        if not models:
            return
        aliases: dict[tuple[str, str], list[str]] = {}
        for model in models:
            for alias in model.get("aliases", ()):
                aliases.setdefault((model["name"], alias["version"]), []).append(alias["alias"])
        found = self._pages("model-versions/search", None, "model_versions")
        for one in sorted(found, key=lambda one: (one["name"], int(one["version"]))):
            named = tuple(sorted(aliases.get((one["name"], one["version"]), ())))
            yield LoggedVersion(one["name"], one["version"], named, _tags(one, digests))

    def _pages(
        self, path: str, body: Mapping[str, Any] | None, name: str
    ) -> Iterator[dict[str, Any]]:
        method = "GET" if body is None else "POST"
        for number, one in enumerate(pages(self._server, path, name, body or {}, method), start=1):
            if number > MOST:
                what = name.replace("_", " ")
                self._cut.append(f"Of MLflow's {what} only {MOST} were compared.")
                return
            yield one


def _run(run: Mapping[str, Any], names: Mapping[str, str], digests: Digests) -> LoggedRun:
    info, data = run["info"], run.get("data", {})
    name = info.get("run_name", "")
    inputs = run.get("inputs", {}).get("dataset_inputs", ())
    return LoggedRun(
        run_id=info["run_id"],
        experiment=digests.plain(names[info["experiment_id"]]),
        name="" if _MADE_UP.fullmatch(name) else digests.plain(name),
        status=info["status"],
        params={key: digests.plain(value) for key, value in _pairs(data, "params")},
        metrics={key: float(value) for key, value in _pairs(data, "metrics")},
        tags=_tags(data, digests),
        datasets={one["dataset"]["name"]: one["dataset"].get("digest", "") for one in inputs},
    )


def _tags(data: Mapping[str, Any], digests: Digests) -> dict[str, str]:
    """Return tags without those that MLflow sets for itself."""
    return {
        key: digests.plain(value)
        for key, value in _pairs(data, "tags")
        if not key.startswith("mlflow.") or key in _TOLD
    }


def _pairs(data: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    for entry in data.get(name, ()):
        yield entry["key"], entry.get("value", "")
