"""The plugin sleeps until a test asks, and then composes what was asked for.

Inner pytest sessions run in this process with a fake `dagproof.app` in `sys.modules`, or in a
process of their own where it matters what they import and leave behind.
"""

import os
import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ALONE = ("-p", "dagproof.pytest_plugin", "-p", "no:cacheprovider")
"""Load this plugin and no other that happens to be installed: an inner session is then fast."""

FAKES = """
import contextlib, sys, types

class Session:
    def __init__(self, settings, home, calls):
        self.settings, self.home, self.calls = settings, home, calls
        self.environment = {"A_TEST": "served"}
    def ready(self): self.calls.append("wait")
    def reset(self): self.calls.append("reset")
    def run(self, dag, options, env, faults=()):
        self.calls.append("run")
        self.faults = faults
        return dag, options, env

calls = []

@contextlib.contextmanager
def open_session(settings, *, home, fresh, backend):
    calls.append(f"open fresh={fresh}")
    open_session.settings, open_session.home = settings, home
    yield Session(settings, home, calls)
    calls.append("close")

fake = types.ModuleType("dagproof.app")
fake.open_session, fake.calls = open_session, calls
sys.modules["dagproof.app"] = fake

services = types.ModuleType("dagproof.services")
services.mlflow_client = lambda environment: ("mlflow client of", environment["A_TEST"])
services.s3_client = lambda environment: ("s3 client of", environment["A_TEST"])
sys.modules["dagproof.services"] = services

def pytest_unconfigure(config):
    from pathlib import Path
    Path("calls.txt").write_text("\\n".join(calls))
"""


@pytest.fixture(autouse=True)
def scratch(monkeypatch, tmp_path):
    """Put scratch homes where the test finds them, in a shell that chose none."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    return folder


@pytest.fixture
def session(pytester):
    """Run a test module in an inner session of fakes; return its outcome and its calls."""

    def session(source, *, passed=1, errors=0, settings=""):
        pytester.makeconftest(FAKES)
        pytester.makepyprojecttoml(f"[tool.dagproof]\n{settings}\n")
        pytester.makepyfile(source)
        pytester.runpytest_inprocess(*ALONE).assert_outcomes(passed=passed, errors=errors)
        return (pytester.path / "calls.txt").read_text(encoding="utf-8").splitlines()

    return session


def in_a_process(pytester, source, *, passed=1):
    pytester.makepyfile(source)
    result = pytester.runpytest_subprocess(*ALONE)
    result.assert_outcomes(passed=passed)
    return result


# Asleep


def test_plugin_is_there_without_being_asked_for(pytester, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    result = pytester.runpytest_inprocess("--fixtures", "-v")

    for fixture in ("run_dag", "services", "mlflow_client", "s3", "airflow_home"):
        result.stdout.re_match_lines([rf"^{fixture}.* -- .*pytest_plugin\.py:\d+$"])


def test_session_without_our_fixtures_imports_neither_airflow_nor_the_app(pytester):
    in_a_process(
        pytester,
        """
        import sys

        def test_asleep():
            for name in ("airflow", "mlflow", "moto", "psycopg2", "dagproof.app"):
                assert name not in sys.modules, name
            assert "dagproof.pytest_plugin" in sys.modules
        """,
    )


def test_home_alone_wakes_nothing(session):
    calls = session(
        """
        def test_home(airflow_home):
            assert airflow_home.is_dir()
        """
    )

    assert calls == []


# AIRFLOW_HOME

TELL_HOME = """
    import os
    from pathlib import Path

    def test_home(airflow_home):
        Path("home.txt").write_text(os.environ["AIRFLOW_HOME"])
        assert str(airflow_home) == os.environ["AIRFLOW_HOME"]
        assert airflow_home.is_dir()
        (airflow_home / "airflow.cfg").touch()
