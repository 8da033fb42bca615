"""Compares the candidates with the champion, and promotes the best if it is better."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from mlops import registry, storage
from mlops.tracking import TrackingError, configured
from taxi.scoring import score
from taxi.train import model_name, read_cells

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

TWIN: Final = "without_holdout_uri"  # tag of a version: the same model, fit for comparison
BEATEN: Final = "beaten_rmse"  # tag of a version: that of the champion before it, if there was one

_log = logging.getLogger(__name__)


def register_best(
    candidates: Iterable[Mapping[str, Any]], months: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Register the best candidate as champion if it beats the one there is; save the run's id.

    Best is the lowest `validation_rmse`. The champion predicts the same held-out trips, by its twin
    that was fitted without the trips held out of its own months: one that had learned from them
    would look better than it is. A champion from elsewhere has no twin and predicts itself. Only a
    strictly better candidate becomes a version, so the same data twice make one.

    `DATA_ROOT/taxi/<colour>/run.json` then holds what is returned, for later DAGs.

    Args:
        candidates: what `train_candidate` returned, one for each.
        months: what `build_month_features` returned, one for each.

    Returns:
        `model_name`, `version`, `alias`, `run_id`, `candidate`, `promoted`: about the champion
        after this run; `best_candidate`, `best_run_id`, `validation_rmse`: about this run's best;
        `champion_rmse`: what it had to beat, None where there was no champion; `run_file`.

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer, or the champion cannot be loaded.
        mlops.storage.StorageError: DATA_ROOT is full, read-only or does not answer.
        ValueError: there is no candidate or no month.
    """
    best = min(candidates, key=lambda one: one["validation_rmse"])
    months = list(months)
    name = model_name(best["colour"])
    champion = registry.champion(name)
    # Ours: an earlier try of this task promoted it, or one before the DAG run was cleared.
    ours = champion is not None and champion.tags.get(registry.MODEL_URI) == best["model_uri"]
    to_beat = None
    if champion is not None and not ours:
        to_beat = _champion_rmse(champion, read_cells(months).filter("holdout"))
    elif champion is not None and BEATEN in champion.tags:
        to_beat = float(champion.tags[BEATEN])
    promoted = ours or to_beat is None or best["validation_rmse"] < to_beat
    if promoted and not ours:
        beaten = {} if to_beat is None else {BEATEN: repr(to_beat)}
        champion = registry.register(best["model_uri"], name, _tags(best, months) | beaten)
        registry.promote(name, champion.version)
    if champion is None:
        raise TrackingError(f"`{name}` has no champion although one was promoted; try again.")
    _log.info("Champion of %s is version %s, promoted: %s", name, champion.version, promoted)
    run_file = storage.uri("taxi", best["colour"], "run.json")
    saved = {
        "model_name": name,
        "version": str(champion.version),
        "alias": registry.CHAMPION,
        "run_id": best["run_id"] if promoted else champion.run_id,
        "candidate": best["candidate"] if promoted else champion.tags.get("candidate"),
        "promoted": promoted,
        "best_candidate": best["candidate"],
        "best_run_id": best["run_id"],
        "validation_rmse": best["validation_rmse"],
        "champion_rmse": to_beat,
        "run_file": run_file,
    }
    storage.write_json(run_file, saved)
    return saved


def _champion_rmse(champion: "ModelVersion", held_out: pl.DataFrame) -> float:
    """Return the champion's error on the held-out trips of this run, in minutes."""
    address = champion.tags.get(TWIN) or f"models:/{champion.name}/{champion.version}"
    with configured() as mlflow:
        try:
            return score(mlflow.pyfunc.load_model(address), held_out)
        except Exception as error:
            # Whatever keeps it from predicting, nobody may take its place unseen.
            reason = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
            raise TrackingError(
                f"Champion {champion.version} of `{champion.name}` cannot be scored from {address} "
                f"({reason}); mend it, or move the alias `{registry.CHAMPION}`."
            ) from error


def _tags(best: Mapping[str, Any], months: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a reader of the registry wants to know of a version."""
    return {
        "candidate": str(best["candidate"]),
        "months": ",".join(f"{month['year']}-{month['month']:02d}" for month in months),
        "validation_rmse": f"{best['validation_rmse']:.6f}",
        TWIN: str(best["without_holdout_uri"]),
    }
