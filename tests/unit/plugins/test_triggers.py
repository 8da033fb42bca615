"""Triggers survive being stored, leave the event loop free, and end with one event."""

import asyncio
import importlib
import json
import socket
import threading
import time

import pytest

from mlops import sensors, storage, triggers, waiting
from mlops.storage import StorageError
from mlops.triggers import FreshDataTrigger, ModelAliasTrigger, ModelVersionTrigger

ASKED = {
    ModelVersionTrigger: {"address": "http://m", "name": "taxi", "version": "3"},
    ModelAliasTrigger: {
        "address": "http://m",
        "name": "taxi",
        "alias": "champion",
        "version": None,
    },
    FreshDataTrigger: {"uri": "file:///a", "newer_than": 1000.5},
}


def events(trigger):
    async def collect():
        return [event.payload async for event in trigger.run()]

    return asyncio.run(collect())


@pytest.mark.parametrize("kind", ASKED)
def test_trigger_is_the_same_after_it_was_stored(kind):
    trigger = kind(poke_interval=5.0, deadline=1e9, **ASKED[kind])
    path, arguments = json.loads(json.dumps(trigger.serialize()))
    module, _, name = path.rpartition(".")
    again = getattr(importlib.import_module(module), name)(**arguments)
    assert type(again) is kind
    assert again.awaited == trigger.awaited
    assert again.serialize() == trigger.serialize()


def test_trigger_with_arguments_of_another_is_refused():
    with pytest.raises(TypeError, match="alias"):
        ModelVersionTrigger(poke_interval=1, deadline=0, **ASKED[ModelAliasTrigger])


def test_what_is_there_is_told_at_once(data_root):
    uri = storage.write_json(storage.uri("a"), 1)
    [event] = events(FreshDataTrigger(poke_interval=60, deadline=0, uri=uri))
    assert event["found"]["uri"] == uri
    assert event["problem"] is None


def test_what_comes_later_is_found(data_root):
    uri = storage.uri("a")
    writer = threading.Timer(0.3, storage.write_json, [uri, 1])
    writer.start()
    [event] = events(FreshDataTrigger(poke_interval=0.05, deadline=time.time() + 30, uri=uri))
    writer.join()
    assert event["found"]["uri"] == uri


def test_what_does_not_come_ends_at_the_deadline(data_root):
    began = time.monotonic()
    trigger = FreshDataTrigger(poke_interval=60, deadline=time.time() + 0.3, uri=storage.uri("a"))
    assert events(trigger) == [{"found": None, "problem": None}]
    assert 0.2 < time.monotonic() - began < 10, "it looks once more when the time is over"


def test_who_cannot_answer_is_asked_until_the_deadline(monkeypatch):
    answers = iter([StorageError("s3://a is away."), None, StorageError("s3://a is away again.")])

    def look(self):
        answer = next(answers, None)
        if answer is not None:
            raise answer

    monkeypatch.setattr(waiting.DataAwaited, "look", look)
    trigger = FreshDataTrigger(poke_interval=0.1, deadline=time.time() + 0.15, uri="s3://a")
    [event] = events(trigger)
    assert event == {"found": None, "problem": "s3://a is away again."}


def test_registry_that_does_not_answer_is_the_problem_of_the_event():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    trigger = ModelVersionTrigger(poke_interval=1, deadline=0, address=address, name="taxi")
    [event] = events(trigger)
    assert event["found"] is None
    assert event["problem"].startswith(f"MLflow at {address} does not answer")


def test_unexpected_error_is_not_swallowed(monkeypatch):
    monkeypatch.setattr(waiting.DataAwaited, "look", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        events(FreshDataTrigger(poke_interval=1, deadline=0, uri="s3://a"))


def test_slow_answers_leave_the_event_loop_free(monkeypatch):
    monkeypatch.setattr(waiting.DataAwaited, "look", lambda _: time.sleep(0.5) or {"uri": "a"})

    async def beside():
        longest, before = 0.0, time.monotonic()
        trigger = FreshDataTrigger(poke_interval=1, deadline=0, uri="s3://a")
        waits = asyncio.ensure_future(anext(aiter(trigger.run())))
        while not waits.done():
            await asyncio.sleep(0.01)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        return longest

    assert asyncio.run(beside()) < 0.4


def test_many_slow_answers_leave_threads_to_others(monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(waiting.DataAwaited, "look", lambda _: go_on.wait(30) and {"uri": "a"})

    async def beside():
        waits = [
            asyncio.ensure_future(
                anext(aiter(FreshDataTrigger(poke_interval=1, deadline=0, uri="s3://a").run()))
            )
            for _ in range(20)
        ]
        await asyncio.sleep(0.1)
        began = time.monotonic()
        try:
            await asyncio.wait_for(asyncio.to_thread(int), 5)
        finally:
            go_on.set()
        assert [(await wait).payload["found"] for wait in waits] == [{"uri": "a"}] * 20
        return time.monotonic() - began

    assert asyncio.run(beside()) < 5


def test_answer_that_does_not_come_ends_soon_after_the_deadline(monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(waiting.DataAwaited, "look", lambda _: go_on.wait(30))
    monkeypatch.setattr(triggers, "_LAST_ANSWER", 0.2)
    began = time.monotonic()
    trigger = FreshDataTrigger(poke_interval=1, deadline=time.time() + 0.2, uri="s3://a")
    try:
        [event] = events(trigger)
    finally:
        go_on.set()
    assert time.monotonic() - began < 10
    assert event["found"] is None
    assert event["problem"] == "Nobody said in time whether there is s3://a."


def test_deadline_of_the_trigger_comes_before_that_of_airflow():
    assert triggers._LAST_ANSWER < sensors._BESIDE
