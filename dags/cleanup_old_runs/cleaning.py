"""Finds MLflow runs that are old, ended and not registered, and deletes them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlops import storage, tracking
from mlops.failures import PermanentError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

ENDED = ("FINISHED", "FAILED", "KILLED")
_PAGE = 500
_GONE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE")


def find_old_runs(run: str, moment: str, days: int, experiments: list[str]) -> dict[str, Any]:
    """List the runs to delete as `DATA_ROOT/cleanup_old_runs/<run>/old_runs.json`.

    Old is what began more than `days` before the moment; MLflow counts in milliseconds. Runs that
    still run stay, and so do those whose model is a registered version, with an alias or without.

    Args:
        run: Airflow's run id.
        moment: ISO 8601; that of the DAG run, so that a retry finds the same.
        days: how many.
        experiments: names; none means all.

    Returns:
        `old_runs` (address of the list), `found`, `kept_registered`, `kept_running`.

    Raises:
        PermanentError: an experiment of that name is not there or deleted.
        mlops.tracking.TrackingError: MLflow does not answer.
    """
    before = datetime.fromisoformat(moment) - timedelta(days=days)
    cutoff = int(before.timestamp() * 1000)
    with tracking.configured() as mlflow:
        client = mlflow.MlflowClient()
        ids = _experiment_ids(client, experiments)
        registered = _registered_runs(client)
        old = list(_old_runs(client, ids, cutoff)) if ids else []
    ended = [one for one in old if one.info.status in ENDED]
    chosen = sorted(one.info.run_id for one in ended if one.info.run_id not in registered)
    address = storage.write_json(
        storage.uri("cleanup_old_runs", storage.safe(run), "old_runs.json"),
        {"started_before": before.isoformat(), "days": days, "run_ids": chosen},
    )
    return {
        "old_runs": address,
        "found": len(chosen),
        "kept_registered": len(ended) - len(chosen),
        "kept_running": len(old) - len(ended),
    }


def delete_runs(found: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    """Delete the runs of the list, or say what would be deleted.

    Each is looked at again just before: one that somebody else has deleted is no failure, and one
    that was registered or taken up meanwhile stays. `mlflow gc` makes what is deleted here final;
    until then `mlflow.MlflowClient().restore_run(run_id)` brings it back.

    Args:
        found: what `find_old_runs` returned.
        dry_run: whether to delete nothing.

    Returns:
        `dry_run`, `would_delete` (0 where it is no dry run), `deleted`, `gone` (somebody else was
        first), `kept` (registered or running by now).

    Raises:
        mlops.tracking.TrackingError: MLflow does not answer; running again goes on with the rest.
    """
    listed = storage.read_json(found["old_runs"])["run_ids"]
    told = {"dry_run": dry_run, "would_delete": 0, "deleted": 0, "gone": 0, "kept": 0}
    if dry_run:
        return told | {"would_delete": len(listed)}
    with tracking.configured() as mlflow:
        client = mlflow.MlflowClient()
        registered = _registered_runs(client)
        for run_id in listed:
            told[_delete(client, run_id, registered)] += 1
    return told


def _delete(client: "MlflowClient", run_id: str, registered: set[str]) -> str:
    from mlflow import MlflowException

    try:
        now = client.get_run(run_id)
        if now.info.lifecycle_stage == "deleted":
            return "gone"
        if run_id in registered or now.info.status not in ENDED:
            return "kept"
        client.delete_run(run_id)
    except MlflowException as error:
        if error.error_code not in _GONE:
            raise
        return "gone"
    return "deleted"


def _experiment_ids(client: "MlflowClient", names: list[str]) -> list[str]:
    if not names:
        pages = _pages(lambda token: client.search_experiments(page_token=token))
        return [str(one.experiment_id) for one in pages]
    ids = []
    for name in names:
        experiment = client.get_experiment_by_name(name)
        if experiment is None or experiment.lifecycle_stage != "active":
            state = "deleted" if experiment else "not there"
            raise PermanentError(
                f"The experiment `{name}` is {state}; name others, or none, as `experiments`."
            )
        ids.append(str(experiment.experiment_id))
    return ids


def _old_runs(client: "MlflowClient", ids: list[str], cutoff: int) -> "Iterator[Run]":
    return _pages(
        lambda token: client.search_runs(
            ids,
            f"attributes.start_time < {cutoff}",
            max_results=_PAGE,
            order_by=["attributes.start_time ASC"],
            page_token=token,
        )
    )


def _registered_runs(client: "MlflowClient") -> set[str]:
    """Return the runs behind all registered versions, which an alias may name at any time."""
    versions = _pages(
        lambda token: client.search_model_versions(max_results=_PAGE, page_token=token)
    )
    return {run_id for version in versions for run_id in _runs_of(client, version)}


def _runs_of(client: "MlflowClient", version: Any) -> Iterator[str]:
    """Name the run of a version; one that was registered by its model may know the model alone."""
    from mlflow import MlflowException

    if version.run_id:
        yield version.run_id
    elif str(version.source).startswith("models:/m-"):
        try:
            logged = client.get_logged_model(version.source.removeprefix("models:/"))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
        else:
            yield from filter(None, [logged.source_run_id])


def _pages(ask: Callable[[str | None], Any]) -> Iterator[Any]:
    token: str | None = None
    while True:
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return
