"""MLflow reaches the server that it was given and this machine, and nothing else."""

import importlib
import sys

import mlflow
import pytest
from mlflow.utils import rest_utils

from dagproof.services.fence import fenced

GIVEN = {"MLFLOW_TRACKING_URI": "http://given.test:5000"}
RUNS = "/api/2.0/mlflow/runs/create"


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


def ask(host, path=RUNS, **options):
    rest_utils.http_request(rest_utils.MlflowHostCreds(host, **options), path, "GET", max_retries=0)


@pytest.mark.parametrize(
    "host",
    [
        "http://given.test:5000", "http://GIVEN.test:5000/", "http://given.test:5000/below",
        "http://localhost:1", "http://localhost.:1", "http://my.localhost:1", "http://127.0.0.1:2",
        "http://127.0.0.2:2", "http://0.0.0.0:2", "http://[::1]:3", "http://[::ffff:127.0.0.1]:3",
    ],
)  # fmt: skip
def test_server_that_was_given_and_this_machine_are_reached(sent, host):
    with fenced(GIVEN), pytest.raises(Exception, match="nobody is there"):
        ask(host)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("host", "shown", "name"),
    [
        ("http://mlflow:5000", "http://mlflow:5000", "mlflow"),
        (
            "https://me:secret@mlflow.example.com/a",
            "https://mlflow.example.com",
            "mlflow.example.com",
        ),
        ("http://given.test:5001", "http://given.test:5001", "given.test"),
        ("http://given.test", "http://given.test", "given.test"),
        ("http://[2001:db8::1]:5000", "http://[2001:db8::1]:5000", "2001:db8::1"),
    ],
)
def test_other_server_is_refused_in_one_sentence_without_its_password(sent, host, shown, name):
    with fenced(GIVEN), pytest.raises(Exception, match="take the address") as raised:
        ask(host)
    assert sent == []
    assert str(raised.value).endswith(
        f" failed with exception dagproof lets nothing out to {shown}: take the address from "
        f'MLFLOW_TRACKING_URI, which the run sets, or say `allow = ["network:{name}"]`'
    )


@pytest.mark.parametrize(
    "path", ["/api/3.0/mlflow/traces", "/ajax-api/2.0/mlflow/runs/search", "/v1/traces",
             "/api/2.0/preview/mlflow/runs/create", "/gateway/api/2.0/mlflow/runs/create"]
)  # fmt: skip
def test_runs_models_and_traces_are_kept_in(sent, path):
    with fenced(GIVEN), pytest.raises(Exception, match="take the address"):
        ask("http://mlflow:5000", path)
    assert sent == []


@pytest.mark.parametrize(
    "path", ["/api/2.0/mlflow-artifacts/artifacts/a", "/endpoints/chat/invocations", "/health"]
)
def test_files_and_gateways_go_where_they_say(sent, path):
    """Where files go, the tracking server says; what a gateway serves is no tracking."""
    with fenced(GIVEN), pytest.raises(Exception, match="nobody is there"):
        ask("http://elsewhere.test", path)
    assert len(sent) == 1


def test_databricks_is_another_server(sent):
    with fenced(GIVEN), pytest.raises(Exception, match=r"nothing out to https://a\.test:"):
        ask("https://a.test", use_databricks_sdk=True)
    assert sent == []


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({"MLFLOW_TRACKING_URI": "https://given.test"}, "https://given.test:443"),
        ({"MLFLOW_TRACKING_URI": "HTTPS://given.test/staging/"}, "https://given.test/staging"),
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


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("https://gateway.test/staging", "https://gateway.test/production"),
        ("https://gateway.test/staging", "https://gateway.test/staging2"),
        ("http://given.test:port", "http://given.test:80"),
    ],
)
def test_another_path_or_port_is_another_server(sent, given, host):
    with fenced({"MLFLOW_TRACKING_URI": given}), pytest.raises(Exception, match="take the address"):
        ask(host)
    assert sent == []


def test_what_the_settings_allow_is_reached(sent):
    with fenced(GIVEN, lambda url: url.startswith("http://mlflow:5000/api/")):
        with pytest.raises(Exception, match="nobody is there"):
            ask("http://mlflow:5000")
        with pytest.raises(Exception, match="take the address"):
            ask("http://mlflow:5001")
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
            imported.http_request(creds, RUNS, "GET", max_retries=0)
    assert sys.meta_path == finders
    assert not hasattr(imported._get_http_response_with_retries, "__wrapped__")


@pytest.mark.parametrize(("loaded", "flushed"), [(True, 1), (False, 0)])
def test_traces_that_wait_are_sent_while_the_fence_stands(sent, monkeypatch, loaded, flushed):
    told = []

    def flush():
        with pytest.raises(Exception, match="take the address"):
            ask("http://mlflow:5000", "/api/3.0/mlflow/traces")
        told.append(True)

    for name in [one for one in sys.modules if one.startswith("mlflow.tracing.export.")]:
        monkeypatch.delitem(sys.modules, name)
    if loaded:
        monkeypatch.setitem(sys.modules, "mlflow.tracing.export.mlflow_v3", mlflow)
    monkeypatch.setattr(mlflow, "flush_trace_async_logging", flush)
    with fenced(GIVEN):
        pass
    assert (len(told), sent) == (flushed, [])
