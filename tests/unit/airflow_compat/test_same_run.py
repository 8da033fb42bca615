"""Runs of a block get one `run_after`, whoever asks for another keeps it."""

import sys
from datetime import UTC, datetime
from types import SimpleNamespace

from dagproof.airflow_compat.same_run import run_after

MOMENT = datetime(2023, 1, 1, tzinfo=UTC)


def test_run_after_is_pinned_within_the_block_alone(monkeypatch):
    class DAG:
        def test(self, run_after=None, **options):
            return run_after, options

    monkeypatch.setitem(sys.modules, "airflow", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "airflow.sdk", SimpleNamespace(DAG=DAG))
    with run_after(MOMENT):
        assert DAG().test(run_conf={}) == (MOMENT, {"run_conf": {}})
        assert DAG().test(run_after="mine") == ("mine", {})
    assert DAG().test() == (None, {})
