"""What is composed for a run, in which order, and that all of it is undone."""

import contextlib
import os
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagproof import app
from dagproof.app import RunRequest, open_session
from dagproof.config import ConfiguredRun, Settings
from dagproof.model import (
    DagOutcome,
    Fault,
    FaultRecord,
    SeenRuns,
    Tracking,
    UnavailableError,
    UsageError,
)
from dagproof.runner import RunOptions, faulted

SERVED = {"MLFLOW_TRACKING_URI": "http://mlflow", "A_TEST": "served"}


class _World:
    """Everything below `app`, faked; `calls` holds what was asked of it, in order."""

    def __init__(self, tmp_path):
        self.calls = []
        self.environ = {}
        self.stubs = []
        self.state = "success"
        self.failure = None
        self.waited = False
        self.dag = SimpleNamespace(dag_id="taxi", fileloc=str(tmp_path / "dags" / "t" / "dag.py"))
        self.environment = dict(SERVED)
        self.backend = "embedded"
        self.services = ("postgres", "mlflow", "s3")

    @contextlib.contextmanager
    def tenancy(self, wanted, *, progress, fresh):
        self.calls.append(("tenancy", wanted, fresh))
        progress("Starting")
        yield self
        self.calls.append("released")

    def chosen_source(self, settings, backend):
        self.asked_for = backend
        return self

    def usual(self, environ):
        return self.services

    def wait(self):
        if self.failure:
            raise self.failure
        self.waited = True

    def reset(self):
        self.calls.append("reset")

    def find_dag(self, dag, folders):
        self.calls.append(("find", dag, folders))
        return self.dag

    def find_targets(self, dag, folders):
        assert dag is self.dag
        return (*folders, "target.py")

    def check_question(self, dag, options):
        assert dag is self.dag
        self.calls.append(("check", dict(options.conf)))

    def run_watch(self, environment):
        """Note apart what is asked of it: it is of no concern to the order of the rest."""
        notes = []

        def told(outcome):
            notes.append(f"told of {outcome.run_id}")
            return replace(outcome, seen_runs=SeenRuns())

        self.watch = SimpleNamespace(
            begin=lambda: notes.append(f"begun before {len(self.calls)} calls"),
            companion=lambda _: contextlib.nullcontext(),
            told=told,
            environment=environment,
            notes=notes,
        )
        return self.watch

    @contextlib.contextmanager
    def fenced(self, environment, lets):
        self.fence = (environment["MLFLOW_TRACKING_URI"], lets)
        yield
        self.fence = None

    def run_dag(self, dag, roots, options):
        assert dag is self.dag
        self.within = getattr(self, "fence", None)
        self.companions = options.companions
        self.stubs.append(dict(options.stubs))
        self.targets = options.targets
        assert self.waited
        self.environ = dict(os.environ)
        self.calls.append(("run", roots, dict(options.conf)))
        return DagOutcome("taxi", "run-1", self.state, (), 1.0)

    def tracking(self, environment):
        self.calls.append(("tracking", environment))
        return Tracking()

    def note(self, name):
        return lambda: self.calls.append(name)

    @property
    def names(self):
        return [call if isinstance(call, str) else call[0] for call in self.calls]


@pytest.fixture
def world(monkeypatch, tmp_path):
    made = _World(tmp_path)
    monkeypatch.setattr(app, "chosen_source", made.chosen_source)
    monkeypatch.setattr(app, "find_dag", made.find_dag)
    monkeypatch.setattr(app, "find_targets", made.find_targets)
    monkeypatch.setattr(app, "check_question", made.check_question)
    monkeypatch.setattr(app, "run_dag", made.run_dag)
    monkeypatch.setattr(app.services, "tracking", made.tracking)
    monkeypatch.setattr(app.services, "RunWatch", made.run_watch)
    monkeypatch.setattr(app.services, "fenced", made.fenced)
    monkeypatch.setattr(app, "warm_up", made.note("warm up"))
    monkeypatch.setattr(app.database, "use_configured_database", made.note("use database"))
    monkeypatch.setattr(app.database, "release_database", made.note("release database"))

    @contextlib.contextmanager
    def hidden():
        made.calls.append("hush")
        yield

    monkeypatch.setattr(app, "noise_hidden", hidden)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("A_TEST", raising=False)
    return made


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "dags").mkdir()
    return Settings(root=tmp_path, dags=(tmp_path / "dags",))


