"""`orchestrated-duration-prediction-dag`: trains on one month of trips, validates on the next."""

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Param, dag, task

from mlops.failures import no_retry
from taxi import plan
from taxi.tasks import DEFAULT_ARGS, prepare


@task(multiple_outputs=False)
@no_retry
def train_model(months: list[dict[str, Any]]) -> dict[str, Any]:
    """Fit on the first month, score on the second, log to MLflow."""
    from duration_prediction.model import train

    return train(months)


@task(multiple_outputs=False)
def register_model(trained: dict[str, Any]) -> dict[str, Any]:
    """Register the model under the month that it was trained on."""
    from taxi.trained import register

    told = ["trained_on", "validated_on", "rmse"]
    name = f"nyc-taxi-duration-{trained['colour']}"
    registered: dict[str, Any] = register(trained, name, f"trained-{trained['trained_on']}", told)
    return registered


@dag(
    dag_id="orchestrated-duration-prediction-dag",
    description="Trains boosted trees on one month of taxi trips and validates them on the next.",
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs of one month would both register its model
    default_args=DEFAULT_ARGS,
    params={
        "year": Param(
            2023,
            type="integer",
            minimum=plan.FIRST_YEAR,
            maximum=2100,
            description="Of the month to train on; the next month validates.",
        ),
        "month": Param(
            1, type="integer", minimum=1, maximum=12, description="The month to train on."
        ),
        "colour": Param(
            "green", type="string", enum=["green", "yellow"], description="Which taxis."
        ),
    },
    tags=["taxi", "mlflow"],
)
def orchestrated_duration_prediction() -> None:
    """### How good is the model of one month in the next?

    Trigger it with `{"year": 2023, "month": 1}`: gradient-boosted trees learn from January, and
    `rmse` (minutes) is their error on all trips of February.

    Months are downloaded, validated and reduced as in `mlops_taxi_dag`, to the same places under
    `DATA_ROOT/taxi`. The run goes to the MLflow experiment `nyc-taxi-experiment`, the model becomes
    a version of `nyc-taxi-duration-<colour>` with the alias `trained-<month>`. The same trips give
    the same model, which is registered once.

    `TAXI_SOURCE`, `DATA_ROOT`, `MLFLOW_TRACKING_URI` and the XCom backend are set as for
    `mlops_taxi_dag`.
    """
    plan_months = PythonOperator(
        task_id="plan_months",
        python_callable=plan.plan_months,
        op_kwargs={
            "year": "{{ params.year | int }}",
            "month": "{{ params.month | int }}",
            "months": "2",
            "colour": "{{ params.colour }}",
        },
    )
    register_model(train_model(prepare(plan_months.output)))


orchestrated_duration_prediction()