"""


def told_home(pytester):
    return Path((pytester.path / "home.txt").read_text(encoding="utf-8"))


def test_home_is_scratch_when_nobody_chose_one(pytester, scratch):
    in_a_process(pytester, TELL_HOME)

    assert told_home(pytester).parent == scratch
    assert told_home(pytester).name.startswith("dagproof-airflow-")


def test_scratch_home_is_set_before_test_modules_are_imported(pytester, scratch):
    in_a_process(
        pytester,
        f"""
        import os

        assert os.environ["AIRFLOW_HOME"].startswith({str(scratch)!r})

        def test_nothing(): pass
        """,
    )


def test_scratch_home_is_gone_with_the_session(pytester, scratch):
    in_a_process(pytester, TELL_HOME)

    assert list(scratch.glob("dagproof-airflow-*")) == []


def test_home_inherited_from_another_scratch_session_is_not_shared(pytester, monkeypatch):
    controllers = pytester.path / "dagproof-airflow-of-the-controller"
    monkeypatch.setenv("AIRFLOW_HOME", str(controllers))
    pytester.makepyfile(TELL_HOME)
    pytester.runpytest_inprocess(*ALONE).assert_outcomes(passed=1)

    assert told_home(pytester) != controllers
    assert os.environ["AIRFLOW_HOME"] == str(controllers)


def test_environment_is_as_before_when_nobody_had_chosen(pytester):
    pytester.makepyfile(TELL_HOME)
    pytester.runpytest_inprocess(*ALONE).assert_outcomes(passed=1)

    assert "AIRFLOW_HOME" not in os.environ


@pytest.mark.parametrize("pyproject", [None, "[tool.ruff]\n"])
def test_chosen_home_is_left_alone_in_a_repository_that_is_not_ours(
    pytester, monkeypatch, tmp_path, scratch, pyproject
):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    monkeypatch.setenv("AIRFLOW_HOME", str(chosen))
    if pyproject:
        pytester.makepyprojecttoml(pyproject)

    in_a_process(pytester, TELL_HOME)

    assert told_home(pytester) == chosen
    assert (chosen / "airflow.cfg").exists()


@pytest.mark.parametrize(
    "table", ["[tool.dagproof]", "[tool.dagproof.env]", "[[tool.dagproof.runs]]"]
)
def test_repository_that_declares_dagproof_gets_scratch_whatever_was_chosen(
    pytester, monkeypatch, tmp_path, scratch, table
):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    monkeypatch.setenv("AIRFLOW_HOME", str(chosen))
    pytester.makepyprojecttoml(f"{table}\n")
    pytester.makepyfile(TELL_HOME)

    pytester.runpytest_inprocess(*ALONE).assert_outcomes(passed=1)

    assert told_home(pytester).parent == scratch
    assert os.environ["AIRFLOW_HOME"] == str(chosen)
    assert list(chosen.iterdir()) == []


def test_empty_home_counts_as_none_chosen(pytester, monkeypatch, scratch):
    monkeypatch.setenv("AIRFLOW_HOME", "")

    in_a_process(pytester, TELL_HOME)

    assert told_home(pytester).parent == scratch


def test_session_without_airflow_makes_no_home(pytester, monkeypatch, scratch):
    monkeypatch.setattr("dagproof.pytest_plugin.find_spec", lambda _: None)
    pytester.makepyfile(
        """
        import os

        def test_no_home():
            assert "AIRFLOW_HOME" not in os.environ
        """
    )

    pytester.runpytest_inprocess(*ALONE).assert_outcomes(passed=1)

    assert list(scratch.glob("dagproof-airflow-*")) == []


# Fixtures


def test_first_test_opens_one_fresh_session_and_the_last_closes_it(session):
    calls = session(
        """
        def test_one(services): assert services == {"A_TEST": "served"}
        def test_two(services): pass
        """,
        passed=2,
    )

    assert calls == ["open fresh=True", "wait", "reset", "wait", "close"]


def test_test_that_asks_for_several_fixtures_begins_clean_once(session):
    calls = session(
        """
        def test_one(services, mlflow_client, s3, run_dag): pass
        def test_two(run_dag, s3): pass
        """,
        passed=2,
    )

    assert calls.count("reset") == 1


def test_other_services_than_those_that_are_open_are_refused_and_not_passed_off(session):
    session(
        """
        import pytest

        class TestMine:
            @pytest.fixture(scope="session")
            def dagproof_services(self): return "embedded"

            def test_one(self, services): pass

        class TestOthers:
            @pytest.fixture(scope="session")
            def dagproof_services(self): return "external"

            def test_two(self, services): pass
        """,
        passed=1,
        errors=1,
    )


def test_tests_without_our_fixtures_reset_nothing(session):
    calls = session(
        """
        def test_one(services): pass
        def test_two(): pass
        """,
        passed=2,
    )

    assert "reset" not in calls


def test_faults_are_given_as_text_or_made(session):
    session(
        """
        from dagproof.model import Fault

        def test_run(run_dag, _dagproof_session):
            run_dag("taxi", faults=["mlflow:down@fit,seconds=2", Fault("s3", "500")])
            down = Fault("mlflow", "down", "fit", seconds=2)
            assert _dagproof_session.faults == [down, Fault("s3", "500")]
            run_dag("taxi")
            assert _dagproof_session.faults == []
        """
    )


def test_run_dag_does_not_wait_for_services_before_it_imports(session):
    calls = session(
        """
        def test_run(run_dag):
            run_dag("taxi")
        """
    )

    assert calls == ["open fresh=True", "run", "close"]


def test_clients_are_those_of_the_services(session):
    session(
        """
        def test_clients(mlflow_client, s3):
            assert mlflow_client == ("mlflow client of", "served")
            assert s3 == ("s3 client of", "served")
        """
    )


def test_session_has_the_settings_of_the_root_and_the_home_of_the_fixture(session):
    session(
        """
        import sys

        def test_settings(services, airflow_home, pytestconfig):
            opened = sys.modules["dagproof.app"].open_session
            assert opened.settings.root == pytestconfig.rootpath
            assert opened.settings.timeout == 77
            assert opened.home == airflow_home
        """,
        settings="timeout = 77",
    )


def test_bare_run_takes_the_defaults_and_the_timeout_of_the_settings(session):
    session(
        """
        def test_run(run_dag):
            dag, options, env = run_dag("taxi")
            assert (dag, env) == ("taxi", None)
            assert (options.conf, options.stubs) == ({}, {})
            assert options.logical_date is None
            assert options.timeout == 77
            assert options.real_retry_delays is False
            assert options.end_process is False
        """,
        settings="timeout = 77",
    )


def test_run_passes_on_everything_that_it_is_given(session):
    session(
        """
        from datetime import UTC, datetime
        from pathlib import Path

        def test_run(run_dag):
            moment = datetime(2023, 1, 1, tzinfo=UTC)
            dag, options, env = run_dag(
                Path("dags/taxi.py"), {"year": 2023}, logical_date=moment, stubs={"fit": 1},
                env={"A": "b"}, timeout=5, real_retry_delays=True,
            )
            assert (dag, env) == ("dags/taxi.py", {"A": "b"})
            assert (options.conf, options.stubs) == ({"year": 2023}, {"fit": 1})
            assert options.logical_date == moment
            assert options.timeout == 5
            assert options.real_retry_delays is True
        """,
        settings="timeout = 77",
    )


def test_broken_settings_are_an_error_of_the_test_that_needs_them(pytester):
    pytester.makeconftest(FAKES)
    pytester.makepyprojecttoml("[tool.dagproof]\ndgas = []\n")
    pytester.makepyfile(
        """
        def test_free(): pass
        def test_run(run_dag): pass
        """
    )

    result = pytester.runpytest_inprocess(*ALONE)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*UsageError: *there is no key `tool.dagproof.dgas`*"])


REPEATING = """
import sys, types
from dagproof.model import Repetition, StateDifference

