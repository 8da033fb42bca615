"""The commit that a change is compared with."""

import json

import pytest

from dagproof.changes.base import compared
from dagproof.model import ChangedFile, FileFate, UsageError


def names(comparison, root):
    return [one.path.removeprefix(f"{root}/") for one in comparison.files]


def event(tmp_path, document):
    path = tmp_path / "event.json"
    path.write_text(json.dumps(document))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}


def test_branch_is_compared_with_where_it_left_the_main_one(repository):
    left = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "-b", "work")
    repository.commit("mine.txt")
    repository.git("checkout", "--quiet", "main")
    repository.commit("theirs.txt")
    repository.git("checkout", "--quiet", "work")

    found = compared(repository.root, None, {})

    assert (found.commit, found.asked, found.how) == (left, "main", "the main branch")
    assert names(found, repository.root) == ["mine.txt"]


def test_branch_of_the_remote_goes_before_the_local_one(repository, clone):
    there = repository.git("rev-parse", "HEAD")
    copy = clone(repository)
    copy.commit("unpushed.txt")

    found = compared(copy.root, None, {})

    assert (found.commit, found.asked) == (there, "origin/main")
    assert names(found, copy.root) == ["unpushed.txt"]


def test_default_branch_of_the_remote_is_known_by_any_name(repository, clone):
    repository.git("branch", "--move", "trunk")
    assert compared(clone(repository).root, None, {}).asked == "origin/trunk"


def test_what_is_not_committed_counts(repository):
    repository.write("first.txt", "changed\n")
    repository.write("new folder/ünew.txt")
    repository.write("staged.txt")
    repository.git("add", "staged.txt")
    repository.write("dags/__pycache__/a.cpython-311.pyc")
    repository.write(".gitignore", "ignored.txt\n")
    repository.write("ignored.txt")

    found = compared(repository.root, "HEAD", {})

    assert [(one.path.removeprefix(f"{repository.root}/"), one.fate) for one in found.files] == [
        (".gitignore", FileFate.ADDED),
        ("first.txt", FileFate.MODIFIED),
        ("new folder/ünew.txt", FileFate.ADDED),
        ("staged.txt", FileFate.ADDED),
    ]


def test_renamed_and_deleted_files_are_told_by_both_names(repository):
    repository.commit("long.txt", "line\n" * 100)
    repository.git("mv", "long.txt", "other.txt")
    repository.git("rm", "--quiet", "first.txt")

    found = compared(repository.root, "HEAD", {})

    root = repository.root
    assert found.files == (
        ChangedFile(f"{root}/first.txt", FileFate.DELETED),
        ChangedFile(f"{root}/other.txt", FileFate.RENAMED, f"{root}/long.txt"),
    )
    assert found.files[1].paths == (f"{root}/other.txt", f"{root}/long.txt")


def test_file_that_left_the_index_alone_is_modified_and_not_deleted(repository):
    repository.git("rm", "--quiet", "--cached", "first.txt")
    [one] = compared(repository.root, "HEAD", {}).files
    assert one.fate is FileFate.MODIFIED


def test_folder_below_the_repository_has_changes_of_all_of_it(repository):
    repository.commit("dags/a.py")
    repository.write("elsewhere/b.py")
    found = compared(repository.root / "dags", "HEAD~1", {})
    assert names(found, repository.root) == ["dags/a.py", "elsewhere/b.py"]


