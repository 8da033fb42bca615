"""Both pipelines leave the same after one run, after two, and after a retry of every task."""

TASKS_WITH_RETRIES = {"mlops_taxi_dag": 7, "ml_training_pipeline": 8}


def check(repetition):
    assert repetition.differences == ()
    assert [run.state for run in repetition.runs] == ["success"] * 3
    retried = [task for task in repetition.runs[2].tasks if task.tries > 1]
    assert len(retried) == TASKS_WITH_RETRIES[repetition.dag_id]


def test_taxi_can_be_run_again(check_repeatable, generated_months):
    conf = {"year": 2023, "month": 1}
    check(check_repeatable("mlops_taxi_dag", conf, env={"TAXI_SOURCE": generated_months}))


def test_iris_can_be_run_again(check_repeatable):
    check(check_repeatable("ml_training_pipeline"))
