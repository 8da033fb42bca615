"""`mlops_taxi_dag`: learns how long a taxi trip takes, and promotes the best model."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Param, dag, task

from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier
from taxi import plan

# Outside a schedule Airflow 3 may know no logical date; a run always knows when it may start.
FROM_DATE = "(dag_run.logical_date or dag_run.run_after)"


@dag(
    dag_id="mlops_taxi_dag",
    schedule=None,
    catchup=False,
    max_active_runs=1,  # two runs must not compare themselves with the same champion
    default_args={
        "owner": "ml-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "year": Param(None, type=["null", "integer"], minimum=2009, maximum=2100),
        "month": Param(None, type=["null", "integer"], minimum=1, maximum=12),
        "months": Param(1, type="integer", minimum=1, maximum=60),
        "colour": Param("green", type="string", enum=["green", "yellow"]),
    },
    tags=["taxi", "mlflow"],
)
def mlops_taxi_dag() -> None:
    """### How long will this taxi trip take?

    Trigger it with `{"year": 2023, "month": 1}`. Without them, year and month are those of the
    logical date. `months` is how many consecutive months to learn from, `colour` which taxis.
    For a run each month, set `schedule="@monthly"`; the TLC publishes about two months late.

    A linear model and boosted trees are trained on the trips of 1 to 60 minutes. The better one
    becomes `champion` of `taxi-duration-<colour>` if it beats the champion there is, and
    `DATA_ROOT/taxi/<colour>/run.json` says which run that was.

    | set in the environment | for |
    |---|---|
    | `TAXI_SOURCE` | where months come from; `{colour}`, `{year}`, `{month:02d}` are filled in |
    | `DATA_ROOT` | where data go, `file://` or `s3://` |
    | `MLFLOW_TRACKING_URI` | where runs and models go |
    | `AIRFLOW__CORE__XCOM_BACKEND` | `mlops.xcom_backend.SparseMatrixXComBackend` |
    """

    @task(multiple_outputs=False)
    @no_retry
    def download(trip_month: dict[str, Any]) -> dict[str, Any]:
        from taxi.download import download_month

        return download_month(**trip_month)

    @task(multiple_outputs=False)
    @no_retry
    def validate(raw: dict[str, Any]) -> dict[str, Any]:
        from taxi.validate import validate_month

        return validate_month(raw)

    @task(multiple_outputs=False)
    @no_retry
    def build_features(valid: dict[str, Any]) -> dict[str, Any]:
        from taxi.features import build_month_features

        return build_month_features(valid)

    @task(multiple_outputs=False)
    def train_and_log_model(candidate: str, months: list[dict[str, Any]]) -> dict[str, Any]:
        from taxi.train import train_candidate

        return train_candidate(candidate, months)

    @task(multiple_outputs=False)
    def register_best_model(
        candidates: list[dict[str, Any]], months: list[dict[str, Any]]
    ) -> dict[str, Any]:
        from taxi.register import register_best

        return register_best(candidates, months)

    plan_months = PythonOperator(
        task_id="plan_months",
        python_callable=plan.plan_months,
        op_kwargs={
            "year": f"{{{{ (params.year or {FROM_DATE}.year) | int }}}}",
            "month": f"{{{{ (params.month or {FROM_DATE}.month) | int }}}}",
            "months": "{{ params.months | int }}",
            "colour": "{{ params.colour }}",
        },
    )
    months = build_features.expand(
        valid=validate.expand(raw=download.expand(trip_month=plan_months.output))
    )
    trained = train_and_log_model.partial(months=months).expand(candidate=["linear", "boosted"])
    register_best_model(trained, months)


mlops_taxi_dag()