# Sessions


def test_session_sets_the_environment_of_services_and_airflow(world, settings, tmp_path):
    with open_session(settings, home=tmp_path / "home") as session:
        assert os.environ["MLFLOW_TRACKING_URI"] == "http://mlflow"
        assert os.environ["AIRFLOW_HOME"] == str(tmp_path / "home")
        assert os.environ["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path / "dags")
        assert session.environment["A_TEST"] == "served"


def test_environment_is_as_before_when_the_session_ends(world, settings, tmp_path):
    before = dict(os.environ)

    with open_session(settings, home=tmp_path):
        os.environ["A_TEST"] = "by a test"

    assert dict(os.environ) == before


def test_environment_is_as_before_when_the_session_fails(world, settings, tmp_path):
    before = dict(os.environ)

    with pytest.raises(KeyboardInterrupt), open_session(settings, home=tmp_path):
        raise KeyboardInterrupt

    assert dict(os.environ) == before


def test_settings_win_over_services_and_arguments_over_both(world, settings, tmp_path):
    repository = Settings(
        root=settings.root, dags=settings.dags, env={"A_TEST": "settings", "B_TEST": "settings"}
    )

    with open_session(repository, home=tmp_path, env={"A_TEST": "argument"}) as session:
        assert os.environ["A_TEST"] == session.environment["A_TEST"] == "argument"
        assert os.environ["B_TEST"] == session.environment["B_TEST"] == "settings"
    with open_session(repository, home=tmp_path) as session:
        assert session.environment["A_TEST"] == "settings"


def test_mlflow_prints_no_addresses_that_are_soon_gone(world, settings, tmp_path):
    with open_session(settings, home=tmp_path):
        assert os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] == "true"


def test_mlflow_prints_its_addresses_where_the_settings_say_so(world, settings, tmp_path):
    name = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
    repository = Settings(root=tmp_path, dags=settings.dags, env={name: "false"})

    with open_session(repository, home=tmp_path):
        assert os.environ[name] == "false"


@pytest.mark.parametrize(("verbose", "level"), [(False, "WARNING"), (True, "INFO")])
def test_verbose_session_lets_airflow_log(world, settings, tmp_path, verbose, level):
    with open_session(settings, home=tmp_path, verbose=verbose):
        assert os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] == level


def test_database_is_chosen_after_the_environment_and_released_before_the_services(
    world, settings, monkeypatch
):
    monkeypatch.setattr(
        app.database,
        "use_configured_database",
        lambda: world.calls.append(os.environ["A_TEST"]),
    )

    with open_session(settings):
        world.calls.append("body")

    assert world.names == ["tenancy", "served", "body", "release database", "released"]


@pytest.mark.parametrize("fresh", [True, False])
def test_only_the_services_that_are_wanted_are_asked_for(world, settings, fresh):
    repository = Settings(root=settings.root, dags=settings.dags, services=("postgres", "s3"))

    with open_session(repository, fresh=fresh):
        pass

    assert world.calls[0] == ("tenancy", ("postgres", "s3"), fresh)


def test_services_tell_their_progress(world, settings):
    told = []

    with open_session(settings, progress=told.append):
        pass

    assert told == ["Starting", "Airflow is imported while the services start"]


def test_progress_goes_nowhere_unless_asked_for(world, settings, capfd):
    with open_session(settings):
        pass

    assert capfd.readouterr() == ("", "")


def told_by_session(settings, **more):
    told = []
    with open_session(settings, progress=told.append, **more):
        pass
    return [sentence for sentence in told if "your shell" in sentence]


