"""Compares the latest finished runs of one MLflow experiment by one metric."""

import math
from typing import TYPE_CHECKING, Any

from mlops import storage, tracking

if TYPE_CHECKING:
    from mlflow.entities import Run

NO_EXPERIMENT = "no_experiment"
DELETED_EXPERIMENT = "deleted_experiment"
NO_RUNS = "no_runs"
NO_METRIC = "no_metric"
COMPARED = "compared"


def compare(
    run: str, experiment: str, metric: str, runs: int, *, higher_is_better: bool
) -> dict[str, Any]:
    """Compare, and keep what was compared as `DATA_ROOT/compare_experiments/<run>/comparison.json`.

    Args:
        run: Airflow's run id.
        experiment: its name.
        metric: the name of the metric.
        runs: how many of the latest finished runs to look at.
        higher_is_better: whether the largest value is the best, or the smallest.

    Returns:
        `state`: `compared`, or else `no_experiment`, `deleted_experiment`, `no_runs` (none has
        finished) or `no_metric` (none of the latest has a finite value of it); `best_run_id` and
        `best`, None in the latter four; `compared`, how many runs had the metric; `report`, the
        address.
        Of equal values that of the earliest run is the best.

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer.
    """
    state, latest = _latest(experiment, runs)
    values = [(one, one.data.metrics[metric]) for one in latest if metric in one.data.metrics]
    values = [(one, value) for one, value in values if math.isfinite(value)]
    best: tuple[Run, float] | None = None
    if values:
        state = COMPARED
        sign = -1 if higher_is_better else 1
        best = min(values, key=lambda pair: (sign * pair[1], pair[0].info.start_time))
    elif latest:
        state = NO_METRIC
    found = {
        "state": state,
        "best_run_id": best[0].info.run_id if best else None,
        "best": best[1] if best else None,
        "compared": len(values),
    }
    report = storage.write_json(
        storage.uri("compare_experiments", storage.safe(run), "comparison.json"),
        {
            **found,
            "experiment": experiment,
            "metric": metric,
            "runs": [
                {"run_id": one.info.run_id, "name": one.info.run_name, metric: value}
                for one, value in values
            ],
        },
    )
    return {**found, "report": report}


def is_true(told: object) -> bool:
    """Read a boolean as it comes out of a template."""
    return str(told).strip().lower() == "true"


def _latest(experiment: str, runs: int) -> tuple[str, "list[Run]"]:
    """Return the latest finished runs, and the state if there are none."""
    with tracking.configured() as mlflow:
        client = mlflow.MlflowClient()
        known = client.get_experiment_by_name(experiment)
        if known is None:
            return NO_EXPERIMENT, []
        if known.lifecycle_stage != "active":
            return DELETED_EXPERIMENT, []
        found = client.search_runs(
            [known.experiment_id],
            "attributes.status = 'FINISHED'",
            max_results=runs,
            order_by=["attributes.start_time DESC"],
        )
        return NO_RUNS, list(found)
