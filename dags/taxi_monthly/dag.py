"""`mlops_taxi_monthly`: the taxi pipeline once a month, on the month that the TLC has published."""

from datetime import UTC, datetime

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Param, dag

from mlops.failures import no_retry
from taxi.tasks import DEFAULT_ARGS, learn
from taxi_monthly import plan

# The end of the interval is when a scheduled run begins, whichever timetable is behind `@monthly`;
# a run that somebody triggers may have neither interval nor logical date.
BEGUN = "(dag_run.data_interval_end or dag_run.logical_date or dag_run.run_after)"


@dag(
    dag_id="mlops_taxi_monthly",
    description="Learns each month how long a taxi trip takes.",
    schedule="@monthly",
    start_date=datetime(2023, 3, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs must not compare themselves with the same champion
    default_args=DEFAULT_ARGS,
    params={
        "lag": Param(
            2,
            type="integer",
            minimum=0,
            maximum=24,
            description="How many months before the run the trips are; the TLC takes about two.",
        ),
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^(2009|20[1-9][0-9])-(0[1-9]|1[0-2])$(?!\n)",
            description="A month such as 2023-01, to repeat it by hand; wins over all else.",
        ),
        "colour": Param(
            "green", type="string", enum=["green", "yellow"], description="Which taxis."
        ),
    },
    tags=["taxi", "mlflow", "monthly"],
)
def mlops_taxi_monthly() -> None:
    """### How long will this taxi trip take, by the newest month?

    The same tasks as in `mlops_taxi_dag`, on one month, so that both give the same model for it,
    register it under the same name and write to the same places. Do not run both at once for one
    colour: each would compare its model with the champion that the other is about to replace.

    The month is `lag` months before the one in which the run begins: the run of 1 March 2023 learns
    from January 2023. The TLC publishes with a lag of about two months; where a month comes out
    later than the run, `download` says so, and `lag` is to be 3.

    The Airflow Variable `taxi_month` (`2023-01`) wins over the date while it is set. It is read
    when a run plans, never when this file is imported. Delete it to go on with the months. One run
    alone is given its month by the Param `month`, which wins over both.

    `TAXI_SOURCE`, `DATA_ROOT`, `MLFLOW_TRACKING_URI` and the XCom backend are set as for
    `mlops_taxi_dag`.
    """
    plan_month = PythonOperator(
        task_id="plan_month",
        python_callable=no_retry(plan.plan_month),
        op_kwargs={
            "named": "{{ params.month or var.value.get('taxi_month', '') }}",
            "year": f"{{{{ {BEGUN}.year | int }}}}",
            "month": f"{{{{ {BEGUN}.month | int }}}}",
            "lag": "{{ params.lag | int }}",
            "colour": "{{ params.colour }}",
        },
    )
    learn(plan_month.output)


mlops_taxi_monthly()
