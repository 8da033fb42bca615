"""What is imported is what Airflow lists and what is named; what it drops may count, too."""

import zipfile
from pathlib import Path

import pytest

from dagproof.audit import targets as module
from dagproof.audit.targets import find_targets, is_dropped
from dagproof.model import ImportTrace, UnavailableError, UsageError

DAG = "from airflow.sdk import DAG\nwith DAG('x'): pass\n"
VARYING = "from airflow.sdk import DAG\nimport helpers\nDAG(helpers.name())\n"


@pytest.fixture
def find(repository):
    """Find targets; Airflow lists the given files, or all Python files of the folders."""

    def find(*paths, listed=None, twice=True):
        def everything(folders):
            find.asked.append([Path(folder) for folder in folders])
            if listed is not None:
                return listed(folders)
            return sorted(str(path) for folder in folders for path in Path(folder).rglob("*.py"))

        find.asked = []
        return find_targets(repository.settings, paths, everything, twice=twice)

    return find


def files(targets):
    return [Path(one.path).name for one in targets.files]


def test_files_are_those_that_airflow_lists_of_the_dags_folders(repository, find):
    repository.configure('dags = ["one", "two", "gone"]')
    repository.add("one/a.py", DAG)
    repository.add("two/b.py", DAG)
    repository.add("three/c.py", DAG)

    found = find()

    assert find.asked == [[repository.root / "one", repository.root / "two"]]
    assert [(Path(one.path).name, Path(one.bundle).name) for one in found.files] == [
        ("a.py", "one"), ("b.py", "two"),
    ]  # fmt: skip


def test_listing_is_airflow_s_own_whatever_we_think_of_it(repository, find):
    a = repository.add("dags/a.py", DAG)
    b = repository.add("dags/b.txt", "no words")

    assert files(find(listed=lambda _: [str(b), str(a), str(b)])) == ["a.py", "b.txt"]


def test_exclusion_of_the_settings_holds_for_what_airflow_lists(repository, find):
    repository.configure('exclude = ["dags/old/", "dags/b.py"]')
    for name in ("a.py", "b.py", "old/c.py"):
        repository.add(f"dags/{name}", DAG)

    assert files(find()) == ["a.py"]
    assert find().excluded
    assert not find(repository.root / "dags" / "a.py").excluded


def test_nothing_is_excluded_where_airflow_lists_nothing_of_it(repository, find):
    repository.configure('exclude = ["dags/old/"]')
    a = repository.add("dags/a.py", DAG)
    repository.add("dags/old/c.py", DAG)

    assert not find(listed=lambda _: [str(a)]).excluded


def test_listing_that_goes_in_circles_leaves_the_files_that_we_find(repository, find):
    repository.add("dags/a.py", DAG)
    repository.add("dags/words.py", "x = 1\n")
    repository.add("plugins/p.py", "x = 1\n")

    assert files(find(listed=lambda _: None)) == ["a.py", "p.py"]
    assert not find(listed=lambda _: None).excluded
    repository.configure('exclude = ["dags/words.py"]')
    assert find(listed=lambda _: None).excluded


def test_plugins_are_imported_beside_the_dags(repository, find):
    repository.add("dags/a.py", DAG)
    plugin = repository.add("plugins/p.py", "x = 1\n")

    found = find()

    assert files(found) == ["a.py", "p.py"]
    assert found.files[1].bundle == str(plugin.parent)


def test_named_file_is_imported_alone_and_airflow_is_not_asked(repository, find):
    named = repository.add("dags/a.py", DAG)
    repository.add("dags/b.py", DAG)

    found = find(named.relative_to(repository.root))

    assert [one.path for one in found.files] == [str(named)]
    assert found.files[0].bundle == str(named.parent)
    assert find.asked == []


def test_named_file_is_imported_though_airflow_would_not(repository, find):
    repository.add("dags/.airflowignore", "a.py\n")
    named = repository.add("dags/a.py", "x = 1\n")

    assert files(find(named)) == ["a.py"]


def test_named_file_of_no_dags_folder_is_its_own_bundle(repository, find):
    named = repository.add("elsewhere/deep/a.py", DAG)

    assert find(named).files[0].bundle == str(named.parent)


