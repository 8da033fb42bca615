"""What lies below a folder is found as git and Airflow would find it, and nothing is opened."""

import os
from pathlib import Path

import pytest

from dagproof.model import UsageError
from dagproof.source import discovery
from dagproof.source.discovery import find_files, is_dag_file


@pytest.fixture
def repository(tmp_path):
    class Repository:
        root = tmp_path

        def add(self, *names, text=""):
            for name in names:
                path = self.root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

        def look(self, *names, **options):
            return find_files(
                [self.root / name for name in names or ("",)], root=self.root, **options
            )

        def found(self, *names, **options):
            return self.relative(self.look(*names, **options).files)

        def relative(self, paths):
            return [str(path.relative_to(self.root)) for path in paths]

    return Repository()


def test_python_files_are_found_at_any_depth_in_order(repository):
    repository.add("z.py", "a/b/c.py", "a/x.txt", "a/data.pyc", "b.py")

    assert repository.found() == ["a/b/c.py", "b.py", "z.py"]


def test_paths_are_absolute_though_given_relatively(repository, monkeypatch):
    repository.add("dags/a.py")
    monkeypatch.chdir(repository.root)

    found = find_files([Path("dags"), Path("dags/a.py"), Path("./dags/../dags/a.py")], root=Path())

    assert found.files == (repository.root / "dags" / "a.py",)


@pytest.mark.parametrize(
    "folder", [".git", ".venv", ".tox", "__pycache__", "node_modules", "site-packages", "venv"]
)
def test_folders_that_hold_no_dags_are_passed_over(repository, folder):
    repository.add(f"{folder}/a.py", f"dags/{folder}/a.py", "dags/b.py")

    assert repository.found() == ["dags/b.py"]
    assert repository.look().skipped == ()


def test_virtual_environment_is_known_by_its_content(repository):
    repository.add("py311/pyvenv.cfg", "py311/lib/a.py", "b.py")

    assert repository.found() == ["b.py"]


def test_hidden_folder_that_is_named_is_walked(repository):
    repository.add(".github/a.py")

    assert repository.found(".github") == [".github/a.py"]


def test_named_file_is_read_whatever_git_says(repository):
    repository.add("dags/script", ".venv/b.py", "dags/c.py")
    repository.add(".gitignore", text="c.py\n")

    found = repository.found("dags/script", ".venv/b.py", "dags/c.py")

    assert found == [".venv/b.py", "dags/c.py", "dags/script"]


def test_named_file_that_is_excluded_is_not_read(repository):
    repository.add("dags/a.py", "dags/b.py")

    assert repository.found("dags/a.py", "dags/b.py", exclude=["b.py"]) == ["dags/a.py"]


def test_gitignore_is_heeded_at_every_level(repository):
    repository.add("dags/a.py", "dags/b.py", "dags/sub/b.py", "build/c.py", "dags/build/d.py")
    repository.add(".gitignore", text="/build/\nb.py\n")
    repository.add("dags/sub/.gitignore", text="!b.py\n")

    found = repository.look()

    assert repository.relative(found.files) == ["dags/a.py", "dags/build/d.py", "dags/sub/b.py"]
    assert repository.relative(found.skipped) == ["build", "dags/b.py"]


def test_what_is_skipped_is_listed_in_order(repository):
    repository.add("z/a.py", "b.py", "a/c.py")

    assert repository.relative(repository.look("z", "", exclude=["*.py", "a"]).skipped) == [
        "a",
        "b.py",
        "z/a.py",
    ]


def test_gitignore_above_the_named_folder_is_heeded(repository):
    repository.add("dags/sub/a.py", "dags/sub/b.py")
    repository.add(".gitignore", text="dags/sub/b.py\n")
    repository.add("dags/.gitignore", text="a.py\n")

    assert repository.found("dags/sub") == []


