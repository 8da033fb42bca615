"""Python modules, from the DAG files that import them."""

import pytest

from dagproof.model import FileFate


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("import dates", "dags/dates.py"),
        ("import dates as d", "dags/dates.py"),
        ("from dates import today", "dags/dates.py"),
        ("from dates import *", "dags/dates.py"),
        ("def task():\n    import dates", "dags/dates.py"),
        ("async def task():\n    if True:\n        from dates import x", "dags/dates.py"),
        ("try:\n    import fast\nexcept ImportError:\n    import dates", "dags/dates.py"),
        ("class A:\n    import dates", "dags/dates.py"),
        ("f = lambda: __import__('dates')", "dags/dates.py"),
        ("import helpers.dates", "dags/helpers/dates.py"),
        ("import helpers.dates", "dags/helpers/__init__.py"),
        ("from helpers import dates", "dags/helpers/dates.py"),
        ("from helpers.dates import x", "dags/helpers/__init__.py"),
        ("from importlib import import_module\nimport_module('helpers.dates')",
         "dags/helpers/dates.py"),
        ("import importlib\nNAME = 'helpers.dates'\nimportlib.import_module(NAME)",
         "dags/helpers/dates.py"),
        ("import importlib\nimportlib.import_module('.dates', 'helpers')",
         "dags/helpers/dates.py"),
        ("from airflow.utils.module_loading import import_string\nimport_string('dates.x')",
         "dags/dates.py"),
        ("CLASS = 'helpers.dates.Dates'", "dags/helpers/dates.py"),
        ("COMMAND = 'python -m dates --all'", "dags/dates.py"),
        ("if not TYPE_CHECKING:\n    import dates", "dags/dates.py"),
    ],
)  # fmt: skip
def test_an_import_leads_to_every_file_that_it_runs(repository, statement, changed):
    repository.file("dags/dates.py")
    repository.file("dags/helpers/__init__.py")
    repository.file("dags/helpers/dates.py")
    repository.dag("dags/user.py", statement)
    repository.dag("dags/other.py")

    assert repository.affected(changed) == {"user"}


@pytest.mark.parametrize(
    "statement",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import dates",
        "import typing as t\nif t.TYPE_CHECKING:\n    import dates",
        "import other.dates",
        "from . import date",
        "TEXT = 'dates are fruits'",
        "'dates'",
        "import datetime",
    ],
)
def test_what_is_no_import_leads_nowhere(repository, statement):
    repository.file("dags/dates.py")
    repository.dag("dags/user.py", statement)

    found = repository.impact("dags/dates.py")

    assert not found.affected
    assert found.idle == ("dags/dates.py",)


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("from . import dates", "dags/team/dates.py"),
        ("from .dates import x", "dags/team/dates.py"),
        ("from . import dates", "dags/team/__init__.py"),
        ("from .. import shared", "dags/shared.py"),
        ("from ..shared import x", "dags/shared.py"),
        ("import importlib\nimportlib.import_module('.dates', __package__)", "dags/team/dates.py"),
    ],
)
def test_relative_imports_are_followed_from_the_folder(repository, statement, changed):
    repository.file("dags/shared.py")
    repository.file("dags/team/__init__.py")
    repository.file("dags/team/dates.py")
    repository.file("dags/dates.py")
    repository.dag("dags/team/user.py", statement)

    assert repository.affected(changed) == {"user"}
    assert repository.affected("dags/dates.py") == set()


def test_an_import_by_name_may_be_relative_to_another_package(repository):
    repository.file("dags/helpers/dates.py")
    repository.file("dags/team/dates.py")
    text = "from importlib import import_module\nimport_module('.dates', 'helpers')"
    repository.dag("dags/team/user.py", text)

    assert repository.affected("dags/helpers/dates.py") == {"user"}
    assert repository.affected("dags/team/dates.py") == set()


def test_a_chain_of_modules_is_followed_with_file_and_line(repository):
    repository.file("dags/a.py", "\nimport b\n")
    repository.file("dags/b.py", "def f():\n    from c import x\n")
    repository.file("dags/c.py")
    repository.dag("dags/user.py", "import os\n\nimport a")

    [one] = repository.impact("dags/c.py").affected

    assert one.reason == "it imports `a`, which leads to `dags/c.py`"
    assert one.changed == "dags/c.py"
    assert [(step.span.path, step.span.line, step.message) for step in one.chain] == [
        ("dags/user.py", 3, "imports `a`"),
        ("dags/a.py", 2, "imports `b`"),
        ("dags/b.py", 2, "imports `c`"),
    ]


def test_the_shortest_of_several_ways_is_told(repository):
    repository.file("dags/a.py", "import c")
    repository.file("dags/c.py")
    repository.dag("dags/user.py", "import a\nimport c")

    assert repository.reasons("dags/c.py") == {"user": "it imports `dags/c.py`"}


def test_modules_that_import_each_other_end(repository):
    repository.file("dags/a.py", "import b")
    repository.file("dags/b.py", "import a")
    repository.dag("dags/user.py", "import a")

    assert repository.affected("dags/b.py") == {"user"}


