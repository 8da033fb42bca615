"""The DAG `ab_test_pipeline`: compares champion and challenger on the same rows, with a test."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from ab_test import comparison
from batch_prediction import serving
from feature_engineering import published
from mlops.failures import no_retry, skips
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
@skips
def collect_models(run: str, table: str, champion: str, challenger: str) -> dict[str, Any]:
    """Name the two versions and copy the rows; skip where there is nothing to compare."""
    return comparison.collect(run, table, champion, challenger)


@task(multiple_outputs=False)
@no_retry
def compare_models(collected: dict[str, Any], alpha: str, min_rows: str) -> dict[str, Any]:
    """Predict with both, and decide by McNemar's test."""
    return comparison.compare(collected, float(alpha), int(min_rows))


@task(multiple_outputs=False)
@no_retry
@skips
def nominate_winner(compared: dict[str, Any], alias: str) -> dict[str, Any]:
    """Give a challenger that has won the alias; skip where it has not."""
    return comparison.nominate(compared, alias)


@task(multiple_outputs=False)
def send_notification(compared: dict[str, Any]) -> dict[str, Any]:
    """Log and post the decision."""
    return comparison.notify(compared)


@dag(
    dag_id="ab_test_pipeline",
    description="Compares champion and challenger on the same rows, and nominates a clear winner.",
    doc_md="""\
### ab_test_pipeline

Two versions of `iris-classifier`, each by alias or number, predict the same labelled rows.
McNemar's exact test (`scipy.stats.binomtest` on the rows where only one of them is right) says
whether the difference may be chance; below `min_rows` rows nothing is decided. `report.json` in
`DATA_ROOT/iris/ab-tests/<run>` holds the verdict, `challenger`, `champion` or `undecided`, and
`compare_models` is one MLflow run (experiment `iris-ab-test`).

Only a challenger that has won gets the alias `staging`, in one step and last;
`model_promotion_pipeline` takes it from there. The champion's alias is never touched. With no
champion or challenger, or no rows, the run is skipped. Rows that one of the two was trained on
favour it: give rows that neither has seen.
""",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two tests must not nominate across each other
    tags=["ml", "ab-test"],
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "table": Param(
            published.NEWEST,
            type="string",
            pattern=published.SOURCE_PATTERN,
            description=published.SOURCE_HELP,
        ),
        "champion": Param(
            "champion",
            type="string",
            pattern=serving.REFERENCE_PATTERN,
            description="Alias or number of the version to beat.",
        ),
        "challenger": Param(
            "challenger",
            type="string",
            pattern=serving.REFERENCE_PATTERN,
            description="Alias or number of the version that may beat it.",
        ),
        "alpha": Param(
            0.05,
            type="number",
            minimum=1e-6,
            maximum=0.5,
            description="Probability below which chance is ruled out.",
        ),
        "min_rows": Param(
            100,
            type="integer",
            minimum=1,
            maximum=10_000_000,
            description="Fewest rows on which anything is decided.",
        ),
        "nominee_alias": Param(
            "staging",
            type="string",
            pattern=serving.ALIAS_PATTERN,
            description="Alias that a challenger gets that has won.",
        ),
    },
)
def ab_test_pipeline() -> None:
    """Wire the four steps; params arrive as text and are cast by each task."""
    collected = collect_models(
        "{{ run_id }}",
        "{{ params.table }}",
        "{{ params.champion }}",
        "{{ params.challenger }}",
    )
    compared = compare_models(collected, "{{ params.alpha }}", "{{ params.min_rows | int }}")
    nominate_winner(compared, "{{ params.nominee_alias }}")
    send_notification(compared)


ab_test_pipeline()
