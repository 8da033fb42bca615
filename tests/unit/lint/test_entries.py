"""Reading begins with what Airflow would import, and each file is read once."""

from pathlib import Path

import pytest

from dagproof.config import load_settings
from dagproof.lint.entries import Entries, show


@pytest.fixture
def entries(repository):
    def entries(*paths):
        return Entries(load_settings(repository.root), paths)

    return entries


@pytest.fixture
def files(repository, entries):
    def files(*paths):
        return [str(path.relative_to(repository.root)) for path in entries(*paths).files]

    return files


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("from airflow import DAG", True),
        ("# a dag for AirFlow", True),
        ("from airflow.sdk import asset", True),
        ("import airflow", False),
        ("def dag(): ...", False),
        ("", False),
    ],
)
def test_entry_is_what_airflow_s_safe_mode_would_import(repository, files, text, is_one):
    repository.add("dags/a.py", text)
    repository.add("dags/b.py", "from airflow.sdk import dag")

    assert files() == (["dags/a.py", "dags/b.py"] if is_one else ["dags/b.py"])


def test_plugin_is_an_entry_whatever_it_holds(repository, files):
    repository.add("dags/__init__.py", "")
    repository.add("plugins/deep/a.py", "x = 1")

    assert files() == ["plugins/deep/a.py"]


def test_other_plugins_folder_is_one_too(repository, files):
    repository.add("extensions/a.py", "x = 1")
    repository.configure('plugins = "extensions"')

    assert files() == ["extensions/a.py"]


def test_named_file_is_an_entry_whatever_it_holds(repository, files):
    named = repository.add("dags/a.py", "x = 1")
    repository.add("dags/b.py", "x = 1")

    assert files(named) == ["dags/a.py"]
    assert files(named, named.parent) == ["dags/a.py"]


def test_named_file_is_known_by_any_way_to_it(repository, files, monkeypatch):
    repository.add("dags/a.py", "x = 1")
    monkeypatch.chdir(repository.root / "dags")

    assert files(Path("a.py")) == ["dags/a.py"]
    assert files(Path("./a.py")) == ["dags/a.py"]


def test_named_file_is_known_by_a_way_that_goes_up_and_down(repository, files, monkeypatch):
    repository.add("dags/a.py", "x = 1")
    monkeypatch.chdir(repository.root / "dags")

    assert files(Path("../dags/a.py")) == ["dags/a.py"]


def test_file_is_read_once(repository, entries):
    file = repository.add("dags/a.py", "from airflow import DAG")
    found = entries()

    file.unlink()

    assert found.read(file) == b"from airflow import DAG"
    assert found.read(file) is found.read(file)


def test_unread_files_are_findings_at_their_first_character(repository, entries):
    (repository.root / "dags").mkdir()
    (repository.root / "dags" / "gone.py").symlink_to("nowhere")

    [finding] = entries().findings()

    assert (finding.code, finding.slug) == ("DP100", "unreadable-file")
    assert (finding.span.path, finding.span.line, finding.span.column) == ("dags/gone.py", 1, 1)
    assert finding.message == (
        "This file cannot be read: it is a link to nothing; mend or remove the link"
    )


@pytest.mark.parametrize(
    ("path", "shown"),
    [("dags/a.py", "dags/a.py"), ("../beside.py", None), ("/elsewhere/a.py", "/elsewhere/a.py")],
)
def test_path_is_shown_as_a_person_who_stands_there_would_write_it(repository, path, shown):
    absolute = repository.root.parent / "beside.py" if shown is None else repository.root / path

    assert show(absolute) == (shown or str(absolute))


def test_path_is_shown_from_where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert show(tmp_path / "dags" / "a.py") == "dags/a.py"
    assert show(tmp_path) == "."
    assert show(tmp_path.parent / "b.py") == str(tmp_path.parent / "b.py")
    assert show(tmp_path.with_name(tmp_path.name + "x") / "c.py").endswith("x/c.py")
