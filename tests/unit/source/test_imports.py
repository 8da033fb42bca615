"""Imports run the repository's modules, and find them where Python and Airflow would."""

from pathlib import Path

import pytest
from linting import DAG, linted

from dagproof.source.modules import Finder, Place

GET = "import requests\nrequests.get('https://x')\n"
ASK = "import requests\ndef ask(): requests.get('https://x')\n"


def places(folder: Path, files: dict[str, str], **options: object) -> list[str]:
    """Return where the network is called, without the codes."""
    hits = linted(folder, files, select=["DP100", "DP102"], **options)
    return [f"{path}:{line}" for path, line, _ in hits]


@pytest.mark.parametrize(
    ("statement", "files", "where"),
    [
        ("import a", {"a.py": GET}, ["a.py:2"]),
        ("import a as b; b.ask()", {"a.py": ASK}, ["a.py:2"]),
        ("import p.a; p.a.ask()", {"p/a.py": ASK, "p/__init__.py": ""}, ["p/a.py:2"]),
        ("import p.a as b; b.ask()", {"p/a.py": ASK}, ["p/a.py:2"]),
        ("import p.a", {"p/a.py": "", "p/__init__.py": GET}, ["p/__init__.py:2"]),
        ("from p import a; a.ask()", {"p/a.py": ASK}, ["p/a.py:2"]),
        ("from p.a import ask as f; f()", {"p/a.py": ASK}, ["p/a.py:2"]),
        (
            "from p import *; ask()",
            {"p/__init__.py": "from .a import *\n", "p/a.py": ASK},
            ["p/a.py:2"],
        ),
        ("from a import *; _ask()", {"a.py": ASK.replace("ask", "_ask")}, []),
        (
            "import a; a.ask()",
            {"a/__init__.py": ASK, "a.py": "def ask(): pass"},
            ["a/__init__.py:2"],
        ),
        ("import a; a.ask()", {"a/x.txt": "", "a.py": ASK}, ["a.py:2"]),
        ("import json; json.ask()", {"json.py": ASK}, []),
        ("import airflow.x; airflow.ask()", {"airflow/x.py": GET}, []),
        ("import requests", {"requests.py": GET}, []),
        ("from . import a; a.ask()", {"a.py": ASK}, ["a.py:2"]),
        ("from .a import ask; ask()", {"a.py": ASK}, ["a.py:2"]),
        ("from .p.a import ask; ask()", {"p/a.py": ASK}, ["p/a.py:2"]),
        ("from .missing import ask; ask()", {}, []),
        ("from .p.missing import ask; ask()", {"p/a.py": ASK}, []),
        ("from ....................... import a", {}, []),
        ("from a import missing; missing()", {"a.py": GET}, ["a.py:2"]),
        ("import a; a.b.ask()", {"a.py": "import b\n", "b.py": ASK}, ["b.py:2"]),
        ("import a; a.ask()", {"a.py": "from b import ask\n", "b.py": ASK}, ["b.py:2"]),
        ("import a; a.ask()", {"a.py": "from b import *\n", "b.py": ASK}, ["b.py:2"]),
        ("import a; a.ask()", {"a.py": "from requests import *\nask = post\n"}, ["dag.py:1"]),
        ("from a import get; get('x')", {"a.py": "from requests import *\n"}, ["dag.py:1"]),
        (
            "import a",
            {"a.py": f"import b\n{GET}", "b.py": f"import a\n{GET}"},
            ["a.py:3", "b.py:3"],
        ),
        ("import a; a.ask()", {"a.py": "def ask(:\n"}, ["a.py:1"]),
        ("import a", {"a.py/x.txt": ""}, ["a.py:1"]),
        ("import src.a", {"src/a.py": GET}, ["src/a.py:2"]),
        ("import a", {"src/a.py": GET}, ["src/a.py:2"]),
        ("import a", {"plugins/a.py": GET, "include/a.py": ""}, []),
        ("import a", {"deep/a.py": GET}, []),
        ("import sys; sys.path.append('x'); import a", {"deep/a.py": GET}, ["deep/a.py:2"]),
        ("import sys; sys.path.append('x'); import json, requests", {"deep/json.py": GET}, []),
        ("import sys; sys.path.append('x'); import a", {"env/a.py": GET, ".x/a.py": GET}, []),
        (
            "import site; site.addsitedir('x'); import p.a",
            {"one/p/a.py": GET, "two/p/b.py": GET},
            ["one/p/a.py:2"],
        ),
        ("import importlib; importlib.import_module('p.a')", {"p/a.py": GET}, ["p/a.py:2"]),
        ("import a\nimport a", {"a.py": GET}, ["a.py:2"]),
    ],
)  # fmt: skip
def test_statement_runs(
    statement: str, files: dict[str, str], where: list[str], tmp_path: Path
) -> None:
    dag = f"{statement}  # airflow dag\n"
    assert places(tmp_path, {"dag.py": dag, **files}) == where


