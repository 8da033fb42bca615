"""The DAG `etl_quality_tracking`: transforms orders chunk by chunk, and tracks their quality."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from etl_quality import extract, transform
from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def plan_chunks(run: str, source: str, rows: str, chunks: str, seed: str) -> list[dict[str, Any]]:
    """Copy the source, and cut it into chunks."""
    return extract.plan_chunks(run, source, int(rows), int(chunks), int(seed))


@task(multiple_outputs=False)
@no_retry
def transform_and_track(chunk: dict[str, Any], mlflow_enable: str) -> dict[str, Any]:
    """Transform one chunk, and log its quality."""
    wanted = transform.tracking_wanted(mlflow_enable)
    return transform.transform_and_track(chunk, mlflow_enable=wanted)


@task(multiple_outputs=False)
@no_retry
def report_quality(run: str, chunks: list[dict[str, Any]], max_null_rate: str) -> dict[str, Any]:
    """Add the chunks up; lost rows or too many nulls end the pipeline here."""
    return transform.report(run, list(chunks), float(max_null_rate))


@dag(
    dag_id="etl_quality_tracking",
    description="Transforms orders chunk by chunk and tracks rows, nulls and checksums.",
    doc_md="""\
### etl_quality_tracking

`plan_chunks` copies the orders to `DATA_ROOT/etl_quality/<run>/orders.parquet` and cuts them;
`transform_and_track`, one mapped task for each chunk, writes `chunk-<number>.parquet` and, with
`mlflow_enable`, logs one MLflow run (experiment `etl_quality_tracking`) with `rows_processed`,
`null_rate` and `checksum`; `report_quality` writes `quality.json` and refuses lost rows, and more
nulls than `max_null_rate`.

Tracking is fail-soft: without MLflow each chunk warns and goes on. All workers together make at
most 20 such calls a minute (`DATA_ROOT/rate_limit/mlflow_api.json`; `RATE_LIMIT_MLFLOW_API=50/60`
allows more); a task waits for its turn.
""",
    schedule=None,
    catchup=False,
    tags=["etl", "mlflow", "quality"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "source": Param(
            extract.MADE,
            type="string",
            pattern=r"^(generated|[a-z0-9]+://.+)$(?!\n)",
            description="`generated`, or the address of a .csv or .parquet of orders.",
        ),
        "rows": Param(
            2000,
            type="integer",
            minimum=1,
            maximum=5_000_000,
            description="Orders to make, where they are generated.",
        ),
        "chunks": Param(
            4, type="integer", minimum=1, maximum=100, description="Mapped tasks, one run each."
        ),
        "seed": Param(
            42, type="integer", minimum=0, maximum=2**32 - 1, description="Seed of all chance."
        ),
        "mlflow_enable": Param(
            default=True, type="boolean", description="Whether to log to MLflow."
        ),
        "max_null_rate": Param(
            0.1, type="number", minimum=0, maximum=1, description="Above it the run fails."
        ),
    },
)
def etl_quality_tracking() -> None:
    """Wire the steps; params arrive as text and are cast by each task."""
    chunks = plan_chunks(
        "{{ run_id }}",
        "{{ params.source }}",
        "{{ params.rows | int }}",
        "{{ params.chunks | int }}",
        "{{ params.seed | int }}",
    )
    done = transform_and_track.partial(mlflow_enable="{{ params.mlflow_enable }}").expand(
        chunk=chunks
    )
    report_quality("{{ run_id }}", done, "{{ params.max_null_rate }}")


etl_quality_tracking()
