"""DAG files whose imports change where Python looks."""

import pytest

HERE = "import sys, os\nfrom pathlib import Path\n"


@pytest.mark.parametrize(
    "statement",
    [
        "sys.path.append(os.path.dirname(__file__))",
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))",
        "sys.path.insert(0, str(Path(__file__).resolve().parent))",
        "sys.path.extend([str(Path(__file__).parent)])",
        "HERE = Path(__file__).parent\nsys.path.append(str(HERE))",
        "import site\nsite.addsitedir(str(Path(__file__).parent))",
    ],
)
def test_a_folder_that_is_known_is_looked_in(repository, statement):
    for team in ("one", "two"):
        repository.file(f"dags/{team}/pack/utils.py")
        repository.dag(f"dags/{team}/{team}.py", f"{HERE}{statement}\nimport pack.utils")

    assert repository.affected("dags/one/pack/utils.py") == {"one"}


@pytest.mark.parametrize("how", ["sys.path.append", "sys.path.extend", "site.addsitedir"])
def test_a_folder_that_is_added_does_not_name_what_is_in_there(repository, how):
    repository.file("dags/one/helpers/used.py")
    repository.file("dags/one/helpers/unused.py")
    repository.file("dags/one/helpers/rows.csv")
    statement = f"{how}(os.path.join(os.path.dirname(__file__), 'helpers'))\nimport used"
    repository.dag("dags/one/one.py", HERE + statement)

    assert repository.affected("dags/one/helpers/used.py") == {"one"}
    assert repository.affected("dags/one/helpers/unused.py") == set()


def test_an_added_folder_counts_for_the_modules_that_are_imported_then(repository):
    repository.file(
        "dags/setup_path.py", HERE + "sys.path.append(str(Path(__file__).parent / 'x'))"
    )
    repository.file("dags/middle.py", "import deep")
    repository.file("dags/x/deep.py")
    repository.file("deep.py")
    repository.dag("dags/user.py", "import setup_path, middle")
    repository.dag("dags/other.py", "import middle")

    assert repository.affected("dags/x/deep.py") == {"user"}
    assert repository.affected("deep.py") == {"other"}


def test_an_added_folder_of_another_package_is_looked_in(repository):
    inner = repository.root / "pipelines"
    repository.root, top = inner, repository.root
    libraries = top / "libraries"
    libraries.mkdir()
    (libraries / "far.py").write_text("")
    statement = "sys.path.append(str(Path(__file__).resolve().parents[2] / 'libraries'))"
    repository.dag("dags/user.py", f"{HERE}{statement}\nimport far")
    repository.dag("dags/other.py")

    assert repository.affected(str(libraries / "far.py")) == {"user"}


@pytest.mark.parametrize(
    "statement",
    [
        "sys.path.append(folder)",
        "sys.path.append('/opt/airflow/dags/one')",
        "sys.path.insert(0, f'{folder}/one')",
        "sys.path += [folder]",
        "sys.path = [*sys.path, folder]",
        "sys.path[0:0] = [folder]",
        "sys.path.append(str(Path(__file__).parent / 'not_there'))",
    ],
)
def test_a_folder_that_is_not_known_may_be_any(repository, statement):
    for team in ("one", "two"):
        repository.file(f"dags/{team}/utils.py")
    repository.file("far/requests/__init__.py")
    repository.file("far/json.py")
    repository.dag("dags/user.py", f"{HERE}{statement}\nimport utils, requests, json")
    repository.dag("dags/one/plain.py", "import utils, requests, json")

    assert repository.affected("dags/one/utils.py") == {"user", "plain"}
    assert repository.affected("dags/two/utils.py") == {"user"}
    assert repository.affected("far/requests/__init__.py") == {"user"}
    assert repository.affected("far/json.py") == {"user"}


def test_what_only_reads_the_search_path_changes_nothing(repository):
    for team in ("one", "two"):
        repository.file(f"dags/{team}/utils.py")
    text = f"{HERE}print(sys.path, sys.path.count(1))\nother.path.append(x)\nimport utils"
    repository.dag("dags/one/user.py", text)

    assert repository.affected("dags/two/utils.py") == set()


def test_a_plugin_that_changes_the_search_path_does_so_for_all(repository):
    repository.file("plugins/p.py", HERE + "sys.path.append(x)\nclass P(AirflowPlugin): ...")
    repository.file("dags/one/utils.py")
    repository.file("dags/two/utils.py")
    repository.dag("dags/one/user.py", "import utils")

    assert repository.affected("dags/two/utils.py") == {"user"}
