"""Every format, as commands render it."""

import json
from xml.etree import ElementTree as ET

import pytest
from fixtures.reports import clean, finding, full

from dagproof.commands.reporting import FORMATS, folder_in_workspace, render
from dagproof.model import Report


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A folder of a repository, as a runner of GitHub sees it."""
    folder = tmp_path / "repo" / "team a"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "repo"))
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_SHA", "abc")
    return folder


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_something_of_every_report(name, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    shown = render(name, full())

    assert "mlflow-call-at-import" in shown or name == "junit"
    assert "DP201" in shown
    assert name == "github" or render(name, clean())


def test_formats_for_machines_can_be_read():
    assert json.loads(render("json", full()))["version"] == 1
    assert json.loads(render("sarif", full()))["version"] == "2.1.0"
    assert ET.fromstring(render("junit", full())).tag == "testsuites"  # noqa: S314 - our own


@pytest.mark.usefixtures("workspace")
def test_github_hears_of_paths_from_the_root_of_its_workspace():
    report = Report(findings=(finding(),))

    assert render("github", report).startswith("::error file=team a/dags/taxi/dag.py,line=12,")
    assert '"uri": "team%20a/dags/taxi/dag.py"' in render("sarif", report)
    assert '"path": "dags/taxi/dag.py"' in render("json", report)
    assert (
        "[`dags/taxi/dag.py:12`](<https://github.example/o/r/blob/abc/team%20a/dags/taxi/dag.py#L12>)"
    ) in render("markdown", report)


def test_folder_is_the_one_below_the_workspace(workspace, tmp_path, monkeypatch):
    linked = tmp_path / "linked"
    linked.symlink_to(tmp_path / "repo")
    inside = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(linked)}

    assert folder_in_workspace(inside) == "team a"
    assert folder_in_workspace(inside | {"GITHUB_WORKSPACE": str(workspace)}) == ""
    assert folder_in_workspace(inside | {"GITHUB_WORKSPACE": str(tmp_path / "else")}) == ""
    assert folder_in_workspace(inside | {"GITHUB_WORKSPACE": ""}) == ""
    assert folder_in_workspace(inside | {"GITHUB_ACTIONS": "false"}) == ""
    assert folder_in_workspace({}) == ""