def test_model_registry_of_the_shell_is_not_that_of_a_run(world, settings, monkeypatch):
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://production")

    with open_session(settings):
        assert "MLFLOW_REGISTRY_URI" not in os.environ
    assert os.environ["MLFLOW_REGISTRY_URI"] == "http://production"
    [told] = told_by_session(settings)
    assert told.startswith("Of your shell is not used: MLFLOW_REGISTRY_URI;")


def test_model_registry_that_was_asked_for_is_that_of_a_run(world, settings, monkeypatch):
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://production")
    with open_session(settings, env={"MLFLOW_REGISTRY_URI": "http://mine"}):
        assert os.environ["MLFLOW_REGISTRY_URI"] == "http://mine"

    world.environment = {"A_TEST": "served"}  # no MLflow
    with open_session(settings):
        assert os.environ["MLFLOW_REGISTRY_URI"] == "http://production"
    assert told_by_session(settings) == []


def test_mlflow_is_fenced_in_while_a_dag_runs(world, settings, monkeypatch):
    settings = replace(settings, allow=("network:models.test",))
    with open_session(settings) as session:
        session.run("taxi", RunOptions())
        address, lets = world.within
        assert address == "http://mlflow"
        assert lets("http://models.test:5000/api")
        assert not lets("http://other.test/api")
        assert world.fence is None

        session.run("taxi", RunOptions(), {"MLFLOW_TRACKING_URI": "http://asked"})
        assert world.within[0] == "http://asked"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://of-a-test")
        session.run("taxi", RunOptions())
        assert world.within[0] == "http://of-a-test"


def test_nothing_is_fenced_in_without_mlflow(world, settings):
    world.environment = {"A_TEST": "served"}
    with open_session(settings) as session:
        session.run("taxi", RunOptions())
    assert world.within is None


def test_variable_of_the_shell_that_is_overruled_is_named(world, settings, monkeypatch):
    monkeypatch.setenv("A_TEST", "shell")

    assert told_by_session(settings) == [
        "Of your shell is not used: A_TEST; `--env NAME=VALUE` passes one on"
    ]


def test_variable_of_the_shell_that_says_the_same_is_not_named(world, settings, monkeypatch):
    monkeypatch.setenv("A_TEST", "served")

    assert told_by_session(settings) == []


def test_variable_that_was_given_as_argument_is_not_named(world, settings, monkeypatch):
    monkeypatch.setenv("A_TEST", "shell")

    assert told_by_session(settings, env={"A_TEST": "argument"}) == []


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_hosts_past_the_proxy_are_added_to_and_so_not_named(world, settings, monkeypatch, name):
    monkeypatch.setenv(name, "corp")
    world.environment[name] = "corp,127.0.0.1"

    assert told_by_session(settings) == []


def test_repository_without_dags_folder_is_refused_before_anything_starts(world, tmp_path):
    settings = Settings(root=tmp_path, dags=(tmp_path / "dags", tmp_path / "more"))

    with pytest.raises(UsageError) as caught, open_session(settings):
        pass

    assert str(caught.value).startswith(
        f"There is no dags folder at {tmp_path}/dags, {tmp_path}/more. "
    )
    assert str(caught.value).endswith("in pyproject.toml; `dagproof init` finds them.")
    assert world.calls == []


def test_init_is_not_offered_where_the_settings_name_the_folder(world, tmp_path):
    settings = Settings(root=tmp_path, dags=(tmp_path / "dags",), declared=True)

    with pytest.raises(UsageError, match=r"pyproject\.toml\.$"), open_session(settings):
        pass


def test_one_dags_folder_of_several_is_enough(world, settings, tmp_path):
    repository = Settings(root=tmp_path, dags=(tmp_path / "none", tmp_path / "dags"))

    with open_session(repository):
        assert world.names[0] == "tenancy"


def test_reset_cleans_the_services_and_then_reconnects(world, settings):
    with open_session(settings) as session:
        del world.calls[:]
        session.reset()
        assert world.calls == ["release database", "reset", "use database"]


# Scratch homes


def homes(tmp_path):
    return sorted(path.name for path in tmp_path.glob("dagproof-airflow-*"))