def test_file_deep_in_a_dags_folder_belongs_to_that_folder(repository, find):
    repository.add("dags/team/deep/a.py", DAG)

    assert find().files[0].bundle == str(repository.root / "dags")


def test_named_folder_and_a_file_in_it_give_each_file_once(repository, find):
    named = repository.add("dags/a.py", DAG)

    found = find(named, named.parent, Path("dags"))

    assert files(found) == ["a.py"]
    assert find.asked == [[named.parent, named.parent]]


def test_nothing_to_import_is_refused_rather_than_called_clean(repository, find):
    with pytest.raises(UsageError, match="There is no dags folder at dags"):
        find()

    (repository.root / "dags").mkdir()
    with pytest.raises(UnavailableError, match="There is no DAG file in dags"):
        find()


def test_named_path_that_is_not_there_is_refused(repository, find):
    repository.add("dags/a.py", DAG)
    with pytest.raises(UsageError, match="gone"):
        find(Path("gone.py"))


def test_file_that_cannot_be_read_is_told_unless_airflow_imports_it(repository, find):
    repository.add("dags/a.py", DAG)
    (repository.root / "dags" / "b.py").symlink_to("nowhere")
    listed = [str(repository.root / "dags" / name) for name in ("a.py", "b.py")]

    told = find(listed=lambda _: listed[:1])
    assert [path for path, _ in told.shown_unread()] == ["dags/b.py"]
    assert files(told) == ["a.py"]

    told = find(listed=lambda _: listed)
    assert told.unread == ()
    assert files(told) == ["a.py", "b.py"]


def test_unreadable_file_alone_is_no_refusal(repository, find):
    (repository.root / "dags").mkdir()
    (repository.root / "dags" / "b.py").symlink_to("nowhere")

    found = find(listed=lambda _: [])

    assert (found.files, len(found.unread)) == ((), 1)


# What is imported twice


def test_file_that_may_vary_is_imported_twice_and_a_steady_one_is_not(repository, find):
    repository.add("dags/a.py", DAG)
    repository.add("dags/b.py", VARYING)

    assert [one.twice for one in find().files] == [False, True]
    assert [one.twice for one in find(twice=False).files] == [False, False]


def test_archive_is_imported_twice(repository, find):
    repository.add("dags/a.py", DAG)
    archive = repository.root / "dags" / "b.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("b.py", DAG)

    [found] = find(listed=lambda _: [str(archive)]).files
    assert found.twice


def test_file_that_cannot_be_read_is_imported_twice(repository, find):
    (repository.root / "dags").mkdir()
    gone = str(repository.root / "dags" / "gone.py")

    assert find(listed=lambda _: [gone]).files[0].twice


@pytest.mark.parametrize("zone", ["system", "SYSTEM", "local"])
@pytest.mark.parametrize("where", ["shell", "settings"])
def test_time_zone_of_the_machine_makes_no_file_steady(repository, find, monkeypatch, zone, where):
    repository.add("dags/a.py", DAG)
    if where == "shell":
        monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TIMEZONE", zone)
    else:
        repository.configure(f'env = {{ AIRFLOW__CORE__DEFAULT_TIMEZONE = "{zone}" }}')

    assert [one.twice for one in find().files] == [True]


@pytest.mark.parametrize("folder", ["dags", "plugins", "lib", "shell"])
def test_policies_of_the_repository_make_no_file_steady(repository, find, monkeypatch, folder):
    repository.configure('pythonpath = ["lib"]')
    for name in ("lib", "shell"):
        (repository.root / name).mkdir()
    monkeypatch.setenv("PYTHONPATH", f":{repository.root / 'shell'}")
    named = repository.add("dags/a.py", DAG)
    assert not find(named).files[0].twice

    repository.add(f"{folder}/airflow_local_settings.py", "def dag_policy(dag): ...\n")
    assert find(named).files[0].twice


def test_each_file_is_read_once(repository, find, monkeypatch):
    repository.add("dags/a.py", DAG)
    judged = []
    monkeypatch.setattr(module, "is_steady", lambda data: judged.append(data) or True)

    find()

    assert judged == [DAG.encode()]


