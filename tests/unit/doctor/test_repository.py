"""Settings, DAG files and git are looked at, and what keeps dagproof from working is told."""

import subprocess

import pytest
from linting import written

from dagproof.doctor import repository
from dagproof.model import UsageError


@pytest.fixture
def git(tmp_path):
    """Make the folder a git work tree, and tell git something."""

    def git(*arguments, where=tmp_path):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *identity, *arguments], cwd=where, check=True, capture_output=True)

    git("init", "-q")
    return git


def test_settings_that_are_read_are_fine(told, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[[tool.dagproof.runs]]\ndag = "a"\n')

    assert told(repository.settings) == [
        ("ok", f"[tool.dagproof] in {tmp_path}/pyproject.toml", "")
    ]
    assert told(repository.runs) == [("ok", "a", "")]


def test_settings_that_are_missing_are_made_by_init(told):
    ((state, _, command),) = told(repository.settings)

    assert (state, command) == ("warning", "dagproof init")
    assert told(repository.runs) == []


def test_runs_that_are_not_configured_are_told(told, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\n")

    assert told(repository.runs)[0][1].startswith("none are configured")


def test_complaint_about_settings_is_a_problem_and_ends_the_questions(told, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\ndag = 1\n")

    ((state, sentence, _),) = told(repository.settings)

    assert state == "problem"
    assert "there is no key `tool.dagproof.dag`" in sentence
    assert told(repository.dags) == told(repository.runs) == []


def test_services_that_are_none_are_a_problem(told):
    _, (state, sentence, command) = told(
        repository.settings, environ={"DAGPROOF_SERVICES": "cloud"}
    )

    assert (state, command) == ("problem", "unset DAGPROOF_SERVICES")
    assert "`cloud`, which is none of embedded, containers, external" in sentence


DAG = "from airflow.sdk import DAG\nDAG('a')\n"


def test_dag_files_are_counted(told, tmp_path):
    written(tmp_path, {"dags/a.py": DAG, "dags/b.py": DAG, "dags/c.py": "", "plugins/p.py": ""})

    assert told(repository.dags) == [("ok", "3 files in dags, plugins", "")]


def test_folder_outside_of_the_repository_is_shown_whole(told, tmp_path):
    other = tmp_path / "other"
    written(
        tmp_path, {"other/a.py": DAG, "in/pyproject.toml": '[tool.dagproof]\ndags = ["../other"]'}
    )
    from dagproof.config import load_settings

    ((state, sentence, _),) = told(repository.dags, settings=load_settings(tmp_path / "in"))

    assert (state, sentence) == ("ok", f"1 file in {other}")


@pytest.mark.parametrize(
    ("declared", "command"), [(False, "dagproof init"), (True, "")], ids=["new", "declared"]
)
def test_no_dags_folder_is_a_problem(told, tmp_path, declared, command):
    if declared:
        (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\ndags = ["x"]\n')

    ((state, sentence, offered),) = told(repository.dags)

    assert (state, offered) == ("problem", command)
    assert sentence.startswith("There is no dags folder at ")


def test_one_of_several_folders_that_is_missing_is_told(told, tmp_path):
    written(tmp_path, {"dags/a.py": DAG, "pyproject.toml": '[tool.dagproof]\ndags = ["dags", "x"]'})

    first, second = told(repository.dags)

    assert (first[0], second[0]) == ("warning", "ok")
    assert "x in `dags` is no folder" in first[1]


def test_folder_without_dag_files_is_a_problem(told, tmp_path):
    (tmp_path / "dags").mkdir()

    ((state, sentence, _),) = told(repository.dags)

    assert state == "problem"
    assert sentence.startswith("There is no DAG file in ")


def test_file_that_cannot_be_read_is_told(told, tmp_path):
    written(tmp_path, {"dags/a.py": DAG})
    (tmp_path / "dags" / "b.py").symlink_to("nothing")

    first, second = told(repository.dags)

    assert (first[0], second[0]) == ("warning", "ok")
    assert "b.py cannot be read: it is a link to nothing" in first[1]


def test_git_with_a_commit_is_fine(told, tmp_path, git):
    git("commit", "-q", "--allow-empty", "-m", "a")

    assert told(repository.git) == [("ok", str(tmp_path), "")]


def test_git_without_a_commit_has_nothing_to_compare_with(told, git):
    ((state, sentence, command),) = told(repository.git)

    assert state == "warning"
    assert sentence.startswith("There is no commit in ")
    assert command.startswith("git add --all && git commit")


def test_folder_without_git_is_told(told):
    ((state, sentence, command),) = told(repository.git)

    assert (state, command) == ("warning", "git init")
    assert "is in no git work tree" in sentence


def test_git_that_is_not_installed_is_told(told, monkeypatch):
    def missing(*_, **__):
        raise UsageError("git is needed")

    monkeypatch.setattr(repository, "ask", missing)

    assert told(repository.git)[0][1].startswith("git is not installed")


def test_shallow_clone_is_deepened(told, tmp_path, git):
    for _ in range(2):
        git("commit", "-q", "--allow-empty", "-m", "a")
    git("clone", "-q", "--depth", "1", f"file://{tmp_path}", "clone")

    ((state, _, command),) = told(repository.git, folder=tmp_path / "clone")

    assert (state, command) == ("warning", "git fetch --unshallow")


def test_remote_without_a_known_main_branch_is_told(told, tmp_path, git):
    git("commit", "-q", "--allow-empty", "-m", "a")
    git("remote", "add", "origin", "nowhere")

    assert told(repository.git)[0][1].endswith(
        "origin's main branch is not known, `--base` names one"
    )


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("fatal: detected dubious ownership in repository at 'x'\nmore",
         "git config --global --add safe.directory '/a b'"),
        ("fatal: something else", ""),
    ],
)  # fmt: skip
def test_what_git_refuses_is_told(told, tmp_path, monkeypatch, said, command):
    from pathlib import Path

    from dagproof.changes.git import Refusal

    def refuse(*_, **__):
        raise Refusal(said)

    monkeypatch.setattr(repository, "ask", refuse)

    ((state, sentence, offered),) = told(repository.git, folder=Path("/a b"))

    assert (state, offered) == ("warning", command)
    assert "/a b" in sentence
