"""A few DAGs that reach for nothing are run unasked; of the others it is said why not."""

import pytest

from dagproof.onboarding import find_layout
from dagproof.onboarding.runs import candidates


@pytest.fixture
def judged(files):
    """Return ids with why they are not run."""

    def judged(content, *, airflow=True):
        root = files(content)
        found = candidates(find_layout(root), root, airflow=airflow)
        return [(one.dag_id, one.why_not) for one in found]

    return judged


def test_plain_dag_is_run(judged, plain):
    assert judged({"dags/a.py": plain()}) == [("etl", "")]


def test_three_are_run_and_the_rest_is_offered(judged, plain):
    found = judged({f"dags/{name}.py": plain(name) for name in "abcde"})

    enough = "enough are run already"
    assert found == [("a", ""), ("b", ""), ("c", ""), ("d", enough), ("e", enough)]


def test_those_that_are_run_come_first_and_few_of_the_others_are_offered(judged, plain):
    bad = {f"dags/{name}.py": "import requests\n" + plain(name) for name in "abcdefg"}
    found = judged({**bad, "dags/z.py": plain("z")})

    assert [dag_id for dag_id, _ in found] == ["z", "a", "b", "c", "d", "e"]
    assert found[1] == ("a", "imports `requests`")


def test_what_a_dag_file_imports_of_the_repository_counts(judged, plain):
    found = judged({
        "dags/a.py": "from helpers.deep import x\n" + plain("a"),
        "dags/b.py": "from helpers.fine import x\n" + plain("b"),
        "dags/helpers/__init__.py": "",
        "dags/helpers/deep.py": "from . import worst\nx = 1\n",
        "dags/helpers/worst.py": "def f():\n    import subprocess\n",
        "dags/helpers/fine.py": "from .finer import y\nx = 1\n",
        "dags/helpers/finer.py": "y = 1\n",
    })  # fmt: skip

    assert found == [("b", ""), ("a", "worst.py, which it imports, imports `subprocess`")]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("from .. import far", "far.py, which it imports, imports `socket`"),
        ("from ..far import x", "far.py, which it imports, imports `socket`"),
        ("import pack.mod", "__init__.py, which it imports, imports `socket`"),
        ("from pack import mod", "__init__.py, which it imports, imports `socket`"),
        ("from .nothing import x", ""),
    ],
)
def test_every_way_to_import_is_followed(judged, plain, statement, why):
    found = judged({
        "dags/team/a.py": f"{statement}\n{plain('a')}", "dags/far.py": "import socket\n",
        "dags/pack/__init__.py": "import socket\n", "dags/pack/mod.py": "",
    })  # fmt: skip

    assert found == [("a", why)]


def test_library_has_to_be_installed(judged, plain, monkeypatch):
    monkeypatch.setattr("dagproof.onboarding.runs.find_spec", lambda name: None)

    assert judged({"dags/a.py": "import polars\n" + plain()}) == [
        ("etl", "imports `polars`, which is not installed here")
    ]


def test_nothing_is_run_unasked_without_airflow(judged, plain):
    assert judged({"dags/a.py": plain()}, airflow=False) == [
        ("etl", "Airflow is not installed where this was written")
    ]


@pytest.mark.parametrize(
    ("plugin", "why"),
    [
        ("import requests\nrequests.get('x')\n", "the plugin p.py does more than define, when it"),
        ("def (", "the plugin p.py does more than define, when it"),
        ("import requests\ndef f(): requests.get('x')\n", ""),
    ],
)
def test_plugin_that_acts_when_it_is_imported_keeps_all_from_running(judged, plain, plugin, why):
    ((_, told),) = judged({"dags/a.py": plain(), "plugins/p.py": plugin})

    assert told.startswith(why)
    assert bool(told) is bool(why)


@pytest.mark.parametrize(
    "text",
    [
        "from airflow.sdk import DAG\nimport uuid\nDAG(str(uuid.uuid4()))\n",
        "from airflow.sdk import DAG\nfrom x import make_dag\nDAG('a')\nmake_dag()\n",
        "from airflow.sdk import DAG\nDAG('a'\n",
    ],
)
def test_dags_whose_ids_are_not_sure_are_left_out(judged, text):
    assert judged({"dags/a.py": text}) == []


def test_same_id_is_told_once(judged, plain):
    assert judged({"dags/a.py": plain(), "dags/b.py": plain()}) == [("etl", "")]


def test_file_that_cannot_be_read_is_left_out(judged, plain, files, monkeypatch):
    root = files({"dags/a.py": plain()})
    layout = find_layout(root)

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(root), "read_bytes", refused)

    assert candidates(layout, root, airflow=True) == ()


def test_code_that_is_nested_deeply_ends_nothing(judged, plain):
    deep = "x = " + "(" * 150 + "1" + ")" * 150 + "\n" + "y = " + "-" * 5000 + "1\n"

    assert judged({"dags/a.py": plain() + deep})[:1] in ([("etl", "")], [])


def test_what_code_does_is_told_before_the_library_that_it_imports(judged, plain):
    found = judged(
        {"dags/a.py": "import joblib\nimport mlflow\nmlflow.set_tracking_uri(1)\n" + plain()}
    )

    assert found == [("etl", "calls `set_tracking_uri()`")]


@pytest.mark.parametrize("package", ["steps/__init__.py", "steps/other.py"])
def test_module_that_the_repository_lacks_is_told_by_its_whole_name(judged, plain, package):
    found = judged({"dags/a.py": "from steps.lod import x\n" + plain(), f"dags/{package}": ""})

    why = "imports `steps.lod`, which is neither in the repository nor installed"
    assert found == [("etl", why)]
