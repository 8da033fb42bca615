"""The DAG `etl_feature_engineering`: extracts, cleans, derives and publishes features of iris."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from feature_engineering import features
from iris import data
from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def create_directories(run: str) -> str:
    """Claim the folder of this run."""
    return features.claim(run)


@task(multiple_outputs=False)
@no_retry
def extract_data(base: str, source: str) -> str:
    """Copy the source table into the folder, as it is."""
    return data.extract(base, source)


@task(multiple_outputs=False)
@no_retry
def clean_data(base: str, raw: str, max_invalid: str) -> dict[str, Any]:
    """Leave out what is no measurement, or there twice; refuse a table with too much of it."""
    return features.clean(base, raw, float(max_invalid))


@task(multiple_outputs=False)
@no_retry
def build_features(base: str, cleaned: dict[str, Any]) -> str:
    """Add the derived columns."""
    return features.build(base, cleaned)


@task(multiple_outputs=False)
@no_retry
def publish_features(built: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Put the table where readers look, and point at it."""
    return features.publish(built, cleaned)


@task(multiple_outputs=False)
def send_notification(published: dict[str, Any]) -> dict[str, Any]:
    """Log and post the summary."""
    return features.notify(published)


@dag(
    dag_id="etl_feature_engineering",
    description="Extracts, cleans, derives and publishes the features of iris.",
    doc_md="""\
### etl_feature_engineering

Works in `DATA_ROOT/iris/etl/<run>`, and publishes `features.parquet` in
`DATA_ROOT/iris/features/<digest>`: the four measures, their areas and ratios, and the class as
`target`. The name is made of the content, and `DATA_ROOT/iris/features/current.json` names the
newest, written last and in one step: readers see the earlier table or the whole new one. A table
with missing columns, with more unusable rows than `max_invalid`, or with fewer than 100 usable ones
is refused, and the earlier one stays.

`ml_training_pipeline` learns from it with `{"source": "<address>"}`; the DAGs that monitor,
predict, compare and promote read it as `features`.
""",
    schedule="0 1 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # the last to publish must be the last that began
    tags=["ml", "etl", "features"],
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "source": Param(
            data.BUNDLED,
            type="string",
            pattern=r"^(sklearn|[a-z0-9]+://.+)$(?!\n)",
            description="`sklearn` for the bundled table, or the address of a .csv or .parquet.",
        ),
        "max_invalid": Param(
            0.05, type="number", minimum=0, maximum=1, description="Share of unusable rows allowed."
        ),
    },
)
def etl_feature_engineering() -> None:
    """Wire the six steps; params arrive as text and are cast by each task."""
    base = create_directories("{{ run_id }}")
    raw = extract_data(base, "{{ params.source }}")
    cleaned = clean_data(base, raw, "{{ params.max_invalid }}")
    send_notification(publish_features(build_features(base, cleaned), cleaned))


etl_feature_engineering()
