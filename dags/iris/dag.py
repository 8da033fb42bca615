"""The DAG `ml_training_pipeline`: trains, gates, deploys and announces an iris classifier."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from iris import data, model
from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def create_directories(run: str) -> str:
    """Claim the folder of this run."""
    return data.create_directories(run)


@task(multiple_outputs=False)
@no_retry
def extract_data(base: str, source: str) -> str:
    """Copy the source table into the folder."""
    return data.extract(base, source)


@task(multiple_outputs=False)
@no_retry
def validate_data(raw: str) -> str:
    """Refuse a table with missing values, columns or rows."""
    return data.validate(raw)


@task(multiple_outputs=False)
@no_retry
def preprocess_data(base: str, raw: str, test_size: str, random_state: str) -> dict[str, str]:
    """Split into training and test rows."""
    return data.preprocess(base, raw, float(test_size), int(random_state))


@task(multiple_outputs=False)
@no_retry
def train_model(
    base: str, split: dict[str, str], n_estimators: str, max_depth: str, random_state: str
) -> dict[str, Any]:
    """Fit the forest and log it to MLflow."""
    return model.train(base, split, int(n_estimators), int(max_depth), int(random_state))


@task(multiple_outputs=False)
@no_retry
def evaluate_model(
    base: str, split: dict[str, str], trained: dict[str, Any], min_accuracy: str
) -> dict[str, Any]:
    """Measure on the test rows; below the gate the pipeline ends here."""
    return model.evaluate(base, split, trained, float(min_accuracy))


@task(multiple_outputs=False)
@no_retry
def deploy_model(base: str, trained: dict[str, Any], evaluated: dict[str, Any]) -> dict[str, Any]:
    """Register the model, put its file in production, move the alias `champion`."""
    return model.deploy(base, trained, evaluated)


@task(multiple_outputs=False)
@no_retry
def send_notification(
    trained: dict[str, Any], evaluated: dict[str, Any], deployed: dict[str, Any]
) -> dict[str, Any]:
    """Log and post the summary."""
    return model.notify(trained, evaluated, deployed)


@dag(
    dag_id="ml_training_pipeline",
    description="Trains, gates, deploys and announces an iris classifier.",
    doc_md="""\
### ml_training_pipeline

Data go by reference under `DATA_ROOT/iris/<run>`. `train_model` and `evaluate_model` are one
MLflow run each (experiment `iris`), resumed by a retry. Below `min_accuracy` the pipeline ends
without a retry and the production model stays; otherwise `deploy_model` writes
`DATA_ROOT/iris/production/v<version>/model.skops`, points `current.json` at it, and moves the
alias `champion` of `iris-classifier`.
""",
    schedule="0 2 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs must not deploy across each other
    tags=["ml", "training", "production"],
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
        "test_size": Param(
            0.2, type="number", minimum=0.05, maximum=0.5, description="Share of test rows."
        ),
        "random_state": Param(
            42, type="integer", minimum=0, maximum=2**32 - 1, description="Seed of all chance."
        ),
        "n_estimators": Param(
            100, type="integer", minimum=1, maximum=1000, description="Trees in the forest."
        ),
        "max_depth": Param(
            5, type="integer", minimum=1, maximum=64, description="Levels of each tree."
        ),
        "min_accuracy": Param(
            0.85, type="number", minimum=0, maximum=1, description="Below it nothing is deployed."
        ),
    },
)
def ml_training_pipeline() -> None:
    """Wire the eight steps; params arrive as text and are cast by each task."""
    base = create_directories("{{ run_id }}")
    raw = extract_data(base, "{{ params.source }}")
    split = preprocess_data(
        base, validate_data(raw), "{{ params.test_size }}", "{{ params.random_state | int }}"
    )
    trained = train_model(
        base,
        split,
        "{{ params.n_estimators | int }}",
        "{{ params.max_depth | int }}",
        "{{ params.random_state | int }}",
    )
    evaluated = evaluate_model(base, split, trained, "{{ params.min_accuracy }}")
    deployed = deploy_model(base, trained, evaluated)
    send_notification(trained, evaluated, deployed)


ml_training_pipeline()
