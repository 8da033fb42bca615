"""The steps of an A/B test: the two versions, McNemar's test on the same rows, the nomination."""

import logging
from typing import Any, Final

from batch_prediction import serving
from feature_engineering import published
from iris import data
from iris.model import REGISTERED
from mlops import environment, notifier, registry, storage, tracking
from mlops.failures import NothingToDoError, PermanentError

COMPONENT: Final = "iris-ab-test"
CHAMPION: Final = "champion"
CHALLENGER: Final = "challenger"
UNDECIDED: Final = "undecided"

_log = logging.getLogger(__name__)


def collect(run_id: str, source: str, champion: str, challenger: str) -> dict[str, Any]:
    """Name the two versions, and copy the labelled rows on which they are compared.

    Args:
        run_id: Airflow's.
        source: `features`, `sklearn` or an address.
        champion: alias or number of the version that has to be beaten.
        challenger: alias or number of the one that may beat it.

    Returns:
        `base` (address of the folder), `table` (address of the rows), `rows`, `champion`,
        `challenger` (as `serving.served` returns them).

    Raises:
        NothingToDoError: one of them is not there yet, both are the same version, there are no
            rows, or nothing has been published yet.
        PermanentError: the rows have no class, or there is no version of a given number.
        mlops.tracking.TrackingError: MLflow does not answer.
        mlops.storage.StorageError: the rows are not there, or DATA_ROOT cannot be written.
    """
    versions = {"champion": serving.served(champion), "challenger": serving.served(challenger)}
    if versions["champion"]["version"] == versions["challenger"]["version"]:
        raise NothingToDoError(
            f"`{champion}` and `{challenger}` are both {serving.label(versions['champion'])};"
            " there is nothing to compare."
        )
    base = storage.uri("iris", "ab-tests", storage.safe(run_id))
    address = data.extract(base, published.resolved(source))
    table = data.read_table(address)
    if not len(table):
        raise NothingToDoError(f"{source} has no rows; there is nothing to compare on.")
    if data.TARGET not in table.columns or table[data.TARGET].isna().any():
        raise PermanentError(
            f"{source} does not give every row a class in `{data.TARGET}`, without which nobody"
            " knows who is right; name labelled rows."
        )
    return {"base": base, "table": address, "rows": len(table), **versions}


def decide(
    only_champion: int, only_challenger: int, rows: int, alpha: float, min_rows: int
) -> dict[str, Any]:
    """Say which of two classifiers is better, by McNemar's exact test.

    Rows on which both are right, or both wrong, tell nothing; if the two were equally good, each
    would be the only one right on half of the others. `scipy.stats.binomtest` gives the
    probability of a split as uneven as this one.

    Args:
        only_champion: rows on which the champion alone is right.
        only_challenger: rows on which the challenger alone is right.
        rows: that were compared.
        alpha: the probability, 0-1, below which chance is ruled out.
        min_rows: with fewer rows nothing is decided.

    Returns:
        `verdict` (`champion`, `challenger` or `undecided`), `p_value` (0-1), `reason`, a sentence.
    """
    from scipy.stats import binomtest

    differing = only_champion + only_challenger
    p_value = float(binomtest(only_challenger, differing).pvalue) if differing else 1.0
    if rows < min_rows:
        verdict, reason = UNDECIDED, f"{rows} rows are fewer than min_rows {min_rows}."
    elif p_value >= alpha:
        verdict = UNDECIDED
        reason = f"The two differ on {differing} rows, which may be chance: p {p_value:.4g}."
    else:
        verdict = CHALLENGER if only_challenger > only_champion else CHAMPION
        reason = (
            f"Of {differing} rows on which they differ, the challenger is right on"
            f" {only_challenger}: p {p_value:.4g}."
        )
    return {"verdict": verdict, "p_value": p_value, "reason": reason}


def compare(collected: dict[str, Any], alpha: float, min_rows: int) -> dict[str, Any]:
    """Have both versions predict the same rows, and decide; `report.json` holds the decision.

    Args:
        collected: what `collect` returned.
        alpha: see `decide`.
        min_rows: see `decide`.

    Returns:
        What `decide` returns, `accuracy` of both (0-1), `rows`, `champion` and `challenger` (their
        versions), and `report`, its address.

    Raises:
        PermanentError: the rows do not fit a version, or a version is gone.
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    table = data.read_table(collected["table"])
    sides = {name: collected[name] for name in (CHAMPION, CHALLENGER)}
    settings = {f"{name}_version": model["version"] for name, model in sides.items()}
    required = environment.load().tracking_required
    with tracking.tracked_run(
        COMPONENT,
        required=required,
        run_name="compare_models",
        params={**settings, "alpha": alpha, "min_rows": min_rows, "rows": len(table)},
    ) as run:
        right = {
            name: serving.predict(model, table, collected["table"]) == table[data.TARGET].to_numpy()
            for name, model in sides.items()
        }
        decision = decide(
            int((right[CHAMPION] & ~right[CHALLENGER]).sum()),
            int((right[CHALLENGER] & ~right[CHAMPION]).sum()),
            len(table),
            alpha,
            min_rows,
        )
        accuracy = {name: float(hits.mean()) for name, hits in right.items()}
        if run is not None:
            with tracking.fail_soft(required=required):
                _log_decision(decision, accuracy)
        told = {
            **decision,
            "accuracy": accuracy,
            "rows": len(table),
            **{name: model["version"] for name, model in sides.items()},
        }
        report = storage.write_json(f"{collected['base']}/report.json", told)
    return {**told, "report": report}


def nominate(compared: dict[str, Any], alias: str) -> dict[str, Any]:
    """Give the challenger that has won the alias from which it can be promoted.

    Raises:
        NothingToDoError: it has not won; the alias stays where it is.
        mlops.tracking.TrackingError: MLflow does not answer, or the version is gone.
    """
    if compared["verdict"] != CHALLENGER:
        raise NothingToDoError(f"The challenger is not nominated. {compared['reason']}")
    registry.promote(REGISTERED, compared["challenger"], alias)
    return {"version": compared["challenger"], "alias": alias}


def notify(compared: dict[str, Any]) -> dict[str, Any]:
    """Log the decision, and post it to the webhook, where one is set."""
    names = ("verdict", "reason", "champion", "challenger", "report")
    summary = {name: compared[name] for name in names}
    _log.info("%s", " ".join(f"{name}={value}" for name, value in summary.items()))
    notifier.post({"state": "success", **summary})
    return summary


def _log_decision(decision: dict[str, Any], accuracy: dict[str, float]) -> None:
    import mlflow

    numbers = {f"{name}_accuracy": value for name, value in accuracy.items()}
    mlflow.log_metrics({**numbers, "p_value": decision["p_value"]})
    mlflow.set_tag("verdict", decision["verdict"])
