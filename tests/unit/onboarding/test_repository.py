"""Where a repository begins, and which branch is its main one."""

import pytest

from dagproof.onboarding import Repository, repository_at
from dagproof.onboarding.edits import Unwritable


def test_folder_of_the_nearest_pyproject_is_the_root(tmp_path, git, files):
    files({"jobs/pyproject.toml": "", "pyproject.toml": "", "jobs/dags/x.py": ""})

    found = repository_at(tmp_path / "jobs" / "dags")

    assert (found.root, found.top, found.in_git) == (tmp_path / "jobs", tmp_path, True)
    assert (found.below, found.project) == ("jobs", "jobs")


def test_pyproject_outside_of_the_work_tree_does_not_count(tmp_path, files):
    files({"pyproject.toml": "", "inner/.git/HEAD": "", "inner/dags/x.py": ""})

    found = repository_at(tmp_path / "inner" / "dags")

    assert (found.root, found.top) == (tmp_path / "inner/dags", tmp_path / "inner")


def test_folder_without_git_is_its_own_top_and_pyproject_above_does_not_count(tmp_path, files):
    files({"pyproject.toml": "", "inner/x.py": ""})

    found = repository_at(tmp_path / "inner")

    assert (found.root, found.top, found.in_git) == (tmp_path / "inner", tmp_path / "inner", False)
    assert (found.below, found.project) == ("", "")


def test_project_is_named_by_its_folder_without_slashes(tmp_path):
    assert Repository(tmp_path / "a" / "b c", tmp_path).project == "a-b-c"


def test_branch_is_the_one_that_is_checked_out(tmp_path, git):
    assert Repository(tmp_path, tmp_path).branch == "trunk"


def test_branch_is_origins_main_one_where_it_is_known(tmp_path, git):
    git("commit", "-q", "--allow-empty", "-m", "a")
    git("update-ref", "refs/remotes/origin/live", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/live")

    assert Repository(tmp_path, tmp_path).branch == "live"


@pytest.mark.parametrize("name", ["a$(b)", "${{x}}"])
def test_branch_that_a_workflow_would_read_as_more_is_main(tmp_path, git, name):
    git("symbolic-ref", "HEAD", f"refs/heads/{name}")

    assert Repository(tmp_path, tmp_path).branch == "main"


def test_branch_is_main_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert Repository(tmp_path, tmp_path).branch == "main"


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a$b", "a: b", "${{ x }}", "-x"])
def test_folder_that_a_shell_would_read_as_more_is_refused(tmp_path, name):
    with pytest.raises(Unwritable, match="has a name that would have to be quoted"):
        Repository(tmp_path / name, tmp_path).check()


@pytest.mark.parametrize("name", ["a", "a b", "größe/x-1.2"])
def test_folder_with_a_plain_name_is_not_refused(tmp_path, name):
    Repository(tmp_path / name, tmp_path).check()
    Repository(tmp_path, tmp_path).check()
