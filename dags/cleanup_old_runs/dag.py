"""The DAG `cleanup_old_runs`: deletes old MLflow runs, or says which it would."""

import json
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from cleanup_old_runs import cleaning
from mlops.failures import no_retry
from mlops.notifier import WebhookNotifier


@task(multiple_outputs=False)
@no_retry
def find_old_runs(run: str, moment: str, days: str, experiments: str) -> dict[str, Any]:
    """List what is old, ended and not registered."""
    return cleaning.find_old_runs(run, moment, int(days), json.loads(experiments))


@task(multiple_outputs=False)
@no_retry
def delete_runs(found: dict[str, Any], dry_run: str) -> dict[str, Any]:
    """Delete it; a dry run says how many it would delete."""
    return cleaning.delete_runs(found, dry_run=dry_run.strip().lower() != "false")


@dag(
    dag_id="cleanup_old_runs",
    description="Deletes MLflow runs that are old, ended and not registered.",
    doc_md="""\
### cleanup_old_runs

A **dry run by default**: it lists, in `DATA_ROOT/cleanup_old_runs/<run>/old_runs.json`, the runs
that began more than `days` before this DAG run, and deletes none. Trigger it with
`{"dry_run": false}` to delete them. Runs that still run stay, and so do those of which a model is
registered, with an alias or without. A run that somebody else deletes or ends meanwhile is no
failure. Deleted runs can be brought back until `mlflow gc` has been there.
""",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    tags=["mlflow", "maintenance"],
    default_args={
        "owner": "ml-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": WebhookNotifier(),
    },
    params={
        "days": Param(
            90, type="integer", minimum=1, maximum=36_500, description="Older runs are deleted."
        ),
        "dry_run": Param(
            default=True, type="boolean", description="Delete nothing, only say what."
        ),
        "experiments": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1},
            description="Names of experiments; none means all.",
        ),
    },
)
def cleanup_old_runs() -> None:
    """Wire the steps; params arrive as text and are cast by each task."""
    found = find_old_runs(
        "{{ run_id }}",
        "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}",
        "{{ params.days | int }}",
        "{{ params.experiments | tojson }}",
    )
    delete_runs(found, "{{ params.dry_run }}")


cleanup_old_runs()
