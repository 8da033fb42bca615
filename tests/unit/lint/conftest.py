"""A small DAG repository to read."""

import textwrap

import pytest

from dagproof.config import load_settings
from dagproof.lint import LintRequest, lint


@pytest.fixture
def repository(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))

    class Repository:
        def add(self, name, text):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                path.write_bytes(text)
            else:
                path.write_text(textwrap.dedent(text), encoding="utf-8")
            return path

        def configure(self, text):
            self.add("pyproject.toml", "[tool.dagproof]\n" + textwrap.dedent(text))

        def lint(self, *paths, **request):
            return lint(load_settings(root), LintRequest(paths=paths, **request))

        def found(self, *paths, **request):
            report = self.lint(*paths, **request)
            return [(one.span.path, one.span.line, one.code) for one in report.findings]

    repository = Repository()
    repository.root = root
    return repository
