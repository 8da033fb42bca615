"""The DAG `compare_experiments`: which of the latest runs is the best?"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from compare_experiments import comparison
from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def compare(
    run: str, experiment: str, metric: str, runs: str, higher_is_better: str
) -> dict[str, Any]:
    """Find the best of the latest finished runs."""
    wanted = comparison.is_true(higher_is_better)
    return comparison.compare(run, experiment, metric, int(runs), higher_is_better=wanted)


@dag(
    dag_id="compare_experiments",
    description="Finds the best of the latest runs of an MLflow experiment.",
    doc_md="""\
### compare_experiments

Looks at the latest `runs` finished runs of `experiment`, compares them by `metric`, and returns
the best one, with the state `compared`. Without the experiment, its runs or the metric the task
succeeds with the state that says so: `no_experiment`, `deleted_experiment`, `no_runs`, `no_metric`.
What was compared is in `DATA_ROOT/compare_experiments/<run>/comparison.json`. It changes nothing in
MLflow.
""",
    schedule=None,
    catchup=False,
    tags=["mlflow", "maintenance"],
    default_args={
        "owner": "ml-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "experiment": Param(
            "iris", type="string", minLength=1, maxLength=250, description="Name of the experiment."
        ),
        "metric": Param(
            "train_accuracy",
            type="string",
            pattern=r"^[\w .:/-]{1,250}$(?!\n)",
            description="Name of the metric.",
        ),
        "runs": Param(
            10,
            type="integer",
            minimum=1,
            maximum=1000,
            description="How many of the latest finished runs to compare.",
        ),
        "higher_is_better": Param(
            default=True, type="boolean", description="Whether the largest value is the best."
        ),
    },
)
def compare_experiments() -> None:
    """Wire the step; params arrive as text and are cast by the task."""
    compare(
        "{{ run_id }}",
        "{{ params.experiment }}",
        "{{ params.metric }}",
        "{{ params.runs | int }}",
        "{{ params.higher_is_better }}",
    )


compare_experiments()
