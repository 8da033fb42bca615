"""A commit is written as git keeps it: all of what is needed, nothing of what attributes say."""

import os
import shutil
import subprocess

import pytest

from dagproof.changes.checkout import take_out
from dagproof.model import UsageError

OLD = "old()\n"


@pytest.fixture(autouse=True)
def no_git_variables(monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


def test_files_are_those_of_the_commit_and_today_s_are_left_alone(repository, scratch):
    commit = repository.commit("dags/a.py", OLD)
    repository.write("dags/a.py", "new()\n")
    repository.write("dags/b.py")

    past = take_out(repository.root, commit, scratch)

    assert (past / "dags" / "a.py").read_text() == OLD
    assert files(past) == ["dags/a.py", "first.txt"]
    assert repository.git("status", "--porcelain") == "M dags/a.py\n?? dags/b.py"
    assert [one.name for one in scratch.iterdir()] == ["repository"]


@pytest.mark.parametrize("name", ["HEAD~1", "v1", "old"])
def test_commit_may_be_named_as_git_names_it(repository, scratch, name):
    repository.commit("a.py", OLD)
    repository.git("tag", "--annotate", "v1", "--message", "x")
    repository.git("branch", "old")
    repository.commit("a.py", "new()\n")

    assert (take_out(repository.root, name, scratch) / "a.py").read_text() == OLD


def test_files_that_an_archive_would_not_have_are_there(repository, scratch):
    repository.write(".gitattributes", "dags/** export-ignore\nfilled.txt export-subst\n")
    repository.write("filled.txt", "$Format:%H$\n")
    commit = repository.commit("dags/a.py", OLD)

    past = take_out(repository.root, commit, scratch)

    assert (past / "dags" / "a.py").read_text() == OLD
    assert (past / "filled.txt").read_text() == "$Format:%H$\n"


def test_no_filter_runs_so_that_large_files_stay_pointers(repository, scratch, tmp_path):
    ran = tmp_path / "ran"
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    repository.write(".gitattributes", "*.bin filter=lfs\n*.txt eol=crlf\n")
    repository.write("text.txt", "a\n")
    commit = repository.commit("data.bin", pointer)
    repository.git("config", "filter.lfs.smudge", f"touch {ran}; cat")
    repository.git("config", "filter.lfs.required", "true")

    past = take_out(repository.root, commit, scratch)

    assert (past / "data.bin").read_text() == pointer
    assert (past / "text.txt").read_bytes() == b"a\n"
    assert not ran.exists()


def test_contents_are_kept_byte_for_byte(repository, scratch):
    contents = {"empty": b"", "none": b"\0\xff\r\n", "end": b"no line end", "large": b"x\n" * 2**20}
    for name, data in contents.items():
        (repository.root / name).write_bytes(data)
    commit = repository.commit("last.txt")

    past = take_out(repository.root, commit, scratch)

    assert {name: (past / name).read_bytes() for name in contents} == contents


def test_names_of_any_bytes_and_executables_are_kept(repository, scratch):
    names = ["Größe.py", "with space.py", 'quo"te.py', "line\nbreak.py", "tab\t.py"]
    for name in names:
        repository.write(f"dags/{name}")
    odd = os.fsencode(repository.root) + b"/dags/\xff\xfe.py"
    with open(odd, "wb") as file:  # noqa: PTH123 - a path in bytes
        file.write(b"x\n")
    repository.write("run.sh").chmod(0o755)
    commit = repository.commit("last.txt")

    past = take_out(repository.root, commit, scratch)

    assert {*names, os.fsdecode(b"\xff\xfe.py")} == {one.name for one in (past / "dags").iterdir()}
    assert os.access(past / "run.sh", os.X_OK)
    assert not os.access(past / "last.txt", os.X_OK)


def test_of_a_larger_repository_only_the_folder_is_written(repository, scratch):
    repository.write("other/large.txt")
    repository.write("teams/other.txt")
    repository.write("team")
    commit = repository.commit("teams/data/dags/a.py", OLD)

    past = take_out(repository.root / "teams" / "data", commit, scratch)

    assert (past / "dags" / "a.py").read_text() == OLD
    assert files(scratch / "repository") == ["teams/data/dags/a.py"]


def test_what_links_lead_to_is_written_too(repository, scratch):
    repository.write("shared/lib/deep/x.py", "x\n")
    repository.write("shared/other.py")
    repository.write("ways/file.py")
    (repository.root / "short").symlink_to("shared/lib")
    team = repository.root / "team"
    team.mkdir()
    (team / "lib").symlink_to("../short/deep")  # by way of another link
    (team / "file.py").symlink_to("../ways/file.py")
    (team / "dangling").symlink_to("nowhere")
    commit = repository.commit("team/dags/a.py", OLD)

    past = take_out(team, commit, scratch)

    assert (past / "lib" / "x.py").read_text() == "x\n"
    assert (past / "file.py").read_text() == "x\n"
    assert (past / "dangling").is_symlink()
    assert "shared/other.py" not in files(scratch / "repository")


def test_link_to_the_top_brings_everything_and_ends(repository, scratch):
    team = repository.root / "team"
    team.mkdir()
    (team / "all").symlink_to("..")
    commit = repository.commit("team/a.py")

    past = take_out(team, commit, scratch)

    assert (past / "all" / "first.txt").is_file()


def test_links_that_lead_out_are_left_out_and_others_are_kept(repository, scratch):
    (repository.root / "inside.py").symlink_to("first.txt")
    (repository.root / "outside").symlink_to("/etc/hostname")
    (repository.root / "above").symlink_to("../../../x")
    (repository.root / "sub").mkdir()
    (repository.root / "sub" / "up").symlink_to("..")
    (repository.root / "sub" / "sly").symlink_to("up/../../x")  # it looks as if it stayed
    commit = repository.commit("last.txt")

    past = take_out(repository.root, commit, scratch)

    assert (past / "inside.py").read_text() == "x\n"
    assert (past / "sub" / "up" / "last.txt").is_file()
    assert [one for one in ("outside", "above", "sub/sly") if (past / one).is_symlink()] == []


def test_folder_that_was_not_there_is_not_there(repository, scratch):
    (repository.root / "new").mkdir()
    repository.write("new/a.py")

    assert not take_out(repository.root / "new", "HEAD", scratch).exists()


def test_worktree_is_a_repository(repository, scratch, tmp_path):
    commit = repository.commit("dags/a.py", OLD)
    repository.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "HEAD~1")

    past = take_out(tmp_path / "tree", commit, scratch)

    assert (past / "dags" / "a.py").read_text() == OLD