def test_a_namespace_package_has_modules_of_several_roots(repository):
    repository.file("dags/shared/one.py")
    repository.file("plugins/shared/two.py")
    repository.dag("dags/first.py", "from shared import one")
    repository.dag("dags/second.py", "import shared.two")

    assert repository.affected("dags/shared/one.py") == {"first"}
    assert repository.affected("plugins/shared/two.py") == {"second"}


def test_plugins_and_pythonpath_are_roots_wherever_they_are(repository, tmp_path_factory):
    libraries = tmp_path_factory.mktemp("libraries")
    (libraries / "far.py").write_text("")
    repository.file("lib/near.py")
    repository.file("plugins/plain.py")
    repository.options["pythonpath"] = (repository.root / "lib", libraries)
    repository.dag("dags/user.py", "import near, far, plain")
    repository.dag("dags/other.py")

    assert repository.affected("lib/near.py") == {"user"}
    assert repository.affected("plugins/plain.py") == {"user"}
    assert repository.affected(str(libraries / "far.py")) == {"user"}


def test_a_folder_that_nobody_calls_a_root_is_found_all_the_same(repository):
    repository.file("services/shared/rates.py")
    repository.dag("dags/user.py", "from shared.rates import usd")

    assert repository.affected("services/shared/rates.py") == {"user"}


def test_the_folder_above_the_file_wins_over_any_other(repository):
    repository.file("dags/one/utils.py")
    repository.file("dags/two/utils.py")
    repository.dag("dags/one/first.py", "import utils")
    repository.dag("dags/two/second.py", "import utils")

    assert repository.affected("dags/one/utils.py") == {"first"}


def test_a_library_is_no_folder_of_the_repository(repository):
    repository.file("examples/pandas/frame.py")
    repository.file("examples/airflow/sdk.py")
    repository.dag("dags/user.py", "import pandas.frame")

    assert repository.affected("examples/pandas/frame.py") == set()
    assert repository.affected("examples/airflow/sdk.py") == set()


def test_a_new_module_that_shadows_another_affects_who_imports_the_name(repository):
    repository.file("plugins/utils.py")
    repository.file("dags/utils.py")
    repository.dag("dags/user.py", "import utils")
    repository.dag("dags/other.py")
    added = repository.change("dags/utils.py", FileFate.ADDED)

    assert repository.affected(added) == {"user"}


def test_a_package_that_takes_the_place_of_a_module_affects_who_imports_it(repository):
    repository.file("dags/utils.py")
    repository.file("dags/utils/__init__.py")
    repository.dag("dags/user.py", "import utils")

    added = repository.change("dags/utils/__init__.py", FileFate.ADDED)

    assert repository.affected(added) == {"user"}


def test_a_deleted_module_affects_who_imported_it(repository):
    repository.dag("dags/user.py", "from helpers.old import x")
    repository.dag("dags/other.py")
    deleted = repository.change("dags/helpers/old.py", FileFate.DELETED)

    assert repository.reasons(deleted) == {
        "user": "it imports `dags/helpers/old.py`, which is gone"
    }


def test_a_renamed_module_affects_who_imports_it_by_either_name(repository):
    repository.file("dags/new.py")
    repository.dag("dags/late.py", "import old")
    repository.dag("dags/early.py", "import new")
    repository.dag("dags/other.py")
    renamed = repository.change("dags/new.py", FileFate.RENAMED, "dags/old.py")

    assert repository.affected(renamed) == {"late", "early"}


def test_a_dag_file_that_has_changed_is_affected_by_itself(repository):
    repository.dag("dags/one.py", "import two")
    repository.dag("dags/two.py")
    repository.dag("dags/three.py")

    assert repository.reasons("dags/two.py") == {
        "one": "it imports `dags/two.py`",
        "two": "it has changed itself",
    }
    new = repository.change("dags/three.py", FileFate.ADDED)
    assert repository.reasons(new) == {"three": "it is new"}


def test_a_deleted_dag_file_is_not_affected_and_not_idle(repository):
    repository.dag("dags/other.py")
    found = repository.impact(repository.change("dags/gone.py", FileFate.DELETED))

    assert not found.affected
    assert not found.idle
    assert found.total == 1


