"""`homework3-dag`: homework 3 of the MLOps Zoomcamp, yellow taxis by linear regression."""

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Param, dag, task

from taxi import plan
from taxi.tasks import DEFAULT_ARGS, prepare


@task(multiple_outputs=False)
def train_model(months: list[dict[str, Any]]) -> dict[str, Any]:
    """Fit on all months and log the model with its intercept."""
    from homework3.model import train

    return train(months)


@task(multiple_outputs=False)
def register_model(trained: dict[str, Any]) -> dict[str, Any]:
    """Register the model under the months that it was trained on."""
    from homework3.model import NAME
    from taxi.trained import register

    name, alias = f"{NAME}-{trained['colour']}", f"trained-{trained['trained_on']}"
    told = ["trained_on", "intercept", "rmse"]
    registered: dict[str, Any] = register(trained, name, alias, told)
    return registered


@dag(
    dag_id="homework3-dag",
    description="Homework 3: yellow taxis, one-hot zones, linear regression, registered.",
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
            description="Of the first month.",
        ),
        "month": Param(3, type="integer", minimum=1, maximum=12, description="The first month."),
        "months": Param(
            1, type="integer", minimum=1, maximum=60, description="How many months to learn from."
        ),
        "colour": Param(
            "yellow", type="string", enum=["yellow", "green"], description="Which taxis."
        ),
    },
    tags=["taxi", "mlflow", "homework"],
)
def homework3() -> None:
    """### Which intercept has the linear regression of homework 3?

    Yellow taxis of March 2023, by default: trips of 1 to 60 minutes, both zones one-hot, linear
    regression. The task `train_model` returns the `intercept`, and logs it with `rmse`, `trips` and
    the model to the MLflow experiment `nyc-taxi-experiment`; the model becomes a version of
    `nyc-taxi-homework3-<colour>` with the alias `trained-<month>`. The same trips give the same
    model, which is registered once.

    Months are downloaded, validated and reduced to exact sums as in `mlops_taxi_dag`, to the same
    places under `DATA_ROOT/taxi`, so that any number of months fits into memory.

    `TAXI_SOURCE`, `DATA_ROOT`, `MLFLOW_TRACKING_URI` and the XCom backend are set as for
    `mlops_taxi_dag`.
    """
    plan_months = PythonOperator(
        task_id="plan_months",
        python_callable=plan.plan_months,
        op_kwargs={
            "year": "{{ params.year | int }}",
            "month": "{{ params.month | int }}",
            "months": "{{ params.months | int }}",
            "colour": "{{ params.colour }}",
        },
    )
    register_model(train_model(prepare(plan_months.output)))


homework3()
