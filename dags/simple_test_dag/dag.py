"""`simple_test_dag`: a Python task, a Bash task, and what goes from one to the other."""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Param, dag, task

from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier
from simple_test_dag import steps


@task
def run_function(name: str) -> str:
    """Greet from Python."""
    return steps.run_function(name)


@task(multiple_outputs=False)
@no_retry
def check_command(said: str, heard: str) -> dict[str, str]:
    """Compare what Python said with what Bash printed."""
    return steps.check_command(said, heard)


@dag(
    dag_id="simple_test_dag",
    description="Proves that Python, Bash and XCom work on this installation.",
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={
        "owner": "ml-platform",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "name": Param(
            "Airflow", type="string", minLength=1, maxLength=100, description="Who is greeted."
        ),
    },
    tags=["example"],
)
def simple_test_dag() -> None:
    """### Do the parts of this Airflow work together?

    `run_function` (Python) greets, `run_command` (Bash) prints the greeting, and `check_command`
    compares what was said with what was heard, so that a worker without Bash, or one that loses
    letters, is found before a real pipeline is. It needs no service and writes nothing but logs
    and XComs.
    """
    said = run_function("{{ params.name }}")
    run_command = BashOperator(
        task_id="run_command",
        # By the environment: a name with quotes is data there, and never a command.
        bash_command='printf "%s\\n" "$GREETING"',
        env={"GREETING": said},
        append_env=True,
    )
    check_command(said, run_command.output)


simple_test_dag()
