"""The tasks that DAGs of taxi trips share, and how they are wired behind a plan of months."""

from datetime import timedelta
from typing import Any, Final

from airflow.sdk import task

from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier

DEFAULT_ARGS: Final[dict[str, Any]] = {
    "owner": "ml-platform",
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "on_failure_callback": WebhookNotifier(),
}


def prepare(planned: Any) -> Any:
    """Wire `download` → `validate` → `build_features`, mapped over months.

    Args:
        planned: the output of a task that returns what `taxi.plan.plan_months` does.

    Returns:
        The output of `build_features`, one for each month, in order.
    """
    return build_features.expand(valid=validate.expand(raw=download.expand(trip_month=planned)))


def learn(planned: Any) -> None:
    """Wire the steps from planned months to the champion; both DAGs that learn from trips do so.

    Args:
        planned: as for `prepare`.
    """
    months = prepare(planned)
    trained = train_and_log_model.partial(months=months).expand(candidate=["linear", "boosted"])
    register_best_model(trained, months)


@task(multiple_outputs=False)
@no_retry
def download(trip_month: dict[str, Any]) -> dict[str, Any]:
    """Bring a month to DATA_ROOT."""
    from taxi.download import download_month

    return download_month(**trip_month)


@task(multiple_outputs=False)
@no_retry
def validate(raw: dict[str, Any]) -> dict[str, Any]:
    """Refuse a month that nothing can be learned from."""
    from taxi.validate import validate_month

    return validate_month(raw)


@task(multiple_outputs=False)
@no_retry
def build_features(valid: dict[str, Any]) -> dict[str, Any]:
    """Reduce a month to its sums."""
    from taxi.features import build_month_features

    return build_month_features(valid)


@task(multiple_outputs=False)
def train_and_log_model(candidate: str, months: list[dict[str, Any]]) -> dict[str, Any]:
    """Fit one candidate on all months and log it."""
    from taxi.train import train_candidate

    return train_candidate(candidate, months)


@task(multiple_outputs=False)
def register_best_model(
    candidates: list[dict[str, Any]], months: list[dict[str, Any]]
) -> dict[str, Any]:
    """Promote the best candidate, if it beats the champion."""
    from taxi.register import register_best

    return register_best(candidates, months)
