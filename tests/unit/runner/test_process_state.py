"""Whatever a task leaves changed is put back and named."""

import os
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from dagproof.model import Leak
from dagproof.runner.process_state import modules_under, restore, take


@pytest.fixture(autouse=True)
def _no_mlflow_unless_faked(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)


def module(**variables):
    made = ModuleType("steps")
    vars(made).update(variables)
    return made


def leaks_of(before):
    return [(leak.kind, leak.name, leak.detail) for leak in restore(before)]


def test_untouched_process_leaks_nothing():
    guarded = module(a=1, b=[1], c={"k": 1}, d={1})

    assert restore(take([guarded])) == ()


# Environment


def test_variable_that_was_set_is_removed(monkeypatch):
    monkeypatch.delenv("A_TEST", raising=False)
    before = take([])
    monkeypatch.setenv("A_TEST", "1")

    assert leaks_of(before) == [("environment", "A_TEST", "the variable was set")]
    assert "A_TEST" not in os.environ


def test_variable_that_was_removed_is_set(monkeypatch):
    monkeypatch.setenv("A_TEST", "1")
    before = take([])
    monkeypatch.delenv("A_TEST")

    assert leaks_of(before) == [("environment", "A_TEST", "the variable was removed")]
    assert os.environ["A_TEST"] == "1"


def test_variable_that_changed_is_changed_back(monkeypatch):
    monkeypatch.setenv("A_TEST", "1")
    before = take([])
    monkeypatch.setenv("A_TEST", "2")

    assert leaks_of(before) == [("environment", "A_TEST", "the variable changed")]
    assert os.environ["A_TEST"] == "1"


@pytest.mark.parametrize(
    "name",
    [
        "AIRFLOW_CTX_DAG_ID",
        "_AIRFLOW_PROCESS_CONTEXT",
        "_OF_SOME_LIBRARY",
        "OMP_NUM_THREADS",
        "KMP_INIT_AT_FORK",
        "MPLBACKEND",
        "MLFLOW_TRACKING_URI",
        "MLFLOW_EXPERIMENT_ID",
        "MLFLOW_RUN_ID",
    ],
)
def test_variables_that_libraries_set_are_put_back_without_blame(monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    before = take([])
    monkeypatch.setenv(name, "1")

    assert restore(before) == ()
    assert name not in os.environ


def test_other_variables_of_mlflow_are_the_tasks_own(monkeypatch):
    monkeypatch.delenv("MLFLOW_S3_ENDPOINT_URL", raising=False)
    before = take([])
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "http://s3")

    assert [leak.name for leak in restore(before)] == ["MLFLOW_S3_ENDPOINT_URL"]


def test_leaked_variables_come_in_order_of_name(monkeypatch):
    before = take([])
    monkeypatch.setenv("Z_TEST", "1")
    monkeypatch.setenv("A_TEST", "1")

    assert [leak.name for leak in restore(before)] == ["A_TEST", "Z_TEST"]


# Working directory


@pytest.fixture
def start(tmp_path, monkeypatch):
    folder = tmp_path / "start"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_working_directory_is_changed_back(start, tmp_path):
    before = take([])
    os.chdir(tmp_path)

    assert leaks_of(before) == [
        ("cwd", str(tmp_path), f"the working directory moved from {start} to {tmp_path}")
    ]
    assert os.getcwd() == str(start)  # noqa: PTH109 - what `os.chdir` changed


def test_working_directory_that_vanished_under_the_task_is_left(start, tmp_path):
    before = take([])
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()

    (leak,) = restore(before)

    assert leak.detail == f"the working directory moved from {start} to a folder that was removed"
    assert os.getcwd() == str(start)  # noqa: PTH109


def test_working_directory_that_vanished_is_left_even_when_the_run_began_at_the_root(
    start, monkeypatch
):
    monkeypatch.chdir("/")
    before = take([])
    os.chdir(start)
    start.rmdir()

    assert [leak.kind for leak in restore(before)] == ["cwd"]
    assert os.getcwd() == "/"  # noqa: PTH109


def test_run_goes_on_at_the_root_when_the_task_removed_where_it_began(start):
    before = take([])
    start.rmdir()

    (leak,) = restore(before)

    assert leak == Leak(
        "cwd",
        "a folder that was removed",
        f"the working directory {start} is gone; / takes its place",
    )
    assert os.getcwd() == "/"  # noqa: PTH109


def test_run_that_begins_in_a_removed_folder_leaks_nothing_by_that(start):
    start.rmdir()

    assert restore(take([])) == ()


# Module variables


def test_added_variable_is_deleted():
    guarded = module()
    before = take([guarded])
    guarded.cache = 1

    assert leaks_of(before) == [("global", "steps.cache", "the module variable was added")]
    assert not hasattr(guarded, "cache")


def test_removed_variable_is_there_again():
    value = object()
    guarded = module(model=value)
    before = take([guarded])
    del guarded.model

    assert leaks_of(before) == [("global", "steps.model", "the module variable was removed")]
    assert guarded.model is value


