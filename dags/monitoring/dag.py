"""The DAG `model_monitoring_pipeline`: measures drift, and has the model trained again for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from feature_engineering import published
from mlops.failures import no_retry, skips
from mlops.notifier import WebhookNotifier
from monitoring import watch


@task(multiple_outputs=False)
@no_retry
@skips
def collect_data(run: str, reference: str, current: str, min_rows: str) -> dict[str, Any]:
    """Find the rows to compare; skip where there is no champion, or too little to look at."""
    return watch.collect(run, reference, current, int(min_rows))


@task(multiple_outputs=False)
@no_retry
def measure_drift(
    collected: dict[str, Any], alpha: str, min_effect: str, min_share: str
) -> dict[str, Any]:
    """Test every feature, and report."""
    return watch.report(collected, float(alpha), float(min_effect), float(min_share))


@task.branch
def choose_way(reported: dict[str, Any]) -> str:
    """Go on to the retraining where drift has crossed the threshold."""
    return "plan_retraining" if reported["retrain"] else "send_notification"


@task(multiple_outputs=False)
@no_retry
@skips
def plan_retraining(collected: dict[str, Any], training_source: str) -> dict[str, Any]:
    """Say which run of the training is to begin."""
    return watch.plan(collected, training_source)


@task(multiple_outputs=False, trigger_rule="none_failed_min_one_success")
def send_notification(reported: dict[str, Any]) -> dict[str, Any]:
    """Log and post the summary, whichever way was gone."""
    return watch.notify(reported)


@dag(
    dag_id="model_monitoring_pipeline",
    description="Measures drift of the iris features, and triggers the training for it.",
    doc_md="""\
### model_monitoring_pipeline

Compares the rows of today with those that the champion learned from, which its MLflow run names.
A feature has drifted if its Kolmogorov-Smirnov p-value, adjusted for their number, is below
`alpha`, and its Wasserstein distance reaches `min_effect` spreads (standard deviations, or what
the interquartile range says of them if that is less). If `min_share` of the features have, by
default one of four, `retrain` triggers `ml_training_pipeline` on those rows, which replaces the
champion only if the new model passes its gate. `DATA_ROOT/iris/monitoring/<run>/report.json` and an
MLflow run (experiment `iris-monitoring`) hold the numbers.

Rows of the same distribution ask for a retraining in one run of 1,000 at most (`alpha`). From 100
rows on a shift of one spread in one feature, or twice the spread in all, is found nearly always,
half of it from 200 rows on.

The triggered run is called `drift__v<champion>__<digest of the rows>`: monitors that see the same
drift, at once or one after the other, ask for one retraining, and `retrain` is skipped where it
has begun. If it failed, clear it. With no champion, or fewer than `min_rows` rows, the run is
skipped; a table that lacks a feature fails without a retry.
""",
    schedule="0 6 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["ml", "monitoring", "production"],
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "reference": Param(
            watch.LEARNED,
            type="string",
            pattern=r"^(champion|features|sklearn|[a-z0-9]+://.+)$(?!\n)",
            description="`champion` for what it learned from, or a table as for `current`.",
        ),
        "current": Param(
            published.NEWEST,
            type="string",
            pattern=published.SOURCE_PATTERN,
            description=published.SOURCE_HELP,
        ),
        "training_source": Param(
            "current",
            type="string",
            pattern=r"^(current|features|sklearn|[a-z0-9]+://.+)$(?!\n)",
            description="What to learn from: the rows that have drifted, or another table.",
        ),
        "alpha": Param(
            0.001,
            type="number",
            minimum=1e-12,
            maximum=0.5,
            description="Adjusted p-value below which chance is ruled out.",
        ),
        "min_effect": Param(
            0.2,
            type="number",
            minimum=0,
            maximum=20,
            description="Shift, in spreads of the reference, from which on it matters.",
        ),
        "min_share": Param(
            0.25,
            type="number",
            minimum=0,
            maximum=1,
            description="Share of features that has to have drifted; any one of four is a quarter.",
        ),
        "min_rows": Param(
            50,
            type="integer",
            minimum=2,
            maximum=10_000_000,
            description="Fewest rows of which anything is said.",
        ),
    },
)
def model_monitoring_pipeline() -> None:
    """Wire the steps; params arrive as text and are cast by each task."""
    collected = collect_data(
        "{{ run_id }}",
        "{{ params.reference }}",
        "{{ params.current }}",
        "{{ params.min_rows | int }}",
    )
    reported = measure_drift(
        collected, "{{ params.alpha }}", "{{ params.min_effect }}", "{{ params.min_share }}"
    )
    way = choose_way(reported)
    planned = plan_retraining(collected, "{{ params.training_source }}")
    retrain = TriggerDagRunOperator(
        task_id="retrain",
        trigger_dag_id="ml_training_pipeline",
        trigger_run_id="{{ ti.xcom_pull(task_ids='plan_retraining')['run_id'] }}",
        conf={"source": "{{ ti.xcom_pull(task_ids='plan_retraining')['conf']['source'] }}"},
        skip_when_already_exists=True,
    )
    told = send_notification(reported)
    way >> [planned, told]
    planned >> retrain >> told


model_monitoring_pipeline()
