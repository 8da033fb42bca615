"""The DAG `simple_mlflow_example`: one task, one MLflow run."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier
from mlops.operators import CheckMlflowOperator
from simple_mlflow_example import steps


@task(multiple_outputs=False)
@no_retry
def log_to_mlflow(rows: str) -> dict[str, Any]:
    """Process the rows and log how many."""
    return steps.log_to_mlflow(int(rows))


@dag(
    dag_id="simple_mlflow_example",
    description="Logs parameters, a metric and tags to MLflow.",
    doc_md="""\
### simple_mlflow_example

`check_mlflow` says in one sentence, within seconds, that MLflow cannot be used from here. Then
`log_to_mlflow` is one run `run_<run id>` in the experiment `simple_experiment`, with the parameters
`dag_id`, `run_id` and `rows`, the metric `rows_processed`, and the tags `environment` and `source`.
It writes nothing else. How long it took is what MLflow itself keeps: the start and end of the run.
""",
    schedule=None,
    catchup=False,
    tags=["mlflow", "example"],
    default_args={
        "owner": "ml-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "rows": Param(
            1000, type="integer", minimum=0, maximum=10_000_000, description="Rows to process."
        ),
    },
)
def simple_mlflow_example() -> None:
    """Check, then log."""
    check = CheckMlflowOperator(task_id="check_mlflow")
    check >> log_to_mlflow("{{ params.rows | int }}")


simple_mlflow_example()
