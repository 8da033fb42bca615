"""DAGs, plugins and what they import are found by reading."""

import pytest

from dagproof.model import UnavailableError, UsageError
from dagproof.onboarding import find_layout


def names(root, folders):
    return [folder.relative_to(root).as_posix() for folder in folders]


@pytest.mark.parametrize(
    ("paths", "dags"),
    [
        (["dags/a.py"], ["dags"]),
        (["airflow/dags/a.py"], ["airflow/dags"]),
        (["src/shop/dags/team/a.py"], ["src/shop/dags"]),
        (["dags/team/dags/a.py"], ["dags"]),
        (["one/dags/a.py", "two/dags/a.py"], ["one/dags", "two/dags"]),
        (["a.py"], ["."]),
        (["jobs/a.py", "jobs/b.py"], ["jobs"]),
        (["jobs/a.py", "jobs/deep/b.py"], ["jobs"]),
        (["x/a.py", "y/b.py"], ["x", "y"]),
        ([f"all/{name}/a.py" for name in "abcdef"], ["all"]),
        (["Dags/a.py"], ["Dags"]),
        (["dags/a.py", "tests/dags/b.py"], ["dags"]),
        (["tests/a.py"], ["tests"]),
    ],
)
def test_dags_folders_are_those_that_hold_what_makes_dags(files, plain, paths, dags):
    root = files({path: plain() for path in paths})

    assert names(root, find_layout(root).dags) == dags


@pytest.mark.parametrize(
    "text",
    [
        "from airflow import DAG\nDAG('a')",
        "from airflow.sdk import dag\n@dag(schedule=None)\ndef a(): ...",
        "from airflow.sdk import asset\n@asset(schedule=None)\ndef a(): ...",
        "from cosmos import DbtDag  # airflow\nx = DbtDag(dag_id='a')",
        "from dagfactory import load_yaml_dags  # airflow\nload_yaml_dags(globals())",
    ],
)
def test_what_makes_dags_in_any_way_counts(files, text):
    root = files({"jobs/a.py": text})

    assert names(root, find_layout(root).files) == ["jobs/a.py"]


def test_repository_without_dags_is_refused(files):
    root = files({"a.py": "import airflow", "b.py": "DAG()"})

    with pytest.raises(UnavailableError, match=r"No Python file below .* makes a DAG"):
        find_layout(root)


def test_empty_dags_folder_is_one_all_the_same(files):
    root = files({"dags/__init__.py": ""})

    found = find_layout(root)

    assert (names(root, found.dags), found.files) == (["dags"], ())


def test_files_that_make_dags_elsewhere_are_told(files, plain):
    root = files({"dags/a.py": plain(), "examples/b.py": plain(), "tests/c.py": plain()})

    assert names(root, find_layout(root).elsewhere) == ["examples/b.py"]


def test_named_folders_win(files, plain, monkeypatch, tmp_path):
    root = files({"dags/a.py": plain(), "more/b.py": plain()})
    monkeypatch.chdir(root)

    assert names(root, find_layout(root, [tmp_path / "more"]).dags) == ["more"]


def test_named_folder_has_to_be_there_and_within(files, plain, tmp_path):
    root = files({"inner/dags/a.py": plain(), "other/x.py": ""})

    with pytest.raises(UsageError, match="There is no folder"):
        find_layout(root, [root / "nothing"])
    with pytest.raises(UsageError, match="is outside of"):
        find_layout(root / "inner", [root / "other"])


@pytest.mark.parametrize(
    ("folder", "plugins"),
    [("airflow/plugins", ["airflow/plugins"]), ("plugins", ["plugins"]), ("other", [])],
)
def test_plugins_are_beside_the_dags_or_at_the_root(files, plain, folder, plugins):
    root = files({"airflow/dags/a.py": plain(), f"{folder}/p.py": ""})

    found = find_layout(root)

    assert names(root, [found.plugins] if found.plugins else []) == plugins


@pytest.mark.parametrize(
    ("statement", "path", "pythonpath"),
    [
        ("from include.sql import x", "include/sql.py", ["."]),
        ("from dags.sql import x", "dags/sql.py", ["."]),
        ("import shop.sql", "src/shop/sql.py", ["src"]),
        ("import sql", "include/sql.py", ["include"]),
        ("import sql", "dags/sql.py", []),
        ("import sql", "plugins/sql.py", []),
        ("import sql", "nowhere/sql.py", []),
        ("import json", "json.py", []),
        ("import pytest", "pytest/__init__.py", []),
        ("import boto3", "boto3/__init__.py", []),
        ("import empty", "empty/data.csv", []),
        ("    from include import x", "include/__init__.py", ["."]),
    ],
)
def test_pythonpath_is_where_the_imports_of_dag_files_are(
    files, plain, statement, path, pythonpath
):
    text = f"if True:\n{statement}\n" if statement.startswith(" ") else f"{statement}\n"
    root = files({"dags/a.py": text + plain(), "plugins/p.py": "", path: ""})

    assert names(root, find_layout(root).pythonpath) == pythonpath


def test_folder_beside_the_dags_is_looked_into_before_the_root(files, plain):
    root = files({
        "airflow/dags/a.py": "import include.x\n" + plain(),
        "airflow/include/x.py": "", "include/x.py": "",
    })  # fmt: skip

    assert names(root, find_layout(root).pythonpath) == ["airflow"]


def test_dag_file_that_cannot_be_read_ends_nothing(files, plain, monkeypatch):
    root = files({"dags/a.py": plain(), "dags/b.py": plain()})
    read = type(root).read_bytes

    def refused(path):
        if path.name == "b.py":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(type(root), "read_bytes", refused)

    assert names(root, find_layout(root).files) == ["dags/a.py"]