def test_gitignore_above_the_git_repository_is_not_heeded(repository):
    repository.add("repo/dags/a.py", "repo/.git/HEAD")
    repository.add(".gitignore", text="*.py\n")

    assert repository.found("repo/dags") == ["repo/dags/a.py"]


def test_git_repository_around_the_root_counts(repository):
    repository.add("project/dags/a.py", "project/dags/b.py", ".git/HEAD")
    repository.add(".gitignore", text="a.py\n")
    dags = repository.root / "project" / "dags"

    assert find_files([dags], root=repository.root / "project").files == (dags / "b.py",)


def test_patterns_that_only_this_clone_has_are_heeded_and_weigh_least(repository):
    repository.add("a.py", "b.py")
    repository.add(".git/info/exclude", text="a.py\nb.py\n")
    repository.add(".gitignore", text="!b.py\n")

    assert repository.found() == ["b.py"]


def test_airflowignore_is_heeded_with_its_own_comments(repository):
    repository.add("dags/a.py", "dags/old/b.py", "dags/team/c.py", "dags/team/d.py")
    repository.add("dags/.airflowignore", text="# archive\nold/  # since 2023\n")
    repository.add("dags/team/.airflowignore", text="c.*#\n")

    assert repository.found() == ["dags/a.py", "dags/team/d.py"]


def test_git_and_airflow_do_not_overrule_each_other(repository):
    repository.add("a.py", "b.py")
    repository.add(".gitignore", text="a.py\n!b.py\n")
    repository.add(".airflowignore", text="b.py\n!a.py\n")

    assert repository.found() == []


def test_exclude_is_relative_to_the_root(repository):
    repository.add("dags/a.py", "dags/old/b.py", "old/c.py", "dags/x_test.py")

    assert repository.found("dags", "old", exclude=["/old/c.py", "*_test.py"]) == [
        "dags/a.py",
        "dags/old/b.py",
    ]


def test_exclude_reaches_names_outside_the_root(repository):
    repository.add("repo/a.py", "shared/a.py", "shared/x_test.py")
    paths = [repository.root / "repo", repository.root / "shared"]

    found = find_files(paths, root=repository.root / "repo", exclude=["*_test.py", "/a.py"])

    assert repository.relative(found.files) == ["shared/a.py"]


def test_ignore_file_that_is_no_text_does_not_end_the_search(repository):
    repository.add("a.py", "b.py")
    (repository.root / ".gitignore").write_bytes(b"\xff\xfe\nb.py\n\x00\n")
    (repository.root / ".airflowignore").mkdir()

    assert repository.found() == ["a.py"]


def test_folder_called_like_a_file_is_told_and_walked(repository):
    repository.add("dags/x.py/inner.py")

    found = repository.look()

    assert repository.relative(found.files) == ["dags/x.py/inner.py"]
    assert found.unread == (
        (
            repository.root / "dags" / "x.py",
            "it is a folder; rename it, a name in `.py` is a file's",
        ),
    )


def test_everything_that_cannot_be_read_is_told_in_order(repository):
    repository.add("a.py")
    (repository.root / "b.py").symlink_to("nowhere.py")
    (repository.root / "round.py").symlink_to("round.py")
    (repository.root / "notes").symlink_to("nowhere")
    (repository.root / "c.py").mkdir()

    found = repository.look()

    assert repository.relative(found.files) == ["a.py"]
    assert [(path.name, why) for path, why in found.unread] == [
        ("b.py", "it is a link to nothing; mend or remove the link"),
        ("c.py", "it is a folder; rename it, a name in `.py` is a file's"),
        ("round.py", "it is a link to nothing; mend or remove the link"),
    ]


def test_pipe_is_told_and_never_opened(repository):
    os.mkfifo(repository.root / "pipe.py")
    (repository.root / "zz.py").symlink_to("pipe.py")

    assert [why for _, why in repository.look().unread] == [
        "it is no regular file; move or rename it"
    ] * 2
    assert [why for _, why in repository.look("pipe.py").unread] == [
        "it is no regular file; name a file or a folder"
    ]