def test_rebound_variable_is_bound_to_its_object_again():
    value = [1]
    guarded = module(rows=value)
    before = take([guarded])
    guarded.rows = [1]

    assert leaks_of(before) == [
        ("global", "steps.rows", "the module variable was bound to another object")
    ]
    assert guarded.rows is value


@pytest.mark.parametrize(
    ("made", "change", "kind"),
    [
        (lambda: [1, 2], lambda it: it.append(3), "list"),
        (lambda: [1, 2], lambda it: it.clear(), "list"),
        (lambda: [1, 2], lambda it: it.reverse(), "list"),
        (lambda: {1, 2}, lambda it: it.add(3), "set"),
        (lambda: {1, 2}, lambda it: it.discard(1), "set"),
        (lambda: {"a": 1}, lambda it: it.update(b=2), "dict"),
        (lambda: {"a": 1}, lambda it: it.update(a=2), "dict"),
        (lambda: {"a": 1}, lambda it: it.pop("a"), "dict"),
    ],
)
def test_contents_of_a_container_are_put_back_into_the_same_container(made, change, kind):
    value = made()
    guarded = module(held=value)
    before = take([guarded])
    change(value)

    assert leaks_of(before) == [("global", "steps.held", f"the contents of the {kind} changed")]
    assert value == made()
    assert guarded.held is value


@pytest.mark.parametrize("wrap", [list, lambda held: dict(enumerate(held))])
def test_arrays_in_a_container_are_compared_by_identity(wrap):
    value = wrap([np.arange(3), np.arange(3)])
    guarded = module(held=value)

    assert restore(take([guarded])) == ()


def test_equal_array_in_the_place_of_another_is_a_change():
    first = np.arange(3)
    value = [first]
    guarded = module(held=value)
    before = take([guarded])
    value[0] = np.arange(3)

    assert len(restore(before)) == 1
    assert value[0] is first


def test_set_that_iterates_in_another_order_has_not_changed():
    value = {0, 8}  # both fall into the first of eight slots
    guarded = module(held=value)
    before = take([guarded])
    value.clear()
    value.update([8, 0])

    assert restore(before) == ()


def test_imported_modules_and_dunder_names_are_nobodys_leak():
    guarded = module()
    before = take([guarded])
    guarded.os = os
    guarded.__cached__ = "x"

    assert restore(before) == ()
    assert guarded.os is os


def test_several_modules_are_guarded_at_once():
    first, second = module(), module()
    before = take([first, second])
    first.a = second.b = 1

    assert [leak.name for leak in restore(before)] == ["steps.a", "steps.b"]


def test_module_that_airflow_named_by_hash_is_named_by_its_stem():
    guarded = module()
    guarded.__name__ = "unusual_prefix_0123abcd_taxi_dag"
    before = take([guarded])
    guarded.a = 1

    assert [leak.name for leak in restore(before)] == ["taxi_dag.a"]


def test_module_whose_name_only_contains_the_prefix_keeps_it():
    guarded = module()
    guarded.__name__ = "my.unusual_prefix_1_x"
    before = take([guarded])
    guarded.a = 1

    assert [leak.name for leak in restore(before)] == ["my.unusual_prefix_1_x.a"]


def test_module_replaced_in_sys_modules_is_restored_all_the_same(monkeypatch):
    """Airflow 3.3 imports a DAG file anew; tasks then run in a module that nobody knows."""
    guarded = module(rows=[])
    monkeypatch.setitem(sys.modules, "steps", guarded)
    before = take([guarded])
    guarded.rows.append(1)
    monkeypatch.setitem(sys.modules, "steps", module(rows=[]))

    assert [leak.name for leak in restore(before)] == ["steps.rows"]
    assert guarded.rows == []


# Which modules are the user's own


def imported(monkeypatch, name, file):
    made = ModuleType(name)
    made.__file__ = file
    monkeypatch.setitem(sys.modules, name, made)
    return made


def test_modules_under_a_folder_are_found(monkeypatch, tmp_path):
    own = imported(monkeypatch, "own_steps", str(tmp_path / "taxi" / "steps.py"))
    imported(monkeypatch, "others", "/elsewhere/steps.py")

    assert modules_under([tmp_path]) == [own]


def test_folder_whose_name_begins_alike_is_another_folder(monkeypatch, tmp_path):
    imported(monkeypatch, "own_steps", f"{tmp_path}-old/steps.py")

    assert modules_under([tmp_path]) == []


def test_environment_inside_a_dags_folder_is_not_the_users_code(monkeypatch, tmp_path):
    imported(monkeypatch, "own_steps", str(tmp_path / "venv/lib/site-packages/numpy.py"))

    assert modules_under([tmp_path]) == []


@pytest.mark.parametrize("file", [None, 3])
def test_module_without_a_file_is_passed_over(monkeypatch, tmp_path, file):
    imported(monkeypatch, "own_steps", file)

    assert modules_under([tmp_path]) == []


def test_without_folders_no_module_is_guarded():
    assert modules_under([]) == []


# MLflow


