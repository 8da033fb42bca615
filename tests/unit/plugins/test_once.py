"""Things are made once, though answers of MLflow get lost."""

import os

import mlflow
import pytest
from mlflow.exceptions import RestException

from mlops import once as module
from mlops.once import once

REPEATS = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    return slept


class Server:
    """Has things made, and loses some answers; `losses` says of each request whether."""

    def __init__(self, losses="", *, carries_out=True):
        self.made = []
        self.losses = list(losses)
        self.carries_out = carries_out

    def _answer(self, act):
        lost = bool(self.losses) and self.losses.pop(0) == "x"
        result = act() if self.carries_out or not lost else None
        if lost:
            raise mlflow.MlflowException("the connection was reset")
        return result

    def find(self):
        return self._answer(lambda: self.made[0] if self.made else None)

    def make(self):
        return self._answer(lambda: self.made.append(len(self.made)) or self.made[-1])


def test_what_is_there_is_taken():
    server = Server()
    server.made.append(7)
    assert once(server.find, server.make) == 7
    assert server.made == [7]


@pytest.mark.parametrize("losses", ["", ".x", "x.x", ".x.x", "x", "xx", ".x.", "x.xx."])
def test_one_thing_is_made_whatever_answers_are_lost(losses):
    server = Server(losses)
    assert once(server.find, server.make) == 0
    assert server.made == [0]


@pytest.mark.parametrize("losses", [".x.x.x.x.x.x", "x.x.x.x.x.x."])
def test_every_second_request_that_is_refused_is_made_up_for(losses):
    server = Server(losses, carries_out=False)
    assert once(server.find, server.make) == 0
    assert server.made == [0]


def test_request_that_is_carried_out_late_is_waited_for(pauses):
    late = iter([None, None, "made"])
    tries = []

    def make():
        tries.append(1)
        raise mlflow.MlflowException("timed out")

    assert once(lambda: next(late), make) == "made"
    assert len(tries) == 1, "it is looked for again before it is made again"
    assert pauses[-1] > 0


def test_service_that_stays_away_is_given_up_with_its_own_error():
    server = Server("x" * 100)
    with pytest.raises(mlflow.MlflowException, match="the connection was reset"):
        once(server.find, server.make)
    assert len(server.losses) > 90


def test_refusal_is_no_loss():
    asked = []

    def refuse():
        asked.append(1)
        raise RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "no"})

    with pytest.raises(RestException, match="no"):
        once(lambda: None, refuse)
    assert len(asked) == 1


def test_client_repeats_nothing_meanwhile_and_does_as_before_afterwards(monkeypatch):
    monkeypatch.setenv(REPEATS, "5")
    assert once(lambda: None, lambda: os.environ[REPEATS]) == "0"
    assert os.environ[REPEATS] == "5"
    monkeypatch.delenv(REPEATS)
    assert once(lambda: None, lambda: os.environ[REPEATS]) == "0"
    assert REPEATS not in os.environ