def test_file_without_permission_is_told(repository, monkeypatch):
    repository.add("a.py", "b.py")
    monkeypatch.setattr(os, "access", lambda path, _: not path.endswith("b.py"))

    found = repository.look()

    assert repository.relative(found.files) == ["a.py"]
    assert [why for _, why in found.unread] == [
        "permission denied; make the file readable, or exclude it"
    ]


def test_folder_without_permission_is_told(repository, monkeypatch):
    repository.add("a.py", "secret/b.py")
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(discovery.os, "scandir", refusing)

    found = repository.look()

    assert repository.relative(found.files) == ["a.py"]
    assert [why for _, why in found.unread] == ["the folder cannot be listed: Permission denied"]


def test_path_behind_a_locked_folder_is_told(repository, monkeypatch):
    repository.add("a.py", "b.py")
    (repository.root / "link.py").symlink_to("locked/c.py")

    def refusing(path):
        if path.name in {"b.py", "link.py"}:
            raise PermissionError(13, "Permission denied")
        return False

    monkeypatch.setattr(Path, "is_dir", refusing)
    named = repository.look("a.py", "b.py")
    monkeypatch.setattr(Path, "is_dir", lambda path: path == repository.root or refusing(path))
    below = repository.look()

    assert repository.relative(named.files) == ["a.py"]
    assert [why for _, why in named.unread] == ["it cannot be reached: Permission denied"]
    assert repository.relative(below.files) == ["a.py", "b.py"]
    assert [why for _, why in below.unread] == ["it cannot be reached: Permission denied"]


def test_folders_may_lie_deeper_than_python_may_call(repository):
    folder = repository.root
    for _ in range(490):
        folder /= "d"
        folder.mkdir()
    (folder / "a.py").touch()

    assert len(repository.look().files) == 1


def test_ignore_file_that_is_a_pipe_is_not_opened(repository):
    repository.add("a.py")
    os.mkfifo(repository.root / ".gitignore")

    assert repository.found() == ["a.py"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere.py"])
def test_named_path_that_is_not_there_is_refused(repository, name):
    with pytest.raises(
        UsageError, match=rf"^There is no file or folder .*{name}; name one that is"
    ):
        repository.look(name)


def test_named_link_to_nothing_is_refused(repository):
    (repository.root / "b.py").symlink_to("nowhere.py")

    with pytest.raises(UsageError, match=r"b\.py is a link to nothing"):
        repository.look("b.py")


def test_folder_links_that_go_round_end(repository):
    repository.add("dags/a.py")
    (repository.root / "dags" / "again").symlink_to(repository.root)
    (repository.root / "alias").symlink_to("dags")

    assert repository.found() == ["dags/a.py"]


def test_file_is_known_by_its_own_path_rather_than_by_a_link(repository):
    repository.add("z/real.py")
    (repository.root / "a.py").symlink_to("z/real.py")

    assert repository.found() == ["z/real.py"]


def test_file_that_only_a_link_leads_to_is_known_by_the_link(repository, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.py").touch()
    (repository.root / "dags").symlink_to(elsewhere)

    assert repository.found() == ["dags/a.py"]


def test_name_that_is_no_utf8_is_found(repository):
    (repository.root / os.fsdecode(b"\xff.py")).touch()

    assert [os.fsencode(path.name) for path in repository.look().files] == [b"\xff.py"]


def test_folder_given_inside_a_folder_given_is_walked_once(repository):
    repository.add("dags/sub/a.py")

    assert repository.found("dags", "dags/sub", "dags") == ["dags/sub/a.py"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"from Airflow.sdk import DAG", True),
        (b"from airflow.sdk import asset", True),
        (b"import airflow", False),
        (b"dag = 1", False),
        (b"", False),
        (b"\xff\x00 AIRFLOW Dag", True),
    ],
)
def test_safe_mode_wants_both_words(data, expected):
    assert is_dag_file(data) is expected
