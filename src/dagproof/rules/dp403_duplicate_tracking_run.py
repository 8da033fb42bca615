"""DP403: a task that was retried has left MLflow runs or model versions twice."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repeated import Repeated


def check(repeated: Repeated) -> Iterator[Hit]:
    """Yield the runs and versions that a retry has doubled."""
    return repeated.hits("duplicate-tracking-run")


RULE: Final = Rule(
    code="DP403",
    slug="duplicate-tracking-run",
    severity=Severity.ERROR,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "A worker may die when the work is done and nobody has heard of it. Airflow then runs the "
        "task again, and MLflow holds two runs, or two versions of a model, for one piece of "
        "work: whoever counts, compares or promotes them takes one for the other."
    ),
    fix=(
        "Look for the run by a tag of your own, such as DAG run, task and map index, and resume it "
        "by `run_id`; register a model only where no version has its address yet."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task(retries=2)
def train():
    import mlflow

    with mlflow.start_run(run_name="train"):
        mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    good="""\
from airflow.sdk import DAG, task


@task(retries=2)
def train(run_id=None):
    import mlflow

    found = mlflow.search_runs(filter_string=f"tags.work = '{run_id}'", output_format="list")
    known = found[0].info.run_id if found else None
    with mlflow.start_run(run_id=known, run_name="train", tags={"work": run_id}):
        mlflow.log_metric("rmse", 5.1)


with DAG("train"):
    train()
""",
    check=check,
)
