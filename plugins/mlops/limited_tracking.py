"""Logs what a step has measured as one MLflow run, in turn with all other workers."""

import logging
from collections.abc import Mapping

from mlops import names, rate_limit, tracking
from mlops.rate_limit import RateLimit
from mlops.storage import StorageError

_log = logging.getLogger(__name__)


def log_with_mlflow(
    component: str,
    metrics: Mapping[str, float],
    *,
    run_name: str | None = None,
    params: Mapping[str, object] | None = None,
    tags: Mapping[str, str] | None = None,
    required: bool = True,
    limit: RateLimit | str = rate_limit.MLFLOW,
) -> str | None:
    """Log numbers as the run of this task, once the rate limit lets it.

    One use is one call of the limit, though MLflow's client makes about ten requests of it. A task
    that is tried again takes up its run.

    Args:
        component: the experiment.
        metrics: finite numbers by name.
        run_name: by default the task's id.
        params: of the run.
        tags: beside those of `tracking.task_tags`.
        required: whether MLflow's absence fails the task, or is one warning.
        limit: whose turn to wait for.

    Returns:
        The run's id, or None when MLflow is absent and not required.

    Raises:
        ValueError: a metric is no finite number.
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
        mlops.storage.StorageError: the state of the limit cannot be reached, while MLflow is
            required.
    """
    wrong = [name for name, value in metrics.items() if not names.is_finite(value)]
    if wrong:
        raise ValueError(f"The metrics {', '.join(wrong)} are no finite numbers; leave them out.")
    try:
        with rate_limit.rate_limited(limit):
            pass  # a call counts from its start
    except StorageError as error:
        if required:
            raise
        _log.warning("The task goes on without tracking: %s", error)
        return None
    with tracking.tracked_run(
        component, required=required, run_name=run_name, params=params, tags=tags
    ) as run:
        if run is None:
            return None
        with tracking.fail_soft(required=required):
            import mlflow

            mlflow.log_metrics({name: float(value) for name, value in metrics.items()})
        return str(run.info.run_id)
