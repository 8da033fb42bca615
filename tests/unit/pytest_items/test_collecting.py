"""`pytest --dagproof` makes items of DAG files, without importing one."""

import zipfile

import pytest
from dag_items import ALONE, DAG, OF_REPOSITORY, items_of

pytest_plugins = ["pytester"]

HEAVY = {"airflow", "hypothesis", "dagproof.proving", "dagproof.contracts"}
TEST = "def test_something(): pass\n"


def test_dag_file_gives_an_item_for_each_question_and_a_helper_none(written, collected):
    written(dags__a=DAG, dags__sub__b=DAG, dags__helper="", tests__test_x=TEST)

    assert collected() == [
        *items_of("dags/a.py", "dags/sub/b.py"), "tests/test_x.py::test_something", *OF_REPOSITORY,
    ]  # fmt: skip


def test_without_the_option_nothing_is_collected_and_nothing_more_imported(written, pytester):
    heavy = {"dagproof.pytest_items", "dagproof.rules", "dagproof.testing", "hypothesis"}
    written(
        dags__a=DAG, tests__test_x=f"import sys\ndef test(): assert not {heavy} & {{*sys.modules}}"
    )

    pytester.runpytest_subprocess(*ALONE).assert_outcomes(passed=1)


def test_collecting_imports_neither_airflow_nor_what_tries_promises(written, pytester):
    written(dags__a=DAG, tests__test_x=f"import sys\nassert not {HEAVY} & {{*sys.modules}}")

    result = pytester.runpytest_subprocess(*ALONE, "--dagproof", "--collect-only", "-q")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["dags/a.py::lint"])


def test_given_paths_are_taken_as_they_are(written, collected):
    written(dags__a=DAG, dags__b=DAG, tests__test_x=TEST)

    assert collected("dags/b.py") == items_of("dags/b.py")
    assert collected("tests") == ["tests/test_x.py::test_something"]
    assert collected("dags") == [*items_of("dags/a.py", "dags/b.py"), *OF_REPOSITORY]


def test_path_may_be_given_from_elsewhere(written, pytester, monkeypatch, tmp_path_factory):
    written(dags__a=DAG)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", pytester.path / "dags" / "a.py")

    result.assert_outcomes(passed=8)


def test_dags_folders_are_added_to_testpaths_with_their_dag_files_alone(written, collected):
    written(ini='testpaths = ["tests"]', dags__a=DAG, tests__test_x=TEST, dags__test_y=TEST)

    assert collected() == [
        "tests/test_x.py::test_something", *items_of("dags/a.py"), *OF_REPOSITORY,
    ]  # fmt: skip


def test_test_module_in_the_dags_folder_is_collected_where_it_was_before(written, collected):
    written(dags__a=DAG, dags__test_y=TEST)

    assert "dags/test_y.py::test_something" in collected()


def test_dag_file_that_is_called_like_a_test_is_no_test_module(written, outcomes):
    written(dags__test_a=DAG)

    assert list(outcomes("-k", "not repository")) == items_of("dags/test_a.py")


def test_package_above_a_dag_file_is_not_imported(written, outcomes, pytester):
    written(dags__a=DAG)
    (pytester.path / "dags" / "__init__.py").write_text("1 / 0\n", encoding="utf-8")

    assert set(outcomes().values()) == {"PASSED"}


def test_folder_that_pytest_would_pass_over_is_looked_into(written, collected):
    written(ini='norecursedirs = ["dags", "build"]', dags__build__a=DAG)

    assert collected("-k", "lint") == ["dags/build/a.py::lint", OF_REPOSITORY[0]]
    assert collected("--ignore=dags/build", "-k", "lint") == [OF_REPOSITORY[0]]


def test_archive_of_dag_files_is_one_of_them(written, collected, pytester):
    written(dags__a=DAG)
    with zipfile.ZipFile(pytester.path / "dags" / "packed.zip", "w") as archive:
        archive.writestr("inner.py", DAG)

    assert "dags/packed.zip::effects" in collected()


def test_file_is_collected_once_however_many_links_lead_to_it(written, collected, pytester):
    written(dags__a=DAG)
    (pytester.path / "dags" / "b.py").symlink_to("a.py")

    assert collected() == [*items_of("dags/a.py"), *OF_REPOSITORY]


def test_what_airflow_ignores_has_no_items(written, collected, pytester):
    written(dags__a=DAG, dags__old=DAG)
    (pytester.path / "dags" / ".airflowignore").write_text("old.py\n", encoding="utf-8")

    assert collected() == [*items_of("dags/a.py"), *OF_REPOSITORY]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["dags/a.py::lint"], ["dags/a.py::lint"]),
        (["-k", "effects"], ["dags/a.py::effects", "dags/b.py::effects"]),
        (["-k", "b and lint"], ["dags/b.py::lint"]),
        (["-m", "dagproof and not dagproof"], []),
        (["-m", "dagproof", "dags/b.py"], items_of("dags/b.py")),
        ([OF_REPOSITORY[1]], OF_REPOSITORY[1:]),
        (["dagproof::repository"], OF_REPOSITORY),
    ],
)
def test_items_are_selected_by_name_and_by_mark(written, collected, options, expected):
    written(ini='addopts = ["--strict-markers"]', dags__a=DAG, dags__b=DAG)

    assert collected(*options) == expected


# What is asked


def test_lint_alone_starts_no_audit(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG)
    outcomes("-k", "lint")

    assert fakes.asked == [("lint", [])]


def test_each_way_of_looking_is_gone_once_for_all_files(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG)
    outcomes()

    assert fakes.asked == [("lint", []), ("audit", []), ("contracts", ["a.py", "b.py"])]


def test_only_the_files_of_selected_items_are_looked_at(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG, dags__c=DAG)
    outcomes("-k", "(a.py or c.py) and effects")

    assert fakes.asked == [("audit", ["a.py", "c.py"])]


def test_audit_sees_the_environment_from_before_the_tests(written, outcomes, fakes, monkeypatch):
    monkeypatch.setenv("CHANGED_BY_A_TEST", "not yet")
    written(dags__a=DAG, dags__test_x="import os\nos.environ['CHANGED_BY_A_TEST'] = 'now'\n" + TEST)
    outcomes()

    assert fakes.environ["CHANGED_BY_A_TEST"] == "not yet"
    assert not [name for name in fakes.environ if name.startswith("PYTEST_")]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("dgas = []", "*there is no key `tool.dagproof.dgas`*"),
        ('select = ["DP999"]', "*DP999*"),
        ('severity = { DP998 = "note" }', "*DP998*"),
        ('dags = ["nowhere"]', "*There is no dags folder at nowhere*"),
    ],
)
def test_wrong_settings_end_the_session_before_it_begins(written, pytester, settings, complaint):
    written(settings, dags__a=DAG)

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {complaint}"])
