"""Inner sessions with `--dagproof`, and with a fake of reading, of the audit and of contracts.

They run in this process, and what is found is what a test says.
"""

import os
import re

import pytest
from dag_items import ALONE

from dagproof.model import Report


class Fakes:
    """What reading, the audit and contracts find, and what they were asked."""

    def __init__(self):
        self.read, self.seen, self.broken = [], [], []
        self.traces, self.unread = [], []
        self.notes = ()
        self.asked = []
        self.environ = {}

    def lint(self, settings, request):
        """Find what the test wants to be read."""
        return self.answer("lint", request, self.read)

    def audit(self, settings, request):
        """Find what the test wants to be seen."""
        return self.answer("audit", request, self.seen)

    def prove(self, settings, request):
        """Find what the test wants to be broken."""
        self.request = request
        return self.answer("contracts", request, self.broken)

    def answer(self, name, request, findings):
        """Write down the question."""
        self.asked.append((name, [path.name for path in request.paths]))
        self.environ = dict(os.environ)
        if isinstance(findings, Exception):
            raise findings
        return Report(
            findings=tuple(findings),
            notes=self.notes,
            contracts=tuple(self.traces),
            errors=tuple(self.unread),
        )


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    fakes = Fakes()
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr("dagproof.lint.lint", fakes.lint)
    monkeypatch.setattr("dagproof.audit.audit", fakes.audit)
    monkeypatch.setattr("dagproof.proving.prove", fakes.prove)
    return fakes


@pytest.fixture
def written(pytester):
    """Write files below the folder of the inner session, with an empty pyproject.toml."""

    def written(settings="", ini="", **files):
        (pytester.path / "pyproject.toml").write_text(
            f"[tool.dagproof]\n{settings}\n[tool.pytest.ini_options]\n{ini}\n", encoding="utf-8"
        )
        for name, text in files.items():
            path = pytester.path.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return written


@pytest.fixture
def collected(pytester):
    """Return the node ids that an inner session collects."""

    def collected(*options, on="--dagproof"):
        result = pytester.runpytest_inprocess(*ALONE, on, "--collect-only", "-q", *options)
        return [line for line in result.outlines if "::" in line and " " not in line]

    return collected


@pytest.fixture
def outcomes(pytester):
    """Return the outcome of each item of an inner session, by node id."""

    def outcomes(*options):
        result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-v", *options)
        said = result.stdout.str()
        return dict(re.findall(r"^(\S+::\S+) (PASSED|FAILED|ERROR|SKIPPED)", said, re.MULTILINE))

    return outcomes