def test_scratch_home_goes_with_the_session(world, settings, tmp_path):
    with open_session(settings) as session:
        (session.home / "airflow.cfg").touch()
        assert session.home.parent == tmp_path
        assert session.home.name.startswith("dagproof-airflow-")
        assert os.environ["AIRFLOW_HOME"] == str(session.home)

    assert homes(tmp_path) == []


def test_home_that_was_given_stays(world, settings, tmp_path):
    home = tmp_path / "dagproof-airflow-home"
    home.mkdir()

    with open_session(settings, home=home):
        pass

    assert home.is_dir()


def test_full_scratch_disk_is_told_before_any_service_starts(world, settings, monkeypatch):
    def refuse(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)

    with pytest.raises(UnavailableError, match="No space left on device") as caught:
        app.run(settings, RunRequest(dags=["taxi"]))

    assert "TMPDIR" in str(caught.value)
    assert world.calls == []


# Runs


def test_dag_is_found_and_questioned_before_it_is_run(world, settings, tmp_path):
    with open_session(settings) as session:
        del world.calls[:]
        session.run("taxi", RunOptions(conf={"year": 1}))

    roots = [tmp_path / "dags", tmp_path / "dags" / "t"]
    assert world.calls[:5] == [
        "hush",
        ("find", "taxi", settings.dags),
        ("check", {"year": 1}),
        "warm up",
        ("run", roots, {"year": 1}),
    ]


def test_services_that_do_not_start_keep_the_run_from_starting(world, settings):
    world.failure = UnavailableError("no Postgres")

    with open_session(settings) as session, pytest.raises(UnavailableError, match="no Postgres"):
        session.run("taxi", RunOptions())

    assert "run" not in world.names


