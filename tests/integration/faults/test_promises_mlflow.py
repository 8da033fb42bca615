"""What the reference pipelines promise while MLflow fails: docs/reliability.md has the figures."""

import logging

import pytest

both = pytest.mark.parametrize("name", ["taxi", "iris"])
SECONDS = 20  # a task must not wait for MLflow for longer, on a machine that is busy


def sentence(outcome):
    """Return the one sentence of the tasks that failed themselves."""
    [said] = {task.error.message for task in outcome.failures}
    assert "\n" not in said
    return said


@both
def test_nobody_asks_for_mlflow_before_a_task_tracks(world, promise, name):
    kept, world = promise("mlflow-down-at-import"), world(name)
    stubs = {world.pipeline.train: {}, world.pipeline.publish: {}}
    stubs |= {"evaluate_model": {}, "send_notification": {}} if name == "iris" else {}

    outcome = world.run("mlflow:down", stubs=stubs)

    assert outcome.state == "success", outcome.failures
    [record] = outcome.faults
    assert record.began == 0, "it holds before the DAG is imported"
    assert record.hits == 0
    kept.kept(world, outcome)


@both
def test_attempt_without_mlflow_fails_in_seconds_and_the_next_one_makes_one_run(
    world, promise, name
):
    kept, world = promise("mlflow-down-for-one-attempt"), world(name)

    outcome = world.run("mlflow:down@{train},attempts=1")

    [record] = outcome.faults
    assert record.hits > 0
    assert record.ended - record.began < SECONDS
    assert max(task.tries for task in outcome.tasks) == 2
    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome)


def test_run_without_mlflow_fails_in_seconds_and_a_later_one_is_right(world, promise):
    kept, world = promise("mlflow-down"), world("taxi")

    outcome = world.run("mlflow:down@{train}")

    assert {task.task_id for task in outcome.failures} == {world.pipeline.train}
    assert "MLflow at http://127.0.0.1:" in sentence(outcome)
    assert "does not answer (Connection refused)" in sentence(outcome)
    assert outcome.seconds - outcome.faults[0].began < 3 * SECONDS
    assert world.counts == (0, 0)
    assert world.champion is None
    kept.kept(world, outcome)
    world.assert_nothing_lost(world.run())


def test_champion_and_what_serves_stay_while_mlflow_is_down(world, promise):
    kept, world = promise("mlflow-down-champion"), world("iris")
    world.run()
    champion, serving = world.champion, world.serving

    outcome = world.run("mlflow:down@{publish}")

    assert {task.task_id for task in outcome.failures} == {"deploy_model"}
    assert (world.champion.version, world.champion.run_id) == ("1", champion.run_id)
    assert world.serving == serving
    kept.kept(world, outcome)
    later = world.run()
    assert later.state == "success"
    assert (world.champion.version, world.left(later).champions) == ("2", 1)
    assert world.left(later).runs == world.quiet.runs


@pytest.fixture
def optional(tmp_path):
    """An environment whose tracking is optional."""
    folder = tmp_path / "environments"
    folder.mkdir()
    text = "domains: {mlflow: mlflow.test}\ndata_root: data\nteam: t\ntracking: optional\n"
    (folder / "soft.yaml").write_text(text, encoding="utf-8")
    return {"ENVIRONMENTS_DIR": str(folder), "ENV": "soft"}


@pytest.mark.parametrize(
    ("name", "fault", "tracked"),
    [
        ("mlflow-optional", "mlflow:down", 0),
        ("mlflow-optional-halfway", "mlflow:readonly@{publish}", 2),
    ],
)
def test_optional_tracking_costs_a_warning_and_the_model_is_served(
    world, promise, optional, caplog, name, fault, tracked
):
    kept, world = promise(name), world("iris")

    with caplog.at_level(logging.WARNING, "mlops"):
        outcome = world.run(fault, env=optional)

    assert outcome.state == "success", outcome.failures
    said = [record.getMessage() for record in caplog.records if "tracking" in record.getMessage()]
    assert said
    assert all("MLflow at http://127.0.0.1:" in one for one in said)
    left = world.left(outcome)
    assert len(left.runs) == tracked
    assert left.versions == ()
    served = "iris/production/<run>/model.skops"
    assert left.objects[served] == world.quiet.objects["iris/production/v1/model.skops"]
    pointer = left.objects["iris/production/current.json"]
    assert pointer["model"] == outcome.xcom("deploy_model")["production"]
    assert pointer["version"] is None
    kept.kept(world, outcome)


def test_slow_mlflow_costs_its_delay_and_nothing_else(world, promise):
    kept, world = promise("mlflow-slow"), world("iris")

    outcome = world.run("mlflow:slow@{train},delay=2,seconds=4")

    assert outcome.faults[0].hits >= 2
    assert max(task.tries for task in outcome.tasks) == 1
    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome)


def test_answers_that_come_after_the_client_gave_up_double_nothing(world, promise):
    kept, world = promise("mlflow-too-slow"), world("iris")

    outcome = world.run(
        "mlflow:slow@{train},delay=3,seconds=9,share=0.34",
        env={"MLFLOW_HTTP_REQUEST_TIMEOUT": "2"},
    )

    assert outcome.faults[0].hits >= 3
    assert max(task.tries for task in outcome.tasks) == 1
    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome)


@pytest.mark.parametrize(
    ("name", "fault", "pipeline"),
    [
        ("mlflow-500", "mlflow:500,share=0.5", "iris"),
        ("mlflow-reset", "mlflow:reset,share=0.5", "iris"),
        ("mlflow-cut", "mlflow:cut,share=0.5", "taxi"),
        ("mlflow-cut-third", "mlflow:cut,share=0.34", "iris"),
    ],
)
def test_requests_that_get_lost_are_made_up_for_within_the_attempt(
    world, promise, name, fault, pipeline
):
    kept, world = promise(name), world(pipeline)

    outcome = world.run(fault)

    assert outcome.faults[0].hits >= 10
    assert max(task.tries for task in outcome.tasks) == 1
    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome)


def test_mlflow_that_takes_no_writes_fails_the_run_in_a_sentence(world, promise):
    kept, world = promise("mlflow-readonly"), world("iris")

    outcome = world.run("mlflow:readonly@{train}")

    assert {task.task_id for task in outcome.failures} == {"train_model"}
    assert "MLflow at http://127.0.0.1:" in sentence(outcome)
    assert world.counts == (0, 0)
    kept.kept(world, outcome)
    world.assert_nothing_lost(world.run())
