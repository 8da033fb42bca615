"""`test_dag`: greets once, so that a new Airflow can be seen to work."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task

from mlops.notifier import WebhookNotifier


@task
def print_hello() -> str:
    """Print the greeting."""
    greeting = "¡Hola desde Airflow!"
    print(greeting)
    return greeting


@dag(
    dag_id="test_dag",
    description="Un DAG de prueba simple",
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={
        "owner": "ml-platform",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    tags=["example"],
)
def test_dag() -> None:
    """### Does this Airflow work?

    One task prints a greeting and returns it. It needs no service and writes nothing but its log
    and its XCom.
    """
    print_hello()


test_dag()