def test_wrong_question_is_not_kept_waiting_for_the_services(world, settings, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(world, "wait", never.wait)

    def refuse(*_):
        raise UsageError("no such DAG")

    monkeypatch.setattr(app, "find_dag", refuse)

    with open_session(settings) as session, pytest.raises(UsageError):
        session.run("taxi", RunOptions())
    never.set()


def test_which_mlflow_runs_begin_is_seen_around_all_else_that_stands_around_attempts(
    world, settings, tmp_path
):
    def another(attempt):
        return contextlib.nullcontext()

    repository = Settings(
        root=tmp_path, dags=settings.dags, env={"MLFLOW_TRACKING_URI": "http://elsewhere"}
    )
    with open_session(repository) as session:
        outcome = session.run("taxi", RunOptions(companions=(another,)))

    assert world.watch.environment == SERVED, "the services' own address is asked"
    assert world.companions == (world.watch.companion, another)
    run = world.names.index("run")
    assert world.watch.notes == [f"begun before {run} calls", "told of run-1"]
    assert outcome.seen_runs == SeenRuns()


def test_plugins_are_the_users_own_code(world, settings, tmp_path):
    repository = Settings(root=tmp_path, dags=settings.dags, plugins=tmp_path / "plugins")

    with open_session(repository) as session:
        session.run("taxi", RunOptions())

    assert tmp_path / "plugins" in world.calls[-3][1]


def test_verbose_run_hides_nothing(world, settings):
    with open_session(settings, verbose=True) as session:
        session.run("taxi", RunOptions())

    assert "hush" not in world.names


def test_environment_of_one_run_ends_with_it(world, settings):
    with open_session(settings) as session:
        session.run("taxi", RunOptions(), {"A_TEST": "for this run"})
        assert world.environ["A_TEST"] == "for this run"
        session.run("taxi", RunOptions())
        assert world.environ["A_TEST"] == "served"


def test_environment_of_a_request_wins_even_over_airflows(world, settings):
    variable = "AIRFLOW__LOGGING__LOGGING_LEVEL"

    app.run(settings, RunRequest(dags=["taxi"], env={variable: "DEBUG"}))

    assert world.environ[variable] == "DEBUG"


def test_dags_run_in_the_order_in_which_they_were_named(world, settings, tmp_path):
    file = tmp_path / "a.py"
    file.touch()
    opened = []
    request = RunRequest(dags=["b", str(file)], conf={"year": 1})

    report = app.run(settings, request, on_dag=opened.append)

    assert opened == ["b", str(file)]
    assert [call[1] for call in world.calls if call[0] == "find"] == ["b", str(file)]
    assert [call[2] for call in world.calls if call[0] == "run"] == [{"year": 1}] * 2
    assert len(report.runs) == 2


def test_conf_of_the_request_wins_over_that_of_its_options(world, settings):
    app.run(settings, RunRequest(dags=["taxi"], options=RunOptions(conf={"year": 1})))

    assert ("check", {}) in world.calls


def test_without_dags_the_configured_runs_are_made(world, settings):
    repository = Settings(
        root=settings.root,
        dags=settings.dags,
        runs=(ConfiguredRun("a", {"year": 1}), ConfiguredRun("b")),
    )

    app.run(repository, RunRequest())

    assert [call[1] for call in world.calls if call[0] in {"find", "check"}] == [
        "a",
        {"year": 1},
        "b",
        {},
    ]


def test_configured_run_has_its_stubs_and_those_that_were_asked_for(world, settings):
    runs = (ConfiguredRun("a", stubs={"load": 1, "send": 2}), ConfiguredRun("b"))
    repository = Settings(root=settings.root, dags=settings.dags, runs=runs)

    app.run(repository, RunRequest(options=RunOptions(stubs={"send": 3})))

    assert world.stubs == [{"load": 1, "send": 3}, {"send": 3}]


def test_named_dags_are_run_in_place_of_the_configured_ones(world, settings):
    repository = Settings(root=settings.root, dags=settings.dags, runs=(ConfiguredRun("a"),))

    app.run(repository, RunRequest(dags=["b"]))

    assert [call[1] for call in world.calls if call[0] == "find"] == ["b"]


@pytest.mark.parametrize(
    ("request_", "match"),
    [
        (RunRequest(), "^Name a DAG to run, or list runs"),
        (RunRequest(conf={}), "^`--conf` needs a DAG"),
    ],
)
def test_request_that_names_nothing_is_refused_before_anything_starts(
    world, settings, request_, match
):
    with pytest.raises(UsageError, match=match):
        app.run(settings, request_)

    assert world.calls == []


def test_conf_without_a_dag_is_refused_even_where_runs_are_configured(world, settings):
    repository = Settings(root=settings.root, dags=settings.dags, runs=(ConfiguredRun("a"),))

    with pytest.raises(UsageError, match="needs a DAG"):
        app.run(repository, RunRequest(conf={"year": 1}))


def test_fresh_request_gets_fresh_services(world, settings):
    app.run(settings, RunRequest(dags=["taxi"], fresh=True))

    assert world.calls[0] == ("tenancy", ("postgres", "mlflow", "s3"), True)


def test_file_that_is_not_there_is_refused_before_any_service_starts(world, settings):
    with pytest.raises(UsageError, match=r"There is no file nowhere\.py"):
        app.run(settings, RunRequest(dags=["nowhere.py"]))

    assert world.calls == []


def test_services_that_are_not_installed_are_left_out_and_named(world, settings):
    world.services = ("postgres", "s3")
    told = []

    with open_session(settings, progress=told.append):
        pass

    assert world.calls[0][1] == ("postgres", "s3")
    assert "No mlflow for the runs; `pip install 'dagproof[mlflow]'` brings it" in told


def test_external_services_without_an_address_are_left_out_and_named(world, settings):
    world.services, world.backend = ("postgres", "s3"), "external"
    told = []

    with open_session(settings, progress=told.append, backend="external"):
        pass

    assert world.asked_for == "external"
    assert "No mlflow for the runs; `DAGPROOF_MLFLOW_URL` brings it" in told


def test_folders_of_the_pythonpath_are_importable(world, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    repository = Settings(root=tmp_path, dags=settings.dags, pythonpath=(tmp_path / "include",))

    with open_session(repository):
        assert str(tmp_path / "include") in sys.path


def test_report_holds_what_mlflow_of_the_services_holds(world, settings):
    app.run(settings, RunRequest(dags=["taxi"], env={"MLFLOW_TRACKING_URI": "http://other"}))

    assert ("tracking", SERVED) in world.calls
    assert world.names.index("tracking") < world.names.index("released")


def test_timings_add_up_to_no_more_than_the_whole(world, settings):
    report = app.run(settings, RunRequest(dags=["taxi"]))

    assert set(report.timings) == {"open", "runs"}
    assert 0 <= sum(report.timings.values()) <= report.seconds


def test_failed_run_does_not_keep_the_next_from_running(world, settings):
    world.state = "failed"
    report = app.run(settings, RunRequest(dags=["a", "b"]))

    assert len(report.runs) == 2
    assert not report.clean


def test_dags_folder_is_the_first_of_several(world, settings, tmp_path):
    repository = Settings(root=tmp_path, dags=(tmp_path / "dags", Path("/more")))

    with open_session(repository):
        assert os.environ["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path / "dags")


# Faults


class _Board:
    """A switchboard of faults that only notes when it is asked for."""

    def __init__(self, world, environment, faults):
        self.world = world
        self.environment = {"MLFLOW_TRACKING_URI": "http://proxy"}
        world.calls.append(("faults", environment["A_TEST"], faults))

    def begin_run(self):
        self.world.calls.append(("begin run", os.environ["MLFLOW_TRACKING_URI"]))

    def attempt(self, attempt):
        return contextlib.nullcontext()

    def has_begun(self, service):
        return False

    def records(self, start):
        return (FaultRecord("mlflow:500"),)


@pytest.fixture
def faulty(world, monkeypatch):
    @contextlib.contextmanager
    def faulty(environment, faults):
        yield _Board(world, environment, faults)
        world.calls.append("proxy ended")

    monkeypatch.setattr(app.services, "faulty", faulty)
    monkeypatch.setattr(faulted, "run_dag", world.run_dag)
    world.dag.task_ids = ["fit"]


def test_faults_hold_from_before_the_file_is_imported_until_after_the_run(world, settings, faulty):
    fault = Fault("mlflow", "500")
    with open_session(settings) as session:
        del world.calls[:]
        outcome = session.run("taxi", RunOptions(), {"A_TEST": "argument"}, [fault])
        assert os.environ["MLFLOW_TRACKING_URI"] == "http://mlflow"

    assert world.calls[1] == ("faults", "argument", [fault])
    assert [name for name in world.names if name not in {"hush", "check", "warm up"}][:7] == [
        "faults",
        "use database",
        "begin run",
        "find",
        "run",
        "use database",
        "proxy ended",
    ]
    assert ("begin run", "http://proxy") in world.calls
    assert world.environ["MLFLOW_TRACKING_URI"] == "http://proxy"
    assert outcome.faults == (FaultRecord("mlflow:500"),)


def test_fault_with_an_unknown_task_is_refused_before_anything_runs(world, settings, faulty):
    with (
        open_session(settings) as session,
        pytest.raises(UsageError, match="has no task `fti` for the fault `s3:500@fti`"),
    ):
        session.run("taxi", RunOptions(), None, [Fault("s3", "500", "fti")])

    assert "run" not in world.names
    assert "warm up" not in world.names


def test_faults_of_a_request_are_there_in_each_of_its_runs(world, settings, faulty):
    fault = Fault("mlflow", "500")
    app.run(settings, RunRequest(dags=["a", "b"], faults=(fault,)))

    assert [call[2] for call in world.calls if call[0] == "faults"] == [(fault,)] * 2


def test_run_without_faults_has_no_proxy(world, settings, faulty):
    with open_session(settings) as session:
        assert session.run("taxi", RunOptions()).faults == ()

    assert "faults" not in world.names


def test_dags_that_are_triggered_are_looked_for_in_the_dags_folders(world, settings, tmp_path):
    with open_session(settings, home=tmp_path) as session:
        session.run("taxi", RunOptions())

    assert world.targets == (*settings.dags, "target.py")
