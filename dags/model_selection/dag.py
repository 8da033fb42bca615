"""`ml_model_selection`: trains two models side by side, and deploys the better one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def fetch_data(run: str, source: str) -> dict[str, Any]:
    """Copy the CSV to DATA_ROOT."""
    from model_selection.data import fetch

    return fetch(run, source)


@task(multiple_outputs=False)
@no_retry
def validate_data(fetched: dict[str, Any], target: str) -> dict[str, Any]:
    """Refuse a table that no model can learn from, and split it."""
    from model_selection.data import validate

    return validate(fetched, target)


@task(multiple_outputs=False)
def train_model(candidate: str, data: dict[str, Any], random_state: str) -> dict[str, Any]:
    """Fit one candidate and log it."""
    from model_selection.candidates import train

    return train(candidate, data, int(random_state))


@task(multiple_outputs=False)
@no_retry
def compare_models(trained: list[dict[str, Any]], data: dict[str, Any]) -> dict[str, Any]:
    """Choose the better candidate, and hold it against the champion."""
    from model_selection.selection import compare

    return compare(trained, data)


@task(multiple_outputs=False)
@no_retry
def deploy_model(compared: dict[str, Any]) -> dict[str, Any]:
    """Move the alias `champion`, if the champion is beaten."""
    from model_selection.selection import deploy

    return deploy(compared)


@task(multiple_outputs=False)
def send_notification(compared: dict[str, Any], deployed: dict[str, Any]) -> dict[str, Any]:
    """Log and post how it ended."""
    from model_selection.selection import notify

    return notify(compared, deployed)


@dag(
    dag_id="ml_model_selection",
    description="Trains two classifiers on a CSV side by side, and deploys the better one.",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs must not compare themselves with the same champion
    default_args={
        "owner": "ml-team",
        "depends_on_past": False,
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "source": Param(
            "sklearn",
            type="string",
            pattern=r"^(sklearn|[a-z0-9]+://.+)$(?!\n)",
            description="`sklearn` for the bundled table of tumours, or the address of a CSV.",
        ),
        "target": Param("target", type="string", minLength=1, description="The column to predict."),
        "random_state": Param(
            42, type="integer", minimum=0, maximum=2**32 - 1, description="Seed of all chance."
        ),
    },
    tags=["ml", "training", "exercise"],
)
def ml_model_selection() -> None:
    """### Which of two models is better, and better than the champion?

    `fetch_data` → `validate_data` → `train_model` (a logistic regression beside a random forest) →
    `compare_models` → `deploy_model` → `send_notification`.

    All columns but `target` are features, and must be numbers. One row of five, chosen by its
    content, judges: no model that this DAG made has ever learned from it. The better candidate (of
    equals the simpler) becomes a version of `model-selection` with the alias `champion` only if it
    is strictly better than the champion on the same rows; otherwise nothing changes, and the
    notification says so (`promoted`).

    Data lie under `DATA_ROOT/model_selection/<run>`: `raw.csv`, `train.parquet`, `test.parquet`,
    `comparison.json`. Each training is one run of the MLflow experiment `model-selection`, resumed
    by a retry.
    """
    data = validate_data(fetch_data("{{ run_id }}", "{{ params.source }}"), "{{ params.target }}")
    trained = train_model.partial(data=data, random_state="{{ params.random_state | int }}").expand(
        candidate=["logistic", "forest"]
    )
    compared = compare_models(trained, data)
    send_notification(compared, deploy_model(compared))


ml_model_selection()
