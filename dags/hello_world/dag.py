"""`hello_world`: greets, tells the date and greets from Bash, every day."""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

from mlops.notifier import WebhookNotifier


@task
def say_hello() -> str:
    """Print the greeting."""
    print("Hello from Airflow!")
    return "Hello task completed"


@task
def print_current_date() -> str:
    """Print what the clock says when the task runs, which is not the date that the run is for."""
    print(f"Current date: {datetime.now(UTC)}")
    return "Date task completed"


@dag(
    dag_id="hello_world",
    description="A simple hello world DAG",
    schedule=timedelta(days=1),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={
        "owner": "data-science-team",
        "depends_on_past": False,
        "retries": 1,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": WebhookNotifier(),
    },
    tags=["tutorial", "beginner"],
)
def hello_world() -> None:
    """### Hello, Airflow!

    `say_hello` >> `print_current_date` >> `bash_task`, once a day. Each says one line in its log;
    nothing else is written, and no service is needed.
    """
    bash_task = BashOperator(task_id="bash_task", bash_command='echo "Hello from Bash!"')
    say_hello() >> print_current_date() >> bash_task


hello_world()
