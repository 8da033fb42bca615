"""A small repository in which one stands."""

import pytest

from dagproof.config import load_settings


@pytest.fixture
def repository(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))

    class Repository:
        def add(self, name, text=""):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return path

        def configure(self, text):
            self.add("pyproject.toml", f"[tool.dagproof]\n{text}")

        @property
        def settings(self):
            return load_settings(root)

    repository = Repository()
    repository.root = root
    return repository
