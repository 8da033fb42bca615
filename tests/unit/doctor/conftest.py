"""What is examined, as a test says it is."""

from types import SimpleNamespace

import pytest

from dagproof.config import load_settings
from dagproof.doctor import Surroundings, airflow, conflicts, docker, extras, installed
from dagproof.model import DagproofError


@pytest.fixture
def surroundings(tmp_path):
    """Return the surroundings of a folder."""

    def surroundings(**given):
        settings, complaint = None, ""
        try:
            settings = load_settings(tmp_path)
        except DagproofError as error:
            complaint = str(error)
        environ = {"DAGPROOF_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}
        environ |= given.pop("environ", {})
        return Surroundings(
            **{
                "folder": tmp_path, "settings": settings, "complaint": complaint,
                "environ": environ, **given,
            }
        )  # fmt: skip

    return surroundings


@pytest.fixture
def told(surroundings):
    """Return what a subject says: state, sentence and command of each check."""

    def told(subject, **given):
        return [
            (check.state.value, check.sentence, check.command)
            for check in subject(surroundings(**given))
        ]

    return told


@pytest.fixture
def packages(monkeypatch):
    """Let these packages be installed, and these modules be importable."""

    def packages(found, modules=()):
        known = {
            name: SimpleNamespace(version=one, requires=None) if isinstance(one, str) else one
            for name, one in found.items()
        }
        for module in (installed, airflow, conflicts, docker, extras):
            for name, stand_in in (
                ("packages", lambda: known),
                ("importable", lambda name: name in modules or name == "packaging"),
            ):
                if hasattr(module, name):
                    monkeypatch.setattr(module, name, stand_in)

    return packages
