"""DAG files whose import runs nothing that has changed are told apart."""

import ast
import subprocess

import pytest

from dagproof.config import Settings
from dagproof.impact import impact
from dagproof.impact.bodies import changed_functions
from dagproof.impact.mentioned import mentioned
from dagproof.model import ChangedFile, Comparison, FileFate

DAG = """\
from airflow.sdk import DAG, task
from helpers.numbers import doubled, {more}

with DAG("d") as dag:
    @task
    def load():
        return doubled(21)
    load()
    {line}
"""
HELPER = '''"""Numbers."""
import functools

LIMIT = 3


def doubled(number: int) -> int:
    """Return twice a number."""
    return number * 2


def tags():
    return [names()]


def names():
    return "a"


class Rates:
    def __init__(self):
        self.setup()

    def setup(self):
        pass

    def rate(self):
        return 1
'''


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository in which a helper is changed; gives what that affects."""
    monkeypatch.chdir(tmp_path)
    for name in ("dags/helpers", "plugins"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "dags/helpers/__init__.py").write_text("")
    helper, dag = tmp_path / "dags/helpers/numbers.py", tmp_path / "dags/d.py"

    def git(*arguments):
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "--quiet")

    def changed(old, new, line="pass", more="tags", also=(), pure=()):
        helper.write_text(HELPER)
        dag.write_text(DAG.format(line=line, more=more))
        git("add", "--all")
        git("commit", "--quiet", "--message", "x", "--allow-empty")
        assert old in HELPER
        helper.write_text(HELPER.replace(old, new))
        files = [ChangedFile(str(helper))]
        for name, text in also:
            path = tmp_path / name
            fate = FileFate.MODIFIED if path.exists() else FileFate.ADDED
            path.write_text(text)
            files.append(ChangedFile(str(path), fate))
        settings = Settings(tmp_path, (tmp_path / "dags",), tmp_path / "plugins", pure=pure)
        found = impact(settings, Comparison(git("rev-parse", "HEAD"), files=tuple(files)))
        return {one.path: one.imports for one in found.affected}

    return changed


BODY = ("return number * 2", "return number + number")
LATER, AT_ONCE = {"dags/d.py": False}, {"dags/d.py": True}


def test_inside_of_a_helper_that_tasks_alone_call_is_no_matter_of_the_import(repository):
    assert repository(*BODY) == LATER


@pytest.mark.parametrize(
    "line",
    [
        "doubled(1)", "x = doubled", "x = lambda: doubled(2)", "y = 'doubled'",
        "y = f'{1} doubled'",
        "import helpers.numbers as n; n.doubled(1)",
        "from helpers.numbers import doubled as d; d(1)",
        "from helpers.numbers import *; doubled(1)",
        "z = [doubled(one) for one in range(3)]",
        "y = getattr(dag, 'doubled')", "y = getattr(dag, str(dag))", "y = globals()",
        "y = eval('1')",
        "class C:\n        x = doubled(1)",
        "class C:\n        def __init__(self): doubled(1)",
        "class C:\n        @property\n        def p(self): doubled(1)",
        "def f(x=doubled(1)): pass",
        "def f(x: doubled): pass",
        "def f() -> doubled: pass",
        "def f(): doubled(1)\n    f()",
        "f = 1\n    f\n    def f(): doubled(1)",
        "@task(x=doubled(1))\n    def other(): pass",
        "@other\n    def f(): doubled(1)",
        "@other\n    @task\n    def f(): doubled(1)",
    ],
)  # fmt: skip
def test_helper_that_may_run_when_the_file_is_imported_is(repository, line):
    assert repository(*BODY, line=line) == AT_ONCE


@pytest.mark.parametrize(
    "line",
    [
        '"""Uses doubled()."""',
        "def f(): doubled(1)",
        "y = getattr(dag, 'tags')",
        "from helpers.numbers import doubled as twice",
        "class C:\n        def execute(self): doubled(1)",
        "@task.branch\n    def other(): doubled(1)",
        "@task(retries=2)\n    def other(): doubled(1)",
    ],
)
def test_mention_that_no_import_runs_is_no_matter(repository, line):
    assert repository(*BODY, line=line) == LATER


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('return "a"', 'return "b"', "tags()"),
        ("self.setup()", "self.setup() or 1", "pass"),
        ("        pass\n", "        return 1\n", "pass"),
        ("LIMIT = 3", "LIMIT = 4", "pass"),
        ("number: int", "number: float", "pass"),
        ("def names", "@functools.cache\ndef names", "pass"),
        ("Return twice", "Give twice", "pass"),
        ("return number * 2\n", "return number * 2\n\n\ndef more(): pass\n", "pass"),
        ("import functools", "import functools, json", "pass"),
        ("return number * 2", "return (", "pass"),
    ],
)
def test_what_stands_outside_or_is_called_on_the_way_is_a_matter_of_the_import(
    repository, old, new, line
):
    assert repository(old, new, line=line) == AT_ONCE


def test_other_methods_of_a_class_are_not(repository):
    assert repository("return 1\n", "return 2\n", line="Rates()", more="Rates") == LATER


def test_comments_and_blank_lines_run_nowhere(repository):
    assert repository("LIMIT = 3", "# three\n\nLIMIT = 3") == LATER


def test_file_that_has_changed_itself_is_imported(repository):
    text = DAG.format(line="x = 1", more="tags")
    other = "from airflow.sdk import DAG\nwith DAG('e'):\n    pass\n"
    assert repository(*BODY, also=[("dags/d.py", text)]) == AT_ONCE
    assert repository(*BODY, also=[("dags/e.py", other)]) == LATER | {"dags/e.py": True}


def test_something_else_that_changes_as_well_makes_nothing_sure(repository):
    assert repository(*BODY, also=[("dags/rates.csv", "1\n")])["dags/d.py"] is True
    assert repository(*BODY, also=[("README.md", "1\n")]) == LATER


def test_callables_that_are_called_to_try_them_are_run(repository):
    assert repository(*BODY, pure=("d.load",)) == AT_ONCE


def test_same_module_has_no_changed_function():
    tree = ast.parse(HELPER)
    assert changed_functions(tree, ast.parse(HELPER)) == frozenset()
    assert ast.dump(tree) == ast.dump(ast.parse(HELPER))


def test_alias_that_is_imported_after_its_use_is_known():
    trees = [ast.parse("d()"), ast.parse("from a import doubled as d")]
    assert {"d", "doubled"} <= mentioned(trees)
    assert {"d", "doubled"} <= mentioned(trees[::-1])