def test_submodule_is_written_where_its_commit_is_there(repository, scratch, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    made = type(repository)(inner)
    made.git("init", "--quiet")
    made.commit("helper.py", OLD)
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
                   str(inner), "vendor/inner")  # fmt: skip
    commit = repository.commit("a.py")
    (repository.root / "vendor" / "inner" / "helper.py").write_text("new()\n")

    past = take_out(repository.root, commit, scratch)
    assert (past / "vendor" / "inner" / "helper.py").read_text() == OLD

    shutil.rmtree(repository.root / "vendor" / "inner")
    shutil.rmtree(scratch / "repository")
    past = take_out(repository.root, commit, scratch)
    assert list((past / "vendor" / "inner").iterdir()) == []


def test_shallow_clone_has_its_commit_and_no_other(repository, scratch, clone):
    first = repository.git("rev-parse", "HEAD")
    last = repository.commit("dags/a.py", OLD)
    shallow = clone(repository, "--depth", "1")

    with pytest.raises(UsageError, match=r"has no commit `.*`fetch-depth: 0` of actions/"):
        take_out(shallow.root, first, scratch)
    assert (take_out(shallow.root, last, scratch) / "dags" / "a.py").read_text() == OLD


def test_clone_without_its_contents_says_how_to_get_them(repository, scratch, clone):
    repository.git("config", "uploadpack.allowFilter", "true")
    commit = repository.commit("dags/a.py", OLD)
    partial = clone(repository, "--filter=blob:none", "--no-checkout")
    shutil.rmtree(repository.root)

    with pytest.raises(UsageError, match="lacks files of that commit: fetch them first"):
        take_out(partial.root, commit, scratch)


@pytest.mark.parametrize("commit", ["nowhere", "", "--all", "HEAD:dags", "0" * 40, "HEAD~9"])
def test_commit_that_is_not_there_is_refused(repository, scratch, commit):
    repository.commit("dags/a.py")

    with pytest.raises(UsageError) as caught:
        take_out(repository.root, commit, scratch)
    assert f"has no commit `{commit}`; a shallow clone may lack it: fetch it" in str(caught.value)


def test_folder_in_no_repository_is_refused(tmp_path, scratch, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    alone = tmp_path / "alone"
    alone.mkdir()

    with pytest.raises(UsageError, match=r"^/.*/alone is in no git repository\.$"):
        take_out(alone, "HEAD", scratch)


def test_repository_of_somebody_else_says_how_to_look_at_it(repository, scratch, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(UsageError, match=r"belongs to somebody else.*`git config --global --add"):
        take_out(repository.root, "HEAD", scratch)


def test_missing_git_is_refused(repository, tmp_path, scratch, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match=r"git is needed to compare with a commit"):
        take_out(repository.root, "HEAD", scratch)


def test_names_that_lead_out_of_the_folder_are_not_written(repository, scratch):
    blob = repository.git("rev-parse", "HEAD:first.txt")
    inner = _tree(repository, ("100644", blob, ".git"), ("100644", blob, ".."))
    outer = _tree(repository, ("100644", blob, "good"), ("40000", inner, "sub"))
    commit = repository.git("commit-tree", outer, "-m", "x")

    assert files(take_out(repository.root, commit, scratch)) == ["good"]


def _tree(repository, *entries):
    """Write a tree as git keeps it: its own commands refuse to make such a one."""
    packed = b"".join(
        f"{mode} {name}\0".encode() + bytes.fromhex(identity) for mode, identity, name in entries
    )
    done = subprocess.run(
        ["git", "-C", str(repository.root), "hash-object", "-t", "tree", "-w", "--stdin",
         "--literally"],
        input=packed, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


@pytest.mark.parametrize("piece", [0, 1])
def test_git_that_ends_in_the_middle_is_told(repository, scratch, monkeypatch, piece):
    """A `git` that is killed after so many bytes, as by a machine without memory."""
    real = shutil.which("git")
    script = scratch / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *--batch*) {real} "$@" | head -c {piece and 49};;'
        f' *) exec {real} "$@";; esac\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")

    with pytest.raises(UsageError, match="git ended while it read" if piece else "lacks files"):
        take_out(repository.root, "HEAD", scratch)
