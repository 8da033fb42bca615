"""What DAG files import and what is not here is told, with the files that do not import for it."""

import pytest
from linting import written

from dagproof.doctor import imports

DAG = "from airflow.sdk import DAG\nDAG('a')\n"
GONE = "is neither in the repository nor installed"


@pytest.fixture
def missing(told, tmp_path):
    """Say what the DAG files of a repository lack."""

    def missing(**content):
        written(tmp_path, content)
        return [sentence for _, sentence, _ in told(imports.imports)]

    return lambda content: missing(**content)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_package_that_is_not_installed_is_told_as_a_warning(told, tmp_path):
    written(tmp_path, {"dags/a.py": f"import imblearn_x.over\n{DAG}"})

    assert told(imports.imports) == [
        ("warning", f"`imblearn_x` {GONE}: dags/a.py does not import", "")
    ]


def test_package_that_a_module_of_the_repository_lacks_is_told_by_the_dag_files(missing):
    found = missing({
        "dags/a.py": f"from steps.one import x\n{DAG}", "dags/b.py": f"import steps.one\n{DAG}",
        "dags/c.py": f"from steps import one\n{DAG}", "dags/d.py": DAG,
        "dags/steps/one.py": "from steps import two\n", "dags/steps/two.py": "import lacking_x\n",
    })  # fmt: skip

    assert found == [f"`lacking_x` {GONE}: dags/a.py and 2 more files do not import"]


@pytest.mark.parametrize("package", ["steps/__init__.py", "steps/other.py"])
def test_module_that_a_package_of_the_repository_lacks_is_told_by_its_whole_name(missing, package):
    found = missing({"dags/a.py": f"from steps.lod import x\n{DAG}", f"dags/{package}": ""})

    assert found == [f"`steps.lod` {GONE}: dags/a.py does not import"]


@pytest.mark.parametrize(
    "text",
    [
        "import json, os.path\nfrom email.mime import text\nfrom __future__ import annotations",
        "import airflow.providers.nothing_x",
        "try:\n    import lacking_x\nexcept ImportError:\n    pass",
        "if False:\n    import lacking_x",
        "def f():\n    import lacking_x",
        "from . import lacking_x",
        "from .lacking_x import y",
        "from helpers.fine import y",
        "import deep.down",
        "import lacking_x(",
    ],
)
def test_what_is_there_or_may_be_absent_is_not_told(missing, text):
    assert missing({
        "dags/a.py": f"{text}\n{DAG}", "dags/helpers/fine.py": "import helpers\n",
        "other/deep/down.py": "",
    }) == []  # fmt: skip


def test_airflow_that_is_not_installed_is_told_elsewhere(missing, monkeypatch):
    monkeypatch.setattr(imports, "importable", lambda _: False)

    assert missing({"dags/a.py": DAG}) == []


def test_file_that_goes_away_meanwhile_says_nothing(missing, monkeypatch, tmp_path):
    reader = imports._Reader(None)

    assert reader.missing(tmp_path / "nothing.py") == frozenset()


def test_few_are_named_and_the_others_counted(missing):
    found = missing({"dags/a.py": f"import a_x, b_x, c_x, d_x, e_x\n{DAG}"})

    assert [sentence.split()[0] for sentence in found] == ["`a_x`", "`b_x`", "`c_x`", "2"]
    assert found[-1] == "2 more modules are missing"


def test_files_are_read_up_to_a_number(missing, monkeypatch):
    monkeypatch.setattr(imports, "_MOST_FILES", 1)

    assert missing({
        "dags/a.py": f"import helpers\n{DAG}", "dags/helpers.py": "import lacking_x\n",
        "dags/b.py": f"import lacking_x\n{DAG}",
    }) == []  # fmt: skip


@pytest.mark.parametrize("text", ["", "[tool.dagproof]\ndag = 1\n"])
def test_repository_without_dags_or_settings_is_told_elsewhere(missing, text):
    assert missing({"pyproject.toml": text}) == []
