"""The helpers of `dagproof.testing`: tasks rendered, confs made, values sent through XCom."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from jinja2 import UndefinedError

from dagproof.model import UsageError
from dagproof.testing import (
    LostInXComError,
    RefusedConfError,
    UnknownValueError,
    accepted_params,
    conf_strategy,
    render_task,
    xcom_round_trip,
    xcom_values,
)

ETL = """
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, task

MONTH = Param(1, type="integer", minimum=1, maximum=12)
PULL = "{{ ti.xcom_pull('say') }} {{ ti.xcom_pull('say', key='k') }}"
SAY = "echo {{ params.month }} {{ ds }}"

with DAG("etl", schedule=None, params={"month": MONTH}):
    BashOperator(task_id="say", bash_command=SAY, env={"A": "{{ ds }}"})
    BashOperator(task_id="pull", bash_command=PULL)
    BashOperator(task_id="vars", bash_command="{{ var.value.bucket }} {{ conn.db.host }}")
    BashOperator(task_id="var", bash_command="{{ var.value.bucket }}")
    BashOperator(task_id="wrong", bash_command="{{ nothing }}")

    @task
    def load(x, y):
        return x, y

    load.partial(y="{{ ds }}").expand(x=["a", "{{ params.month }}"])
"""


@pytest.fixture(autouse=True)
def repository(tmp_path, monkeypatch, airflow_home):
    """Stand in a repository with one DAG."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "etl.py").write_text(ETL, "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dagproof]\nenv = { AIRFLOW_VAR_BUCKET = "b" }\n', "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_task_is_rendered_by_id_and_by_path(repository):
    by_id = render_task("etl", "say", {"month": 7})
    by_path = render_task(str(repository / "dags" / "etl.py"), "say", {"month": 7})

    assert by_id["bash_command"] == by_path["bash_command"] == "echo 7 2024-02-29"
    assert dict(by_id)["env"] == {"A": "2024-02-29"}
    assert list(by_id) == list(by_id.fields)
    assert len(by_id) == len(by_id.fields)
    assert by_id.task.task_id == "say"
    with pytest.raises(KeyError, match="do_xcom_push"):
        by_id["do_xcom_push"]


def test_date_and_index_may_be_chosen():
    date = datetime(2023, 12, 31, tzinfo=UTC)

    assert render_task("etl", "say", logical_date=date)["bash_command"] == "echo 1 2023-12-31"
    with pytest.raises(UndefinedError):
        render_task("etl", "say", logical_date=None)
    told = [render_task("etl", "load", map_index=index)["op_kwargs"] for index in (0, 1)]
    assert told == [{"x": "a", "y": "2024-02-29"}, {"x": "1", "y": "2024-02-29"}]


def test_xcoms_are_given_and_go_through_xcom():
    xcoms = {"say": (1, 2), ("say", "k"): {"a": 1}}

    assert render_task("etl", "pull", xcoms=xcoms)["bash_command"] == "(1, 2) {'a': 1}"


@pytest.mark.parametrize(
    ("task_id", "xcoms", "sentence"),
    [
        ("pull", {}, "The task asks for `xcom.say`: give it as `xcoms={'say': ...}`."),
        ("vars", {}, "The task asks for `conn.db`: set the environment variable `AIRFLOW_CONN_DB`"),
    ],
)
def test_value_that_is_not_given_is_asked_for(task_id, xcoms, sentence):
    with pytest.raises(UnknownValueError) as refused:
        render_task("etl", task_id, xcoms=xcoms)

    assert str(refused.value).startswith(sentence)


def test_key_of_an_xcom_is_asked_for_as_it_is_given():
    with pytest.raises(UnknownValueError) as refused:
        render_task("etl", "pull", xcoms={"say": 1})

    assert str(refused.value) == (
        "The task asks for `xcom.say['k']`: give it as `xcoms={('say', 'k'): ...}`."
    )


def test_variables_are_those_of_the_settings_and_leave_no_trace():
    assert render_task("etl", "var")["bash_command"] == "b"
    assert "AIRFLOW_VAR_BUCKET" not in os.environ


def test_template_raises_what_it_raises():
    with pytest.raises(UndefinedError, match="'nothing' is undefined"):
        render_task("etl", "wrong")


def test_names_that_are_not_there_are_refused_with_those_that_are():
    with pytest.raises(UsageError, match=r"has no task `nothing`\. Its tasks: `load`, `pull`"):
        render_task("etl", "nothing")
    with pytest.raises(UsageError, match="nothing"):
        render_task("nothing", "say")


def test_conf_that_airflow_refuses_is_refused_with_its_param():
    with pytest.raises(RefusedConfError, match=r"^DAG `etl` refuses this conf: ") as refused:
        render_task("etl", "say", {"month": 13})
    assert refused.value.param == "month"
    with pytest.raises(RefusedConfError):
        accepted_params("etl", {"month": "x"})
    assert accepted_params("etl", {"month": 7, "more": 1}) == {"month": 7, "more": 1}


def test_confs_are_those_that_airflow_accepts():
    seen = set()

    @settings(max_examples=40, deadline=None, database=None)
    @given(conf_strategy("etl"))
    def check(conf):
        seen.add(accepted_params("etl", conf)["month"])

    check()
    assert seen <= set(range(1, 13))
    assert len(seen) > 3


def test_file_that_changes_is_imported_again(repository):
    assert render_task("etl", "say")["bash_command"] == "echo 1 2024-02-29"
    file = repository / "dags" / "etl.py"
    file.write_text(ETL.replace("echo {{", "print {{"), "utf-8")
    os.utime(file, ns=(1, 1))

    assert render_task("etl", "say")["bash_command"] == "print 1 2024-02-29"


def test_value_comes_back_with_what_it_lost():
    trip = xcom_round_trip({"a": (1, 2)})
    lost = xcom_round_trip({7: 0.5})

    assert (trip.pulled, trip.losses) == ({"a": (1, 2)}, ())
    assert trip.stored > 0
    assert lost.pulled == {"7": 0.5}
    assert len(lost.losses) == 1
    with pytest.raises(LostInXComError, match=r"^object does not come through XCom: "):
        xcom_round_trip(object())
    with pytest.raises(LostInXComError, match=r"^The XCom that is given cannot be pushed: "):
        render_task("etl", "pull", xcoms={"say": object()})


def test_values_of_an_annotation_are_made():
    @settings(max_examples=20, deadline=None, database=None)
    @given(xcom_values(dict[str, int]))
    def check(value):
        assert all(isinstance(one, int) for one in value.values())

    check()
    with pytest.raises(ValueError, match=r"^No value of `Unknown` can be made: .*\.$"):
        xcom_values(type("Unknown", (), {"__init__": lambda self, x: None}))


def test_fixtures_are_the_helpers(render_task, conf_strategy, xcom_round_trip):
    assert render_task("etl", "say")["bash_command"] == "echo 1 2024-02-29"
    assert xcom_round_trip([1]).pulled == [1]
    assert conf_strategy("etl") is not None


def test_helpers_need_neither_pytest_nor_a_home(repository, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    code = (
        "from dagproof.testing import render_task\nprint(render_task('etl', 'say')['bash_command'])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env={**environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stdout.splitlines()[-1:] == ["echo 1 2024-02-29"], said.stderr
    assert not (home / "airflow").exists()
