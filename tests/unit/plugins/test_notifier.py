"""A notification says how a task ended, and never changes it."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from mlops import notifier
from mlops.notifier import LogNotifier, WebhookNotifier

TI = SimpleNamespace(dag_id="d", run_id="r", task_id="t", map_index=2, try_number=3)


def context(**more):
    return {"ti": TI, "dag": None} | more


@pytest.fixture
def webhook(monkeypatch):
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/secret")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


def test_failure_is_one_line_that_names_task_try_and_error(caplog):
    with caplog.at_level(logging.INFO, "mlops"):
        LogNotifier()(context(exception=ValueError("no\n  good")))
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage() == (
        "state=failed dag_id=d run_id=r task_id=t map_index=2 try_number=3"
        " error=ValueError: no good"
    )


def test_success_is_no_error(caplog):
    with caplog.at_level(logging.INFO, "mlops"):
        LogNotifier()(context())
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_webhook_receives_the_same_as_the_log(webhook):
    WebhookNotifier()(context(exception="text"))
    assert webhook == [notifier.message(context(exception="text"))]
    assert webhook[0]["error"] == "text"


def test_log_notifier_posts_nothing(webhook):
    LogNotifier()(context())
    assert webhook == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/secret", "file:///etc/secret", "secret"])
def test_webhook_that_fails_is_a_warning_without_its_address(monkeypatch, caplog, address):
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", address)
    WebhookNotifier()(context(exception=ValueError("no")))
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "secret" not in caplog.text


def test_context_without_a_task_instance_is_no_error(caplog):
    with caplog.at_level(logging.INFO, "mlops"):
        WebhookNotifier()({"dag": None})
    assert "dag_id=None" in caplog.text


def test_broken_context_is_logged_and_not_raised(caplog):
    WebhookNotifier()(context(ti=SimpleNamespace(dag_id="d")))
    assert "the task's end stands" in caplog.text


def test_notifiers_have_no_template_fields():
    assert tuple(WebhookNotifier.template_fields) == ()
