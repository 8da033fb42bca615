"""Which `.airflowignore` covers a path is told as Airflow would decide it."""

import pytest

from dagproof.source.ignore_files import airflow_ignores


@pytest.fixture
def repository(tmp_path):
    class Repository:
        root = tmp_path / "repository"

        def add(self, name, text=""):
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return path

        def covers(self, name):
            found = airflow_ignores(self.root / name, self.root)
            return found.removeprefix(f"{self.root}/")

    repository = Repository()
    repository.root.mkdir()
    return repository


def test_file_is_told_with_the_ignore_file_that_covers_it(repository):
    repository.add("dags/.airflowignore", "old_*.py\n")
    repository.add("dags/old_a.py")
    repository.add("dags/new.py")

    assert repository.covers("dags/old_a.py") == "dags/.airflowignore"
    assert repository.covers("dags/new.py") == ""


def test_ignore_file_above_covers_what_lies_deeper(repository):
    repository.add("dags/.airflowignore", "a.py\n")
    repository.add("dags/team/deep/a.py")

    assert repository.covers("dags/team/deep/a.py") == "dags/.airflowignore"


def test_nearest_file_that_has_something_to_say_decides(repository):
    repository.add("dags/.airflowignore", "*.py\n")
    repository.add("dags/team/.airflowignore", "!kept.py\nb.py\n")
    for name in ("kept.py", "b.py", "c.py"):
        repository.add(f"dags/team/{name}")

    assert repository.covers("dags/team/kept.py") == ""
    assert repository.covers("dags/team/b.py") == "dags/team/.airflowignore"
    assert repository.covers("dags/team/c.py") == "dags/.airflowignore"


def test_last_pattern_of_a_file_decides(repository):
    repository.add("dags/.airflowignore", "*.py\n!a.py\n")
    repository.add("dags/a.py")
    assert repository.covers("dags/a.py") == ""

    repository.add("dags/.airflowignore", "!a.py\n*.py\n")
    assert repository.covers("dags/a.py") == "dags/.airflowignore"


def test_pattern_with_a_slash_is_for_folders(repository):
    repository.add("dags/.airflowignore", "old/\nplain.py/\n")
    repository.add("dags/old/a.py")
    repository.add("dags/plain.py")

    assert repository.covers("dags/old") == "dags/.airflowignore"
    assert repository.covers("dags/plain.py") == ""


@pytest.mark.parametrize("name", [".gitignore", "pyproject.toml"])
def test_other_files_ignore_nothing_for_airflow(repository, name):
    repository.add(f"dags/{name}", "a.py\n")
    repository.add("dags/a.py")

    assert repository.covers("dags/a.py") == ""


def test_gitignore_does_not_bring_back_what_airflow_ignores(repository):
    repository.add("dags/.airflowignore", "a.py\n")
    repository.add("dags/.gitignore", "!a.py\n")
    repository.add("dags/a.py")

    assert repository.covers("dags/a.py") == "dags/.airflowignore"


def test_comments_behind_a_pattern_are_no_part_of_it(repository):
    repository.add("dags/.airflowignore", "# all\na.py  # old\n\n")
    repository.add("dags/a.py")

    assert repository.covers("dags/a.py") == "dags/.airflowignore"


def test_ignore_file_above_the_repository_is_not_asked(repository):
    (repository.root.parent / ".airflowignore").write_text("*.py\n")
    repository.add("dags/a.py")

    assert repository.covers("dags/a.py") == ""


def test_folder_named_airflowignore_ignores_nothing(repository):
    repository.add("dags/.airflowignore/a.py")
    repository.add("dags/a.py")

    assert repository.covers("dags/a.py") == ""