def test_merge_that_github_tries_is_compared_with_its_first_parent(repository, tmp_path):
    repository.git("checkout", "--quiet", "-b", "work")
    head = repository.commit("mine.txt")
    repository.git("checkout", "--quiet", "main")
    base = repository.commit("theirs.txt")
    repository.git("merge", "--quiet", "--no-edit", "work")
    environ = event(tmp_path, {"pull_request": {"head": {"sha": head}, "base": {"sha": "0" * 40}}})

    found = compared(
        repository.root,
        None,
        {**environ, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"},
    )

    assert (found.commit, found.how) == (base, "the pull request's base")
    assert names(found, repository.root) == ["mine.txt"]


def test_pull_request_that_was_rebased_is_compared_with_its_branch(repository, clone, tmp_path):
    left = repository.git("rev-parse", "HEAD")
    copy = clone(repository)
    copy.git("checkout", "--quiet", "-b", "work")
    copy.commit("mine.txt")
    environ = event(tmp_path, {"pull_request": {"head": {"sha": "1" * 40}}})

    found = compared(
        copy.root,
        None,
        {**environ, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"},
    )

    assert (found.commit, found.asked) == (left, "origin/main")


def test_merge_group_is_compared_with_what_its_queue_stands_on(repository, tmp_path):
    base = repository.git("rev-parse", "HEAD")
    repository.commit("queued.txt")
    environ = event(tmp_path, {"merge_group": {"base_sha": base}})
    found = compared(repository.root, None, {**environ, "GITHUB_EVENT_NAME": "merge_group"})
    assert (found.commit, found.how) == (base, "what the merge queue stands on")


def test_push_is_compared_with_what_was_there(repository, tmp_path):
    before = repository.git("rev-parse", "HEAD")
    repository.commit("one.txt")
    repository.commit("two.txt")
    environ = event(tmp_path, {"before": before})
    found = compared(repository.root, None, {**environ, "GITHUB_EVENT_NAME": "push"})
    assert found.commit == before
    assert names(found, repository.root) == ["one.txt", "two.txt"]


def test_push_of_a_new_branch_is_compared_with_the_default_one(repository, clone, tmp_path):
    copy = clone(repository)
    copy.git("checkout", "--quiet", "-b", "new")
    copy.commit("one.txt")
    environ = event(tmp_path, {"before": "0" * 40, "repository": {"default_branch": "main"}})
    found = compared(copy.root, None, {**environ, "GITHUB_EVENT_NAME": "push"})
    assert (found.asked, names(found, copy.root)) == ("origin/main", ["one.txt"])


def test_push_that_was_forced_over_a_commit_that_is_gone_is_unknown(repository, tmp_path):
    environ = event(tmp_path, {"before": "1" * 40})
    found = compared(repository.root, None, {**environ, "GITHUB_EVENT_NAME": "push"})
    assert found.commit == ""
    assert found.unknown == f"There is no commit `{'1' * 40}` here."


def test_event_that_is_no_json_tells_nothing(repository, tmp_path):
    (tmp_path / "event.json").write_text("[")
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    found = compared(repository.root, None, {**environ, "GITHUB_EVENT_NAME": "merge_group"})
    assert found.asked == "main"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DAGPROOF_BASE", "HEAD~1"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD~1"),
        ("BITBUCKET_PR_DESTINATION_COMMIT", "HEAD~1"),
        ("CHANGE_TARGET", "target"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "target"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "target"),
    ],
)
def test_other_services_name_the_base_by_a_variable(repository, variable, value):
    before = repository.git("rev-parse", "HEAD")
    repository.git("update-ref", "refs/remotes/origin/target", before)
    repository.commit("mine.txt")
    assert compared(repository.root, None, {variable: value}).commit == before


def test_shallow_clone_without_the_base_says_how_to_get_it(repository, clone):
    repository.commit("second.txt")
    copy = clone(repository, "--depth", "1")

    found = compared(copy.root, "release", {})

    assert (found.commit, found.asked) == ("", "release")
    assert found.unknown == (
        "There is no commit `release` here. The clone is shallow: `git fetch --unshallow` brings "
        "the rest, and on GitHub `fetch-depth: 0` of actions/checkout."
    )


def test_branches_without_a_common_ancestor_are_unknown(repository):
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit("other.txt")
    assert compared(repository.root, None, {}).unknown == (
        "`main` and this branch have no common ancestor here."
    )


def test_commit_that_is_not_there_is_refused(repository):
    with pytest.raises(UsageError, match=r"There is no commit `mian` here\. `--base` takes"):
        compared(repository.root, "mian", {})


def test_option_of_git_is_no_commit(repository):
    with pytest.raises(UsageError, match="There is no commit `--all`"):
        compared(repository.root, "--all", {})


def test_folder_without_git_is_unknown_until_somebody_asks(tmp_path):
    assert compared(tmp_path, None, {}).unknown.startswith(f"git does not know {tmp_path}: not a")
    with pytest.raises(UsageError, match="`--base main` needs a git repository"):
        compared(tmp_path, "main", {})


def test_repository_without_a_commit_is_unknown(tmp_path, repository):
    repository.git("init", "--quiet", str(tmp_path / "empty"))
    assert compared(tmp_path / "empty", None, {}).unknown == (
        "There is no commit yet to compare with."
    )


def test_repository_without_a_known_branch_is_unknown(repository):
    repository.git("branch", "--move", "work")
    assert compared(repository.root, None, {}).unknown.startswith("No branch is known that")


def test_hook_of_git_is_no_other_repository(repository, monkeypatch):
    repository.commit("dags/a.py")
    monkeypatch.setenv("GIT_DIR", str(repository.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.root / ".git/no-index"))
    found = compared(repository.root / "dags", "HEAD~1", {})
    assert names(found, repository.root) == ["dags/a.py"]


def test_machine_without_git_is_told(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git is needed"):
        compared(repository.root, None, {})


@pytest.mark.parametrize(("program", "mode"), [("#!/bin/sh\n", 0o644), ("garbage", 0o755)])
def test_git_that_cannot_be_started_is_one_sentence(
    repository, tmp_path, monkeypatch, program, mode
):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(program)
    (folder / "git").chmod(mode)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(UsageError, match=r"git is needed .* cannot be started: "):
        compared(repository.root, None, {})


def test_git_that_ends_without_a_word_is_said_to(repository, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nkill -9 $$\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    told = compared(repository.root, None, {}).unknown
    assert told == f"git does not know {repository.root}: git ended without a word."