def test_modules_of_airflow_that_files_import_are_told_once_in_order(repository, find):
    repository.add("dags/a.py", "from airflow.sdk import DAG\nimport airflow.utils.types as t\n")
    repository.add("dags/b.py", "if 1:\n    from airflow.sdk import dag\nfrom airflow import DAG\n")

    assert find().modules == ("airflow.sdk", "airflow.utils.types")


# What Airflow drops


def test_file_that_safe_mode_drops_is_imported_if_a_module_may_make_its_dags(repository, find):
    repository.add("dags/a.py", DAG)
    repository.add("dags/factory.py", DAG)
    repository.add("dags/pack/__init__.py", "import airflow; 'dag'\n")
    repository.add("dags/b.py", "import factory\n")
    repository.add("dags/c.py", "from pack import x\n")
    repository.add("dags/d.py", "import json\nfrom nowhere import x\n")
    keep = [str(repository.root / "dags" / name) for name in ("a.py", "factory.py")]

    found = find(listed=lambda _: keep)

    assert [Path(one.path).name for one in found.dropped] == ["b.py", "c.py"]
    assert [one.twice for one in found.dropped] == [False, False]
    assert found.shown_dropped() == {"dags/b.py", "dags/c.py"}


def test_modules_are_looked_for_where_imports_find_them(repository, find):
    repository.configure('pythonpath = ["lib"]')
    repository.add("dags/a.py", DAG)
    repository.add("lib/made.py", DAG)
    repository.add("plugins/shared/made.py", DAG)
    repository.add("dags/b.py", "import made\n")
    repository.add("dags/c.py", "import shared.made\n")

    found = find(listed=lambda _: [str(repository.root / "dags" / "a.py")])

    assert [Path(one.path).name for one in found.dropped] == ["b.py", "c.py"]


def test_file_that_airflow_imports_is_not_dropped(repository, find):
    repository.add("dags/factory.py", DAG)
    repository.add("dags/b.py", "import factory\n")

    assert find().dropped == ()


def test_named_file_asks_for_nothing_that_is_dropped_or_ignored(repository, find):
    named = repository.add("dags/factory.py", DAG)
    repository.add("dags/b.py", "import factory\n")
    repository.add("dags/.airflowignore", "c.py\n")
    repository.add("dags/c.py", DAG)

    keep = [str(named)]

    for paths in ([named], [named, named.parent]):
        found = find(*paths, listed=lambda _: keep)
        assert (found.dropped, found.ignored) == ((), ())
    whole = find(listed=lambda _: keep)
    assert (len(whole.dropped), len(whole.ignored)) == (1, 1)


def test_dag_file_that_airflowignore_covers_is_told_with_what_covers_it(repository, find):
    repository.add("dags/.airflowignore", "b.py\nold/\n")
    repository.add("dags/a.py", DAG)
    repository.add("dags/b.py", DAG)
    repository.add("dags/old/c.py", "from airflow.sdk import dag\n@dag\ndef x(): ...\n")
    repository.add("dags/old/helper.py", "from airflow.sdk import dag\n")
    repository.add("dags/old/words.py", "DAG()\n")

    found = find(listed=lambda _: [str(repository.root / "dags" / "a.py")])

    told = [(one.path, one.skipped) for one in found.ignored]
    where = str(repository.root / "dags" / ".airflowignore")
    assert told == [("dags/b.py", where), ("dags/old/c.py", where)]


@pytest.mark.parametrize("by", ["gitignore", "settings"])
def test_what_others_leave_out_is_not_told(repository, find, by):
    repository.add("dags/a.py", DAG)
    repository.add("dags/b.py", DAG)
    if by == "gitignore":
        repository.add("dags/.gitignore", "b.py\n")
    else:
        repository.configure('exclude = ["dags/b.py"]')

    assert find(listed=lambda _: [str(repository.root / "dags" / "a.py")]).ignored == ()


def test_dropped_file_counts_where_it_makes_dags():
    assert is_dropped(ImportTrace("a.py")) is None
    assert is_dropped(ImportTrace("a.py", dag_ids=("x",), seconds=3)) == ImportTrace(
        "a.py", dag_ids=("x",), skipped="safe-mode"
    )
