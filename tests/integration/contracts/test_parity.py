"""`render_task` gives what a task gets in a run: the same fields, with the same types."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagproof.testing import UnknownValueError, render_task

RUN_ID = re.compile(r"manual__[\d:T.+-]+")
"""Made of the time at which the run was created."""

REPOSITORIES = Path(__file__).parents[2] / "fixtures" / "repos"
PARITY, RIGHT, WRONG = (
    REPOSITORIES / name / "dags"
    for name in ("contracts_parity", "contracts_right", "contracts_wrong")
)
DATES = datetime(2024, 2, 29, 6, 30, tzinfo=UTC), datetime(2023, 12, 31, 23, 0, tzinfo=UTC)

CONFS = {
    "conf": [{"more": "x", "month": 7, "table": None}, {"names": ["b", 1], "plain": "é{{ ds }}"}],
    "native": [{"n": 7, "text": "5", "data": {"a": {}}, "nothing": "None"}, {"text": "[1, 2]"}],
    "params_of_all_kinds": [{"required": 10, "tree": {}, "text": "", "one": 1}],
    "in_files": [{"table": "x y"}],
}
"""Confs by the names of files; each is run without a conf as well, where it has none required."""

RAN = {"numbers", "pairs", "pair", "double", "files", "data", "keys", "square"}
"""Tasks that are executed; the others push their id, as their fields are all that matters."""

PUSHED = {
    "xcoms": {
        ("keys", "table"): "rides",
        ("keys", "limits"): [1, 2],
        ("data", "limits"): None,
        ("data", "when"): DATES[0],
        ("data", "pair"): (1, 2),
    },
    "mapped": {("pair", "left"): 1},
    "groups": {"elsewhere": None},
}
"""XComs that are not what a task returned, by the names of files."""

COMPARED = (
    "contexts", "flow", "groups", "in_files", "mapped", "native_typed", "nested_fields",
    "other_delimiters", "params_of_all_kinds", "user_macros", "variables",
)  # fmt: skip
"""Files of right DAGs that are compared; the others have nothing that these have not."""

REFUSED = (
    "undefined_plain", "undefined_filter", "undefined_macro", "undefined_conf_key",
    "undefined_in_file", "undefined_param", "syntax_unclosed", "missing_file", "missing_include",
    "macro_raises", "filter_gets_text",
)  # fmt: skip
"""Files of wrong DAGs whose task `say` cannot be rendered, with any conf."""


def cases(folder):
    """Yield path, conf and logical date of each run."""
    for path in sorted(folder.glob("*.py")):
        if folder == PARITY or path.stem in COMPARED:
            given = CONFS.get(path.stem, [])
            confs = given if path.stem == "params_of_all_kinds" else [{}, *given]
            for number, conf in enumerate(confs):
                yield path, conf, DATES[number % 2]


def plain(value):
    """Return a value that can be compared: of lazy sequences and objects, what they hold."""
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, str):
        return RUN_ID.sub("run_id", value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        kind = type(value) if type(value) in (list, tuple) else list
        return kind(plain(one) for one in value)
    if type(value).__module__.startswith("unusual_prefix"):
        return type(value).__name__, plain(vars(value))
    return type(value).__name__, value


@pytest.fixture
def in_run(run_dag, monkeypatch):
    """Run a DAG; return its outcome, and what its tasks got and pushed."""
    from airflow.sdk.execution_time import task_runner

    execute = task_runner._execute_task

    def run(path, conf, date):
        fields, pushed = {}, {}

        def record(context, ti, log):
            task, index = ti.task, -1 if ti.map_index is None else ti.map_index
            got = {name: plain(getattr(task, name)) for name in task.template_fields}
            fields[task.task_id, index] = got
            is_run = task.task_id.rpartition(".")[2] in RAN
            pushed[task.task_id, index] = value = (
                execute(context, ti, log) if is_run else task.task_id
            )
            return value

        monkeypatch.setattr(task_runner, "_execute_task", record)
        return run_dag(path, conf, logical_date=date), fields, xcoms_of(pushed)

    return run


def xcoms_of(pushed):
    """Return values as `render_task` takes them: of a mapped task, a list in order."""
    xcoms = {}
    for (task_id, index), value in sorted(pushed.items()):
        if index == -1:
            xcoms[task_id] = value
        else:
            xcoms.setdefault(task_id, []).append(value)
    return xcoms


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_TABLE", "rides")
    monkeypatch.setenv("AIRFLOW_VAR_LIMITS", '{"rows": 10}')
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", '{"conn_type": "postgres", "host": "w.test"}')


@pytest.mark.parametrize("folder", [PARITY, RIGHT], ids=["parity", "right"])
def test_task_gets_what_render_task_gives(in_run, folder):
    """All fields of all tasks, in plain and native mode, mapped or not, with confs and dates."""
    wrong, compared = [], 0

    for path, conf, date in cases(folder):
        outcome, fields, xcoms = in_run(path, conf, date)
        known = {**PUSHED.get(path.stem, {}), **xcoms}
        fields.pop(("default", -1), None)  # has a test of its own
        for (task_id, index), got in fields.items():
            rendered = render_task(
                str(path), task_id, conf, logical_date=date, xcoms=known, map_index=index
            )
            gives = {name: plain(value) for name, value in rendered.items()}
            compared += len(got)
            wrong += [
                (path.stem, task_id, index, conf, name, got[name], gives[name])
                for name in got
                if got[name] != gives[name]
            ]
        unrun = {(task.task_id, task.map_index) for task in outcome.failures}
        assert {(path.stem, task_id) for task_id, _ in unrun} <= {("variables", "unknown")}
    assert wrong == [], wrong
    assert compared > 100


def test_task_fails_as_render_task_does(run_dag):
    for name in REFUSED:
        outcome = run_dag(WRONG / f"{name}.py", logical_date=DATES[0])
        [failed] = [task for task in outcome.failures if task.task_id == "say"]
        with pytest.raises(Exception) as raised:
            render_task(str(WRONG / f"{name}.py"), "say", logical_date=DATES[0])
        assert failed.error.type.rpartition(".")[2] == type(raised.value).__name__
        assert failed.error.message == str(raised.value)


def test_conf_of_one_rendering_is_not_there_in_the_next():
    path = str(PARITY / "native.py")
    assert render_task(path, "kinds", {"n": 7})["op_args"][0] == 7
    assert render_task(path, "kinds")["op_args"][0] == 5


def test_variable_that_is_not_there_has_the_default_of_the_template():
    rendered = render_task(str(RIGHT / "variables.py"), "default")
    assert rendered["bash_command"] == "load x w.test"


def test_value_that_is_not_given_is_refused_with_the_way_to_give_it():
    with pytest.raises(UnknownValueError, match=r"give it as `xcoms=\{'data': ...\}`"):
        render_task(str(PARITY / "xcoms.py"), "say")
    with pytest.raises(UnknownValueError, match=r"give it as `xcoms=\{\('keys', 'table'\): ...\}`"):
        render_task(str(PARITY / "xcoms.py"), "say", xcoms={"data": {"1": 1}})
    with pytest.raises(UnknownValueError, match="set the environment variable `AIRFLOW_VAR_REG"):
        render_task(str(RIGHT / "variables.py"), "unknown")
