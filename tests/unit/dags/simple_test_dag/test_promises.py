"""`simple_test_dag` carries a greeting from Python over Bash to a comparison."""

import subprocess

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task
from mlops.failures import PermanentError
from simple_test_dag import steps

DAG = "simple_test_dag"


@pytest.mark.parametrize("name", ["Airflow", "Señor 🚕", '"; rm -rf / #', "$(id)", "{{ ds }}"])
def test_bash_prints_whatever_python_said(name):
    said = steps.run_function(render_task(DAG, "run_function", {"name": name})["op_args"][0])
    assert said == f"Hello {name}"
    command = render_task(DAG, "run_command", xcoms={"run_function": said})
    heard = subprocess.run(
        ["bash", "-c", command["bash_command"]],
        env=command["env"],
        capture_output=True,
        check=True,
    )
    assert heard.stdout.decode() == f"{said}\n"
    assert steps.check_command(said, heard.stdout.decode().strip()) == {"said": said, "heard": said}


@pytest.mark.parametrize("heard", ["Hello", "", None])
def test_what_is_lost_on_the_way_is_one_sentence(heard):
    with pytest.raises(PermanentError) as caught:
        steps.check_command("Hello Señor", heard)
    assert f"'Hello Señor' and Bash printed {heard!r}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "x" * 101, None, 3])
def test_conf_without_a_name_is_refused(name):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {"name": name})
    assert refused.value.param == "name"


def test_function_comes_before_command_before_comparison_of_both():
    dag = render_task(DAG, "run_function").task.dag
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "run_function": set(),
        "run_command": {"run_function"},
        "check_command": {"run_function", "run_command"},
    }
