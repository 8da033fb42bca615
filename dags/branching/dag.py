"""`ml_pipeline_branching`: takes one of three ways by the quality of the data.

What its seed gets wrong: it joins the two processing branches by `none_failed` and leaves the alert
out of the join. Skipped is not failed, so that after an alert, with both branches skipped, the join
runs all the same and says "Pipeline completed" of a pipeline that was stopped. Here the join asks
for `none_failed_min_one_success`: one branch has to have done the work. The seed also draws its
score from `random` without a seed, so that a retried check can go another way than the one before.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Param, dag, task

from branching import steps
from mlops.notifier import WebhookNotifier

CHECK = "check_data_quality"
SCORE = "quality_score"


@task.branch(task_id=CHECK)
def check_data_quality(seed: str, **context: Any) -> str:
    """Push the quality score as the XCom `quality_score`, and choose the way."""
    score = steps.quality_score(seed)
    context["ti"].xcom_push(key=SCORE, value=score)
    return steps.way_of(score)


@task(multiple_outputs=False)
def high_quality_pipeline(**context: Any) -> dict[str, Any]:
    """Make all features."""
    return steps.process("high_quality_pipeline", "full", _score(context))


@task(multiple_outputs=False)
def medium_quality_pipeline(**context: Any) -> dict[str, Any]:
    """Make the features that poorer data allow."""
    return steps.process("medium_quality_pipeline", "simplified", _score(context))


@task(multiple_outputs=False)
def data_quality_alert(**context: Any) -> dict[str, Any]:
    """Tell people that the data need to be looked at."""
    return steps.alert(_score(context))


def _score(context: Any) -> float:
    return float(context["ti"].xcom_pull(task_ids=CHECK, key=SCORE))


@dag(
    dag_id="ml_pipeline_branching",
    description="ML pipeline with conditional logic",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={
        "owner": "ml-team",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "seed": Param(
            None,
            type=["null", "integer"],
            minimum=0,
            maximum=2**32 - 1,
            description="Decides the score; without it the id of the run does.",
        ),
    },
    tags=["ml", "advanced"],
)
def ml_pipeline_branching() -> None:
    """### Which way for data of this quality?

    | `quality_score` (0-1) | way |
    |---|---|
    | above 0.8 | `high_quality_pipeline` → `final_step` |
    | above 0.5 | `medium_quality_pipeline` → `final_step` |
    | else | `data_quality_alert`, which posts to `NOTIFY_WEBHOOK_URL`; `final_step` is skipped |

    The score is simulated from the Param `seed`, or from the id of the run, so that a retried or
    cleared run takes the same way. It is the XCom `quality_score` of `check_data_quality`. Nothing
    else is written.
    """
    check = check_data_quality("{{ run_id if params.seed is none else params.seed | int }}")
    final_step = BashOperator(
        task_id="final_step",
        bash_command='echo "Pipeline completed"',
        trigger_rule="none_failed_min_one_success",
    )
    high, medium = high_quality_pipeline(), medium_quality_pipeline()
    check >> [high, medium, data_quality_alert()]
    [high, medium] >> final_step


ml_pipeline_branching()
