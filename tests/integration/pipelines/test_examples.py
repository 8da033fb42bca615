"""The example DAGs of the seeds run from end to end, and the branching one by all its ways."""

import pytest

BRANCHING = "ml_pipeline_branching"


def states(outcome):
    return {task.task_id: task.state for task in outcome.tasks}


@pytest.mark.parametrize(
    ("dag", "task", "told"),
    [
        ("test_dag", "print_hello", "¡Hola desde Airflow!"),
        ("simple_test_dag", "check_command", {"said": "Hello Airflow", "heard": "Hello Airflow"}),
        ("hello_world", "bash_task", "Hello from Bash!"),
    ],
)
def test_example_runs_to_its_end(run_dag, dag, task, told):
    outcome = run_dag(dag)

    assert outcome.state == "success", outcome.failures
    assert set(states(outcome).values()) == {"success"}
    assert outcome.xcom(task) == told


def test_a_name_with_quotes_and_accents_comes_through_bash(run_dag):
    name = "Señor \"$(id)\" '🚕'"
    outcome = run_dag("simple_test_dag", {"name": name})

    assert outcome.state == "success", outcome.failures
    assert outcome.xcom("run_command") == f"Hello {name}"


@pytest.mark.parametrize(
    ("seed", "score", "way"),
    [
        (3, 0.8677521680526462, "high_quality_pipeline"),
        (2, 0.5558450440322502, "medium_quality_pipeline"),
        (0, 0.3616904771377427, "data_quality_alert"),
    ],
)
def test_each_way_is_taken_alone_and_only_work_that_was_done_is_joined(run_dag, seed, score, way):
    outcome = run_dag(BRANCHING, {"seed": seed})

    assert outcome.state == "success", outcome.failures
    ways = ("high_quality_pipeline", "medium_quality_pipeline", "data_quality_alert")
    joined = way != "data_quality_alert"
    assert states(outcome) == {
        "check_data_quality": "success",
        **{one: "success" if one == way else "skipped" for one in ways},
        "final_step": "success" if joined else "skipped",
    }
    assert outcome.xcom("check_data_quality", key="quality_score") == score
    assert outcome.xcom(way)["quality_score"] == score


def test_a_check_that_is_tried_again_takes_the_same_way(run_dag, monkeypatch):
    import branching.steps

    decide, scores = branching.steps.way_of, []

    def decide_at_the_second_try(score):
        scores.append(score)
        if len(scores) == 1:
            raise OSError("the worker went away")
        return decide(score)

    monkeypatch.setattr(branching.steps, "way_of", decide_at_the_second_try)
    outcome = run_dag(BRANCHING)

    assert outcome.state == "success", outcome.failures
    assert outcome.task("check_data_quality").tries == 2
    assert scores[0] == scores[1]
