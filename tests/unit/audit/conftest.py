"""Traces and findings to judge, and a small repository."""

import textwrap

import pytest

from dagproof.config import load_settings
from dagproof.model import Effect, Finding, ImportTrace, Kind, Severity, Span
from dagproof.rules import RULES

BY_CODE = {rule.code: rule for rule in RULES}


@pytest.fixture
def finding():
    def finding(code="DP202", path="dags/a.py", line=3, message="it happens", **more):
        rule = BY_CODE[code]
        span = Span(path, line, 1, line, 9)
        told = {"severity": rule.severity, **more}
        return Finding(rule.code, rule.slug, kind=rule.kind, message=message, fix=rule.fix,
                       span=span, **told)  # fmt: skip

    return finding


@pytest.fixture
def connecting():
    """Make the trace of a file that opens a connection on a line."""

    def connecting(path="dags/a.py", line=3, **more):
        span = Span(path, line, 1, line, 9)
        seen = Effect(Kind.NETWORK, "socket.connect", "rates.test:443", span)
        return ImportTrace(path, effects=(seen,), **more)

    return connecting


@pytest.fixture
def repository(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    for name in ("PYTHONPATH", "AIRFLOW__CORE__DEFAULT_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)

    class Repository:
        def add(self, name, text=""):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
            return path

        def configure(self, text):
            self.add("pyproject.toml", "[tool.dagproof]\n" + textwrap.dedent(text))

        @property
        def settings(self):
            return load_settings(root)

    repository = Repository()
    repository.root = root
    return repository


@pytest.fixture
def severity():
    return Severity