@pytest.mark.parametrize(
    "text",
    [
        "__all__ = ['inner']",
        "_LAZY = {'Thing': '.inner'}\ndef __getattr__(name): ...",
        "def __getattr__(name):\n    return import_module(f'.{name}', __name__)",
    ],
)
def test_lazy_packages_lead_to_their_modules(repository, text):
    repository.file("dags/pack/__init__.py", text)
    repository.file("dags/pack/inner.py")
    repository.file("dags/elsewhere.py")
    repository.dag("dags/user.py", "from pack import *")

    assert repository.affected("dags/pack/inner.py") == {"user"}
    assert repository.affected("dags/elsewhere.py") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "import importlib\nfor n in NAMES:\n    importlib.import_module(f'steps.{n}')",
        "import importlib\nimportlib.import_module('steps.' + name)",
        "import importlib\nimportlib.import_module('steps.%s' % name)",
        "import importlib\nimportlib.import_module('steps.{}'.format(name))",
    ],
)
def test_an_import_whose_beginning_is_known_leads_below_that(repository, statement):
    repository.file("dags/steps/__init__.py")
    repository.file("dags/steps/deep/load.py")
    repository.file("dags/other.py")
    repository.dag("dags/user.py", statement)

    assert repository.affected("dags/steps/deep/load.py") == {"user"}
    assert repository.affected("dags/other.py") == set()


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("import importlib\nimportlib.import_module(name)", "import_module"),
        ("import importlib\nimportlib.import_module(f'{name}.x')", "import_module"),
        ("import importlib\nimportlib.import_module(f'ste{name}.x')", "import_module"),
        ("__import__(name)", "__import__"),
        ("import importlib\nimportlib.import_module()", "import_module"),
        ("exec(text)", "exec"),
        ("import runpy\nrunpy.run_path(name)", "run_path"),
        ("from importlib import util\nutil.spec_from_file_location('x', path)",
         "spec_from_file_location"),
        ("def broken(:", "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_may_mean_any_python_file(repository, statement, how):
    repository.file("dags/helper.py", statement)
    repository.file("scripts/far.py")
    repository.file("tests/test_it.py")
    repository.dag("dags/user.py", "import helper")
    repository.dag("dags/other.py")

    found = repository.impact("scripts/far.py")

    [one] = found.affected
    assert one.path == "dags/user.py"
    assert how in one.reason
    assert one.reason.endswith("and so any Python file may be meant")
    assert "dags/helper.py:" in one.reason
    assert not found.idle
    assert repository.impact("tests/test_it.py").idle == ("tests/test_it.py",)


@pytest.mark.parametrize(
    "statement",
    [
        "exec('x = 1')",
        "import runpy\nrunpy.run_path('scripts/near.py')",
        "obj.exec(x)",
        "import_module('steps.load')",
    ],
)
def test_what_can_be_followed_means_no_other_file(repository, statement):
    repository.file("scripts/far.py")
    repository.file("scripts/near.py")
    repository.dag("dags/user.py", statement)

    assert repository.affected("scripts/far.py") == set()


def test_a_script_that_is_named_is_followed(repository):
    repository.file("scripts/train.py", "import model")
    repository.file("scripts/model.py")
    repository.file("scripts/other.py")
    repository.dag("dags/user.py", "COMMAND = 'python /opt/airflow/scripts/train.py --fast'")

    assert repository.affected("scripts/train.py") == {"user"}
    assert repository.affected("scripts/model.py") == {"user"}
    assert repository.affected("scripts/other.py") == set()


def test_links_into_the_tree_are_followed(repository):
    repository.dag("shared/real.py", "import helper")
    repository.file("shared/helper.py")
    repository.dag("dags/other.py")
    (repository.root / "dags/linked.py").symlink_to(repository.root / "shared/real.py")
    (repository.root / "dags/helper.py").symlink_to(repository.root / "shared/helper.py")

    assert repository.affected("shared/real.py") == {"linked"}
    assert repository.affected("shared/helper.py") == {"linked"}
    assert repository.affected("dags/linked.py") == {"linked"}
    assert repository.affected("dags/helper.py") == {"linked"}


def test_a_link_that_leads_back_up_ends(repository):
    repository.dag("dags/user.py", "import importlib\nimportlib.import_module(f'steps.{x}')")
    repository.file("dags/steps/one.py")
    (repository.root / "dags/steps/again").symlink_to(repository.root / "dags")

    assert repository.affected("dags/steps/one.py") == {"user"}


def test_ids_of_dags_are_told(repository):
    repository.dag("dags/one.py", dag_id="first")
    repository.file("dags/two.py", "from airflow.sdk import DAG\nb = DAG('b')\na = DAG('a')\n")

    assert [one.dag_ids for one in repository.impact("dags/one.py", "dags/two.py").affected] == [
        ("first",),
        ("a", "b"),
    ]


def test_environments_and_hidden_folders_hold_no_modules(repository):
    for folder in ("env", ".hidden", "node_modules"):
        repository.file(f"{folder}/shared/rates.py")
    repository.file("env/pyvenv.cfg")
    repository.file("services/shared/rates.py")
    repository.dag("dags/user.py", "import shared.rates")
    (repository.root / "services/gone").symlink_to("nowhere")

    assert repository.affected("services/shared/rates.py") == {"user"}
    chains = repository.impact("services/shared/rates.py").affected[0].chain
    assert [step.span.path for step in chains] == ["dags/user.py"]


def test_a_module_that_cannot_be_read_may_import_anything(repository):
    repository.file("scripts/far.py")
    (repository.root / "dags").mkdir()
    (repository.root / "dags/helper.py").symlink_to("helper.py")
    repository.dag("dags/user.py", "import helper")

    assert "cannot be read" in repository.reasons("scripts/far.py")["user"]


def test_a_dag_file_names_itself_without_harm(repository):
    repository.dag("dags/user.py", "x = open(__file__)\ny = 'user.py'")

    assert repository.reasons("dags/user.py") == {"user": "it has changed itself"}