repeating = types.ModuleType("dagproof.repeating")
def repeat(session, dag, options, env, *, globs, prepare):
    repeating.asked = (dag, options, env, globs, prepare)
    difference = StateDifference("table", "t", "table `t` differs", tasks=("load",))
    return Repetition("taxi", (), (difference, difference))
repeating.repeat = repeat
sys.modules["dagproof.repeating"] = repeating
"""


def test_check_repeatable_passes_on_what_it_is_given_and_prints_a_line_for_each_difference(
    pytester,
):
    pytester.makeconftest(f"{FAKES}\n{REPEATING}")
    pytester.makepyprojecttoml("[tool.dagproof]\ntimeout = 77\n")
    pytester.makepyfile(
        """
        import sys
        from datetime import UTC, datetime
        from pathlib import Path

        def test_given(check_repeatable):
            moment = datetime(2023, 1, 1, tzinfo=UTC)
            check_repeatable(
                Path("dags/taxi.py"), {"year": 2023}, prepare=print, excepted=("table:t",),
                logical_date=moment, stubs={"fit": 1}, env={"A": "b"}, timeout=5,
            )
            dag, options, env, globs, prepare = sys.modules["dagproof.repeating"].asked
            assert (dag, env, globs) == ("dags/taxi.py", {"A": "b"}, ("table:t",))
            assert prepare is print
            assert (options.conf, options.stubs) == ({"year": 2023}, {"fit": 1})
            assert (options.logical_date, options.timeout) == (moment, 5)

        def test_bare(check_repeatable):
            repetition = check_repeatable("taxi")
            _, options, env, globs, prepare = sys.modules["dagproof.repeating"].asked
            assert (env, globs, prepare, options.timeout) == (None, None, None, 77)
            assert not repetition.differences
        """
    )
    result = pytester.runpytest_inprocess(*ALONE)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["`load`: table `t` differs", "`load`: table `t` differs"])
