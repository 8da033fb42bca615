"""Sensors defer or poke, wait for servers that are away, and end with one sentence."""

import os
import time

import pytest

from mlops import storage, waiting
from mlops.sensors import FreshDataSensor, ModelAliasSensor, ModelVersionSensor
from mlops.storage import StorageError
from mlops.triggers import FreshDataTrigger, ModelAliasTrigger, ModelVersionTrigger

try:
    from airflow.sdk.exceptions import (
        AirflowFailException,
        AirflowSensorTimeout,
        AirflowSkipException,
        TaskDeferred,
    )
except ImportError:  # Airflow 3.0, 3.1
    from airflow.exceptions import (
        AirflowFailException,
        AirflowSensorTimeout,
        AirflowSkipException,
        TaskDeferred,
    )


def fresh(**kwargs):
    return FreshDataSensor(task_id="wait", path="a/b.csv", **kwargs)


def test_what_is_there_is_returned_without_deferring(data_root):
    uri = storage.write_json(storage.uri("a", "b.csv"), 1)
    assert fresh().execute({})["uri"] == uri


def test_what_is_missing_is_left_to_the_trigger(data_root):
    began = time.time()
    with pytest.raises(TaskDeferred) as deferred:
        fresh(poke_interval=7, timeout=100, newer_than="2024-01-01").execute({})
    trigger = deferred.value.trigger
    assert type(trigger) is FreshDataTrigger
    assert trigger.awaited == waiting.DataAwaited(f"file://{data_root}/a/b.csv", 1704067200.0)
    assert trigger.poke_interval == 7
    assert began + 100 <= trigger.deadline < began + 110
    assert deferred.value.timeout.total_seconds() > 100, "the trigger tells it better than Airflow"
    assert deferred.value.method_name == "execute_complete"


def test_sensors_of_models_hand_their_address_to_the_trigger(server):
    address = os.environ["MLFLOW_TRACKING_URI"]
    with pytest.raises(TaskDeferred) as deferred:
        ModelVersionSensor(task_id="wait", model="taxi", version=3).execute({})
    assert type(deferred.value.trigger) is ModelVersionTrigger
    assert deferred.value.trigger.awaited == waiting.VersionAwaited(address, "taxi", "3")
    with pytest.raises(TaskDeferred) as deferred:
        ModelAliasSensor(task_id="wait", model="taxi", alias="champion").execute({})
    assert type(deferred.value.trigger) is ModelAliasTrigger
    assert deferred.value.trigger.awaited == waiting.AliasAwaited(address, "taxi", "champion")


def test_registry_that_is_away_is_waited_for(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(TaskDeferred):
        ModelAliasSensor(task_id="wait", model="taxi", alias="champion").execute({})


def test_event_brings_what_was_found():
    found = {"uri": "file:///a", "modified": "2024-01-01T00:00:00+00:00"}
    assert fresh().execute_complete({}, {"found": found, "problem": None}) == found


def test_event_without_it_is_one_sentence_that_names_it(data_root):
    with pytest.raises(AirflowSensorTimeout) as over:
        fresh(timeout=30).execute_complete({}, {"found": None, "problem": None})
    assert str(over.value) == (
        f"No file://{data_root}/a/b.csv within 30 s. "
        "Look at what should make it, or raise `timeout`."
    )


def test_event_of_a_server_that_was_away_says_so(data_root):
    event = {"found": None, "problem": "MLflow at http://m does not answer (refused). Start it."}
    with pytest.raises(AirflowSensorTimeout, match=r"within 30 s\. MLflow at http://m does not"):
        fresh(timeout=30).execute_complete({}, event)


def test_soft_fail_skips_when_the_time_is_over():
    sensor = fresh(timeout=30, soft_fail=True)
    event = {"event": {"found": None, "problem": None}}
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("execute_complete", event, {})


def test_poking_finds_what_comes_later(data_root, monkeypatch):
    answers = iter([None, {"uri": "a"}])
    monkeypatch.setattr(waiting.DataAwaited, "look", lambda _: next(answers))
    assert fresh(deferrable=False, poke_interval=0.01).execute({}) == {"uri": "a"}


def test_poking_ends_with_the_same_sentence(data_root):
    with pytest.raises(AirflowSensorTimeout, match=r"^No file://.*/a/b.csv within 0\.05 s\. Look"):
        fresh(deferrable=False, poke_interval=0.01, timeout=0.05).execute({})


def test_poking_waits_for_a_store_that_is_away(monkeypatch):
    answers = iter([StorageError("s3://a is away."), None, StorageError("s3://a is away.")])

    def look(self):
        if (answer := next(answers, StorageError("s3://a is still away."))) is not None:
            raise answer

    monkeypatch.setattr(waiting.DataAwaited, "look", look)
    with pytest.raises(AirflowSensorTimeout, match=r"s\. s3://a is still away\."):
        fresh(deferrable=False, poke_interval=0.02, timeout=0.2).execute({})


@pytest.mark.parametrize("deferrable", [True, False])
def test_arguments_that_make_no_sense_fail_at_once(server, deferrable):
    wrong = [
        ModelVersionSensor(task_id="a", model="m", version="latest", deferrable=deferrable),
        ModelAliasSensor(task_id="b", model="m", alias="x", version="0", deferrable=deferrable),
        fresh(newer_than="soon", deferrable=deferrable),
    ]
    for sensor in wrong:
        with pytest.raises(AirflowFailException, match="is no "):
            sensor.execute({})


def test_whole_address_is_taken_as_it_is():
    sensor = FreshDataSensor(task_id="wait", path="s3://bucket/key")
    assert sensor.awaited() == waiting.DataAwaited("s3://bucket/key")


@pytest.mark.parametrize("deferrable", [True, False])
@pytest.mark.parametrize("name", [None, "", "None"])
def test_names_that_are_missing_fail_at_once(server, name, deferrable):
    wrong = [
        ModelVersionSensor(task_id="a", model=name, deferrable=deferrable),
        ModelAliasSensor(task_id="b", model=name, alias="x", deferrable=deferrable),
        ModelAliasSensor(task_id="c", model="m", alias=name, deferrable=deferrable),
        FreshDataSensor(task_id="d", path=name, deferrable=deferrable),
    ]
    for sensor in wrong:
        with pytest.raises(AirflowFailException, match=r"is named|is no file below DATA_ROOT"):
            sensor.execute({})


@pytest.mark.parametrize("path", ["../other", "/etc/passwd"])
def test_path_that_leaves_the_data_fails_at_once(path):
    with pytest.raises(AirflowFailException, match=f"`{path}` is no file below DATA_ROOT"):
        FreshDataSensor(task_id="wait", path=path).execute({})


@pytest.mark.parametrize("alias", ["latest", "v3"])
def test_alias_that_can_never_come_fails_at_once(server, alias):
    with pytest.raises(AirflowFailException, match=f"`{alias}` cannot be an alias"):
        ModelAliasSensor(task_id="wait", model="m", alias=alias).execute({})
