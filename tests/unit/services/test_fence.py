"""MLflow reaches the server that it was given and this machine, and nothing else."""

import importlib
import sys

import pytest
from mlflow.utils import rest_utils

from dagproof.services.fence import fenced

GIVEN = {"MLFLOW_TRACKING_URI": "http://given.test:5000"}


@pytest.fixture
def sent(monkeypatch):
    """Note the addresses that MLflow would send something to."""
    found = []

    def note(_, url, *__, **___):
        found.append(url)
        raise ConnectionError("nobody is there")

    for name in ("_get_http_response_with_retries", "get_workspace_client"):
        monkeypatch.setattr(rest_utils, name, note)
    return found


def ask(host, **options):
    creds = rest_utils.MlflowHostCreds(host, **options)
    rest_utils.http_request(creds, "/api/x", "GET")


@pytest.mark.parametrize(
    "host",
    [
        "http://given.test:5000", "http://GIVEN.test:5000/", "http://localhost:1",
        "http://127.0.0.1:2", "http://[::1]:3",
    ],
)  # fmt: skip
def test_server_that_was_given_and_this_machine_are_reached(sent, host):
    with fenced(GIVEN), pytest.raises(Exception, match="nobody is there"):
        ask(host)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("http://mlflow:5000", "http://mlflow:5000"),
        ("https://me:secret@mlflow.example.com/a", "https://mlflow.example.com"),
        ("http://given.test:5001", "http://given.test:5001"),
        ("http://given.test", "http://given.test"),
    ],
)
def test_other_server_is_refused_in_one_sentence_without_its_password(sent, host, shown):
    with fenced(GIVEN), pytest.raises(Exception, match="take the address") as raised:
        ask(host)
    assert sent == []
    assert str(raised.value).endswith(
        f" failed with exception dagproof lets nothing out to {shown}: take the address from "
        "MLFLOW_TRACKING_URI, which the run sets"
    )


def test_databricks_is_another_server(sent):
    with fenced(GIVEN), pytest.raises(Exception, match=r"nothing out to https://a\.test:"):
        ask("https://a.test", use_databricks_sdk=True)
    assert sent == []


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({"MLFLOW_TRACKING_URI": "https://given.test"}, "https://given.test:443"),
        ({**GIVEN, "MLFLOW_REGISTRY_URI": "http://registry.test"}, "http://registry.test:80"),
        ({}, "http://mlflow:5000"),
        ({"MLFLOW_TRACKING_URI": "sqlite:///here.db"}, "http://mlflow:5000"),
    ],
)
def test_what_else_was_given_is_reached_and_nothing_is_refused_where_no_server_was(
    sent, given, host
):
    with fenced(given), pytest.raises(Exception, match="nobody is there"):
        ask(host)
    assert len(sent) == 1


def test_nothing_is_refused_afterwards(sent):
    with fenced(GIVEN):
        pass
    with pytest.raises(Exception, match="nobody is there"):
        ask("http://mlflow:5000")


def test_mlflow_that_is_imported_later_is_fenced_too(monkeypatch):
    """Until then it costs nothing: importing MLflow takes seconds."""
    name = "mlflow.utils.rest_utils"
    monkeypatch.delitem(sys.modules, name)
    finders = list(sys.meta_path)
    with fenced(GIVEN):
        assert name not in sys.modules
        imported = importlib.import_module(name)
        creds = imported.MlflowHostCreds("http://mlflow:5000")
        with pytest.raises(Exception, match="take the address"):
            imported.http_request(creds, "/api/x", "GET")
    assert sys.meta_path == finders
    assert not hasattr(imported._get_http_response_with_retries, "__wrapped__")
