"""Old runs are found in milliseconds, and only those go that nobody needs."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest import mock

import mlflow
import pytest
from mlflow.exceptions import RestException

from cleanup_old_runs import cleaning
from dagproof.testing import RefusedConfError, accepted_params, render_task, xcom_round_trip
from mlops import registry, storage
from mlops.failures import PermanentError
from mlops.mlflow_session import TrackingError

DAG = "cleanup_old_runs"
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def find(days=90, experiments=()):
    return cleaning.find_old_runs("r", NOW.isoformat(), days, list(experiments))


def listed(found):
    return storage.read_json(found["old_runs"])["run_ids"]


def delete(found, *, dry_run=False):
    return cleaning.delete_runs(found, dry_run=dry_run)


@pytest.fixture
def made(server):
    """Make a run that began so many days before now."""
    experiment = server.create_experiment("iris")

    def make(days, status="FINISHED", of=experiment):
        began = int((NOW - timedelta(days=days)).timestamp() * 1000)
        run_id = server.create_run(of, start_time=began).info.run_id
        if status != "RUNNING":
            server.set_terminated(run_id, status)
        return run_id

    return make


def stage(server, run_id):
    return server.get_run(run_id).info.lifecycle_stage


def test_a_dry_run_lists_and_deletes_nothing(made, server):
    old = made(91)
    found = find()
    assert found.items() >= {"found": 1, "kept_registered": 0, "kept_running": 0}.items()
    assert listed(found) == [old]
    told = delete(found, dry_run=True)
    assert told == {"dry_run": True, "would_delete": 1, "deleted": 0, "gone": 0, "kept": 0}
    assert stage(server, old) == "active"
    assert xcom_round_trip(found).losses == xcom_round_trip(told).losses == ()


def test_only_what_began_before_is_deleted(made, server):
    old, young = made(90.001), made(89.999)
    told = delete(find())
    assert told == {"dry_run": False, "would_delete": 0, "deleted": 1, "gone": 0, "kept": 0}
    assert (stage(server, old), stage(server, young)) == ("deleted", "active")


def test_seconds_in_place_of_milliseconds_would_find_nothing(made, server):
    made(10_000)
    assert find()["found"] == 1, "a cutoff in seconds lies in January 1970"


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_ended_runs_are_found(made, status):
    old = made(100, status)
    assert listed(find()) == [old]


def test_running_ones_stay(made):
    made(1000, "RUNNING")
    assert find().items() >= {"found": 0, "kept_running": 1}.items()


@pytest.mark.parametrize("by_run", [True, False])
def test_registered_ones_stay_with_an_alias_or_without(made, server, by_run):
    served, old = made(100), made(100)
    server.create_registered_model("iris")
    logged = mlflow.initialize_logged_model("model", served)
    server.create_model_version(
        "iris",
        f"models:/{logged.model_id}",
        run_id=served if by_run else None,
        model_id=None,
    )
    found = find()
    assert listed(found) == [old]
    assert found["kept_registered"] == 1


def test_version_that_knows_its_model_alone_keeps_the_run_of_the_model(made, server):
    old = made(100)
    logged = mlflow.initialize_logged_model("model", old)
    version = SimpleNamespace(run_id=None, source=f"models:/{logged.model_id}")
    assert list(cleaning._runs_of(server, version)) == [old]
    server.delete_logged_model(logged.model_id)
    assert list(cleaning._runs_of(server, version)) == []


def test_pages_are_turned(made, monkeypatch, server):
    monkeypatch.setattr(cleaning, "_PAGE", 2)
    old = [made(100 + number) for number in range(5)]
    for number in range(5):
        server.create_experiment(f"more {number}")
    assert listed(find()) == sorted(old)
    assert delete(find())["deleted"] == 5
    assert find()["found"] == 0


def test_experiments_can_be_named(made, server):
    mine, other = made(100), made(100, of=server.create_experiment("other"))
    assert listed(find(experiments=["iris"])) == [mine]
    assert listed(find()) == sorted([mine, other])


def test_experiment_that_is_not_there_is_told(made, server):
    with pytest.raises(PermanentError, match="`nobody` is not there; name others"):
        find(experiments=["nobody"])
    server.delete_experiment(server.get_experiment_by_name("iris").experiment_id)
    with pytest.raises(PermanentError, match="`iris` is deleted; name others"):
        find(experiments=["iris"])
    assert find()["found"] == 0, "a deleted experiment is none"


def test_run_that_somebody_else_deleted_is_no_failure(made, server):
    first, second = made(100), made(100)
    found = find()
    server.delete_run(first)
    assert delete(found).items() >= {"deleted": 1, "gone": 1}.items()
    assert stage(server, second) == "deleted"
    assert delete(found).items() >= {"deleted": 0, "gone": 2}.items()


def test_run_that_is_deleted_between_look_and_deletion_is_no_failure(made, monkeypatch):
    made(100)
    found = find()
    refusal = RestException({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"})
    monkeypatch.setattr(mlflow.MlflowClient, "delete_run", mock.Mock(side_effect=refusal))
    assert delete(found)["gone"] == 1


def test_refusal_is_no_absence(made, monkeypatch):
    made(100)
    found = find()
    refusal = RestException({"error_code": "PERMISSION_DENIED", "message": "not you"})
    monkeypatch.setattr(mlflow.MlflowClient, "delete_run", mock.Mock(side_effect=refusal))
    with pytest.raises(TrackingError, match="refuses: PERMISSION_DENIED"):
        delete(found)


def test_run_that_was_taken_up_or_registered_meanwhile_stays(made, server):
    running, served = made(100), made(100)
    found = find()
    server.update_run(running, status="RUNNING")
    registry.register(f"models:/{mlflow.initialize_logged_model('m', served).model_id}", "iris")
    assert delete(found).items() >= {"deleted": 0, "kept": 2}.items()
    assert (stage(server, running), stage(server, served)) == ("active", "active")


def test_mlflow_that_is_away_is_one_sentence():
    with pytest.raises(TrackingError, match="does not answer"):
        find()


def called(task_id, step, conf, **xcoms):
    task = render_task(DAG, task_id, conf, xcoms=xcoms)
    with mock.patch(step) as function:
        task.task.python_callable(*task["op_args"], **task["op_kwargs"])
    return function.call_args


@pytest.mark.parametrize(
    ("conf", "days", "experiments"),
    [({}, 90, []), ({"days": 7, "experiments": ["a", 'it\'s "b"']}, 7, ["a", 'it\'s "b"'])],
)
def test_search_gets_the_moment_of_the_run_and_its_params(conf, days, experiments):
    given = called("find_old_runs", "cleanup_old_runs.cleaning.find_old_runs", conf).args
    assert given[2:] == (days, experiments)
    assert datetime.fromisoformat(given[1]).tzinfo is not None


@pytest.mark.parametrize(("conf", "dry_run"), [({}, True), ({"dry_run": False}, False)])
def test_deletion_is_dry_unless_told(conf, dry_run):
    step = "cleanup_old_runs.cleaning.delete_runs"
    given = called("delete_runs", step, conf, find_old_runs={"old_runs": "file:///a"})
    assert given.kwargs == {"dry_run": dry_run}


@pytest.mark.parametrize(
    ("param", "value"),
    [("days", 0), ("days", "90"), ("dry_run", "false"), ("dry_run", 0), ("experiments", "iris")],
)
def test_conf_that_makes_no_sense_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_one_run_at_a_time_with_owner_retries_and_a_failure_notifier():
    from cleanup_old_runs.dag import cleanup_old_runs

    dag = cleanup_old_runs()
    assert dag.max_active_runs == 1
    assert [task.task_id for task in dag.topological_sort()] == ["find_old_runs", "delete_runs"]
    assert all(task.owner == "ml-platform" and task.retries == 2 for task in dag.tasks)
    assert all(task.on_failure_callback for task in dag.tasks)