class _FakeMlflow:
    """MLflow's process state as its modules hold it, without MLflow."""

    def __init__(self, monkeypatch):
        self.service = self._module(monkeypatch, "mlflow.tracking._tracking_service.utils")
        self.registry = self._module(monkeypatch, "mlflow.tracking._model_registry.utils")
        self.fluent = self._module(monkeypatch, "mlflow.tracking.fluent")
        self.service._tracking_uri = self.registry._registry_uri = None
        self.fluent._active_experiment_id = None
        self.open = []
        self.fluent._active_run_stack = SimpleNamespace(get=lambda: self.open)
        self.ended = []
        self._module(monkeypatch, "mlflow").end_run = self.end_run

    @staticmethod
    def _module(monkeypatch, name):
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        return made

    def start_run(self, run_id):
        self.open.append(SimpleNamespace(info=SimpleNamespace(run_id=run_id)))

    def end_run(self):
        self.ended.append(self.open.pop().info.run_id)


@pytest.fixture
def mlflow(monkeypatch):
    return _FakeMlflow(monkeypatch)


@pytest.mark.parametrize(
    ("part", "attribute", "label"),
    [
        ("service", "_tracking_uri", "tracking_uri"),
        ("registry", "_registry_uri", "registry_uri"),
        ("fluent", "_active_experiment_id", "experiment"),
    ],
)
def test_state_of_mlflow_is_put_back(mlflow, part, attribute, label):
    setattr(getattr(mlflow, part), attribute, "before")
    before = take([])
    setattr(getattr(mlflow, part), attribute, "after")

    assert leaks_of(before) == [("mlflow", label, "changed from 'before' to 'after'")]
    assert getattr(getattr(mlflow, part), attribute) == "before"


def test_address_that_the_environment_gives_anyway_is_put_back_and_not_told(mlflow, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://run:5000")
    before = take([])
    mlflow.service._tracking_uri = mlflow.registry._registry_uri = "http://run:5000"

    assert restore(before) == ()
    assert mlflow.service._tracking_uri is mlflow.registry._registry_uri is None


@pytest.mark.parametrize(("was", "given"), [("http://mine", "http://run"), (None, "http://other")])
def test_other_address_than_that_of_the_environment_is_told(mlflow, monkeypatch, was, given):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", given)
    mlflow.service._tracking_uri = was
    before = take([])
    mlflow.service._tracking_uri = "http://run"

    assert leaks_of(before) == [("mlflow", "tracking_uri", f"changed from {was!r} to 'http://run'")]


def test_untouched_mlflow_leaks_nothing(mlflow):
    assert restore(take([])) == ()
    assert mlflow.ended == []


def test_mlflow_that_the_task_imported_goes_back_to_its_defaults(monkeypatch):
    before = take([])
    mlflow = _FakeMlflow(monkeypatch)
    mlflow.service._tracking_uri = "http://task"

    assert leaks_of(before) == [("mlflow", "tracking_uri", "changed from None to 'http://task'")]
    assert mlflow.service._tracking_uri is None


def test_part_of_mlflow_that_went_away_is_passed_over(mlflow, monkeypatch):
    mlflow.registry._registry_uri = "before"
    before = take([])
    monkeypatch.delitem(sys.modules, "mlflow.tracking._model_registry.utils")

    assert restore(before) == ()


def test_open_runs_are_ended_innermost_first(mlflow):
    before = take([])
    mlflow.start_run("outer")
    mlflow.start_run("inner")

    assert leaks_of(before) == [
        ("mlflow", "active_run", "run inner was left open"),
        ("mlflow", "active_run", "run outer was left open"),
    ]
    assert mlflow.ended == ["inner", "outer"]


def test_run_that_cannot_be_ended_is_forgotten_with_all_others(mlflow, monkeypatch):
    def refuse():
        raise ConnectionError("MLflow is down")

    before = take([])
    mlflow.start_run("outer")
    mlflow.start_run("inner")
    monkeypatch.setattr(sys.modules["mlflow"], "end_run", refuse)

    assert leaks_of(before) == [
        ("mlflow", "active_run", "run inner could not be ended: MLflow is down")
    ]
    assert mlflow.open == []


def test_runs_are_ended_where_the_task_logged_them(mlflow):
    """`end_run` speaks to the task's tracking server, so the address is put back after it."""
    before = take([])
    mlflow.service._tracking_uri = "http://task"
    mlflow.start_run("only")
    spoken_to = []
    mlflow_module = sys.modules["mlflow"]
    mlflow_module.end_run = lambda: spoken_to.append(mlflow.service._tracking_uri)

    restore(before)

    assert spoken_to == ["http://task"]


def test_mlflow_without_a_stack_of_runs_is_passed_over(mlflow):
    del mlflow.fluent._active_run_stack

    assert restore(take([])) == ()


def test_kinds_of_leaks_come_in_one_order(mlflow, start, monkeypatch, tmp_path):
    guarded = module()
    before = take([guarded])
    guarded.a = 1
    mlflow.service._tracking_uri = "x"
    os.chdir(tmp_path)
    monkeypatch.setenv("A_TEST", "1")

    assert [leak.kind for leak in restore(before)] == ["environment", "cwd", "mlflow", "global"]
