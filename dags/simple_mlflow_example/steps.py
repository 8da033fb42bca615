"""The one step of `simple_mlflow_example`: process rows, and log how many."""

from typing import Any

from mlops import environment, task_context, tracking

EXPERIMENT = "simple_experiment"


def log_to_mlflow(rows: int) -> dict[str, Any]:
    """Count rows as one MLflow run, `run_<run id>`.

    The run's own start and end say how long it took; tags say where it comes from.

    Args:
        rows: how many there are.

    Returns:
        `rows_processed`, and `mlflow_run_id` (None where MLflow is optional and absent).

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer, and is required.
    """
    task = task_context.current()
    place = {"dag_id": task.dag_id, "run_id": task.run_id} if task else {}
    required = environment.load().tracking_required
    with tracking.tracked_run(
        EXPERIMENT,
        required=required,
        run_name=f"run_{place.get('run_id', 'by_hand')}",
        params=place | {"rows": rows},
    ) as run:
        processed = sum(1 for _ in range(rows))
        if run is not None:
            with tracking.fail_soft(required=required):
                import mlflow

                mlflow.log_metric("rows_processed", processed)
    return {"rows_processed": processed, "mlflow_run_id": run.info.run_id if run else None}
