"""The DAG `model_promotion_pipeline`: moves `production` to the staged version, or back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from batch_prediction import serving
from feature_engineering import published
from mlops.failures import no_retry, skips
from mlops.notifier import WebhookNotifier
from promotion import aliases


@task(multiple_outputs=False)
@no_retry
@skips
def choose_candidate(run: str, source: str, target: str, rollback: str) -> dict[str, Any]:
    """Say which version is to get the alias; skip where there is none, or it has it."""
    return aliases.choose(run, source, target, rollback=rollback == "True")


@task(multiple_outputs=False)
@no_retry
@skips
def check_candidate(
    decision: dict[str, Any], table: str, min_accuracy: str, max_loss: str
) -> dict[str, Any]:
    """Have it predict; refuse one that is not good enough."""
    return aliases.check(decision, table, float(min_accuracy), float(max_loss))


@task(multiple_outputs=False)
@no_retry
def move_alias(decision: dict[str, Any], checked: dict[str, Any]) -> dict[str, Any]:
    """Move the alias in one step."""
    return aliases.move(decision, checked)


@task(multiple_outputs=False)
def send_notification(moved: dict[str, Any]) -> dict[str, Any]:
    """Log and post the promotion."""
    return aliases.notify(moved)


@dag(
    dag_id="model_promotion_pipeline",
    description="Moves `production` of iris-classifier to the staged version, or back.",
    doc_md="""\
### model_promotion_pipeline

Stages are aliases: the version that carries `staging` gets `production` too, if it loads, predicts
labelled rows with `min_accuracy`, and is at most `max_loss` less accurate than the version in
production on the same rows. All checks only read; the alias then moves in one request, last.
Whatever fails, and wherever a worker dies, `production` names the earlier version or the new one,
and running again ends what was begun. `DATA_ROOT/iris/promotions/<run>` holds `decision.json`, made
once, and `promotion.json`.

**To roll back**, trigger it with `{"rollback": true}`: `production` goes back to the version that
the present one has replaced (its tag `mlops.replaces.production`), if that has `min_accuracy`. A
rollback of a rollback goes back one version more; to go forward again, promote `staging` anew.

With nothing staged, or where the staged version is in production already, the run is skipped. Where
somebody else moves the alias between decision and move, the run fails and leaves it there.
""",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two promotions must not replace each other unseen
    tags=["ml", "promotion", "production"],
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "source_alias": Param(
            "staging",
            type="string",
            pattern=serving.ALIAS_PATTERN,
            description="Alias of the version to promote.",
        ),
        "target_alias": Param(
            "production",
            type="string",
            pattern=serving.ALIAS_PATTERN,
            description="Alias that it gets.",
        ),
        "rollback": Param(
            default=False,
            type="boolean",
            description="Go back to the version that the present one has replaced.",
        ),
        "table": Param(
            published.NEWEST,
            type="string",
            pattern=published.SOURCE_PATTERN,
            description=published.SOURCE_HELP,
        ),
        "min_accuracy": Param(
            0.85, type="number", minimum=0, maximum=1, description="Below it nothing is promoted."
        ),
        "max_loss": Param(
            0.0,
            type="number",
            minimum=0,
            maximum=1,
            description="How much less accurate than the present version it may be.",
        ),
    },
)
def model_promotion_pipeline() -> None:
    """Wire the four steps; params arrive as text and are cast by each task."""
    decision = choose_candidate(
        "{{ run_id }}",
        "{{ params.source_alias }}",
        "{{ params.target_alias }}",
        "{{ params.rollback }}",
    )
    checked = check_candidate(
        decision, "{{ params.table }}", "{{ params.min_accuracy }}", "{{ params.max_loss }}"
    )
    send_notification(move_alias(decision, checked))


model_promotion_pipeline()
