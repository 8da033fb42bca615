"""`mlops_taxi_dag`: learns how long a taxi trip takes, and promotes the best model."""

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Param, dag

from taxi import plan
from taxi.tasks import DEFAULT_ARGS, learn

# Outside a schedule Airflow 3 may know no logical date; a run always knows when it may start.
FROM_DATE = "(dag_run.logical_date or dag_run.run_after)"


@dag(
    dag_id="mlops_taxi_dag",
    schedule=None,
    catchup=False,
    max_active_runs=1,  # two runs must not compare themselves with the same champion
    default_args=DEFAULT_ARGS,
    params={
        "year": Param(None, type=["null", "integer"], minimum=plan.FIRST_YEAR, maximum=2100),
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
    For a run each month there is `mlops_taxi_monthly`, which learns by the same tasks.

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
    learn(plan_months.output)


mlops_taxi_dag()
