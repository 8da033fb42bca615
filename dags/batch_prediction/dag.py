"""The DAG `batch_prediction_pipeline`: predicts a batch with the champion, and stores it whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from batch_prediction import predictions, serving
from feature_engineering import published
from mlops.failures import no_retry, skips
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
@skips
def load_batch(run: str, batch: str) -> dict[str, Any]:
    """Copy the batch into the folder of this run; skip where it is empty."""
    return predictions.load_batch(run, batch)


@task(multiple_outputs=False)
@no_retry
@skips
def resolve_champion(alias: str) -> dict[str, Any]:
    """Say which version the alias means; skip where it means none yet."""
    return serving.served(alias)


@task(multiple_outputs=False)
@no_retry
def predict_batch(batch: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Predict every row with that version, and store all predictions or none."""
    return predictions.predict(batch, model)


@task(multiple_outputs=False)
def send_notification(predicted: dict[str, Any]) -> dict[str, Any]:
    """Log and post the summary."""
    return predictions.notify(predicted)


@dag(
    dag_id="batch_prediction_pipeline",
    description="Predicts a batch with the champion, and stores the predictions whole.",
    doc_md="""\
### batch_prediction_pipeline

Writes to `DATA_ROOT/iris/predictions/<run>`: `raw.parquet`, the batch as it was;
`predictions.parquet`, a row for each of the batch; and last `predictions.json`, which says with
which version, and that all of it is there. `predict_batch` is one MLflow run (experiment
`iris-predictions`), resumed by a retry.

The alias is asked once, so that a promotion in the middle mixes no versions. With no champion, or
with an empty batch, the run is skipped and writes no predictions. A batch that lacks a column of
the model, or has holes, fails without a retry, and names the columns; so does a version that is
gone.
""",
    schedule="0 7 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    tags=["ml", "prediction", "production"],
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "batch": Param(
            published.NEWEST,
            type="string",
            pattern=published.SOURCE_PATTERN,
            description=published.SOURCE_HELP,
        ),
        "alias": Param(
            "champion",
            type="string",
            pattern=serving.ALIAS_PATTERN,
            description="Alias of the version of `iris-classifier` that predicts.",
        ),
    },
)
def batch_prediction_pipeline() -> None:
    """Wire the four steps."""
    batch = load_batch("{{ run_id }}", "{{ params.batch }}")
    model = resolve_champion("{{ params.alias }}")
    send_notification(predict_batch(batch, model))


batch_prediction_pipeline()