def test_roots_come_before_the_folder_of_the_file(tmp_path: Path) -> None:
    files = {"dags/dag.py": f"{DAG}import a\n", "dags/a.py": "", "lib/a.py": GET, "a.py": ""}
    assert places(tmp_path, files, dags=(tmp_path / "dags",)) == []
    roots = {"dags": (tmp_path / "lib", tmp_path / "dags")}
    assert places(tmp_path, files, **roots) == ["lib/a.py:2"]


def test_a_folder_above_is_tried_up_to_the_top(tmp_path: Path) -> None:
    top = tmp_path / "top"
    files = {"top/x/y/dag.py": f"{DAG}import a\nimport b\n", "top/a.py": GET, "b.py": GET}
    linted(tmp_path, files)
    assert places(top, {}, dags=(top / "x" / "y",)) == ["a.py:2"]


def test_a_known_library_is_taken_from_a_root_alone(tmp_path: Path) -> None:
    files = {"dags/dag.py": f"{DAG}import pandas\n", "pandas.py": GET}
    assert places(tmp_path, files, dags=(tmp_path / "dags",)) == []
    (tmp_path / "dags" / "pandas.py").write_text(GET)
    assert places(tmp_path, {}, dags=(tmp_path / "dags",)) == ["dags/pandas.py:2"]


def test_a_lone_folder_named_like_a_library_is_none(tmp_path: Path) -> None:
    files = {"dag.py": f"{DAG}import mlflow.x\nmlflow.set_experiment('x')\n", "mlflow/x.py": GET}
    assert ("dag.py", 3, "DP101") in linted(tmp_path, files)


@pytest.mark.parametrize(
    "statement",
    ["from statsmodels import api", "import statsmodels.api", "from statsmodels.api import OLS"],
)
def test_a_heavy_part_of_a_light_package_is_told(statement: str, tmp_path: Path) -> None:
    files = {"dag.py": f"{DAG}{statement}\n"}
    assert linted(tmp_path, files) == [("dag.py", 2, "DP112")]


def test_modules_run_once_for_all_files(tmp_path: Path) -> None:
    files = {f"dag{number}.py": f"{DAG}import a\n" for number in range(3)}
    assert places(tmp_path, {**files, "a.py": GET}) == ["a.py:2"]


def test_finder_tells_places_apart(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").touch()
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "__init__.py").touch()
    finder = Finder([tmp_path], tmp_path, frozenset())
    here = tmp_path / "dag.py"
    namespace, module = Place(None, tmp_path / "p"), Place(tmp_path / "p" / "a.py", None)
    assert finder.find(here, "p.a") == (namespace, module)
    assert finder.find(here, "q") == (Place(tmp_path / "q" / "__init__.py", tmp_path / "q"),)
    assert finder.find(here, "p.b") == ()
    assert finder.find(here, "q.b") == finder.find(here, "q")
    assert finder.find(here, "missing") == ()
    assert finder.child(tmp_path / "nowhere", "a") is None
    assert finder.listing(tmp_path / "nowhere") == {}


def test_finder_takes_the_nearest_of_several(tmp_path: Path) -> None:
    for name in ("one/x/a.py", "two/x/a.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    finder = Finder([], tmp_path, frozenset({"library"}))
    for near in ("one", "two"):
        [place] = finder.anywhere(tmp_path / near / "dag.py", "a")
        assert place.file == tmp_path / near / "x" / "a.py"
    assert finder.anywhere(tmp_path / "dag.py", "library") == ()
    assert finder.anywhere(tmp_path / "dag.py", "json") == ()
    assert finder.anywhere(tmp_path / "dag.py", "b") == ()
    assert finder.anywhere(tmp_path / "dag.py", "a.b") == ()
