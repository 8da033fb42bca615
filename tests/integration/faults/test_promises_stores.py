"""What the reference pipelines promise while S3 or Postgres fails: see docs/reliability.md."""

import pytest


def sentence(outcome):
    """Return the one sentence of the tasks that failed themselves."""
    [said] = {task.error.message for task in outcome.failures}
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("name", "fault", "pipeline"),
    [
        ("s3-readonly-half", "s3:readonly,share=0.5", "iris"),
        ("s3-down", "s3:down@{first},seconds=3,attempts=2", "taxi"),
        ("s3-slow", "s3:slow@{first},delay=1,seconds=4", "iris"),
        ("s3-500", "s3:500,share=0.5", "iris"),
        ("s3-reset", "s3:reset,share=0.5", "iris"),
        ("s3-cut", "s3:cut,share=0.5", "taxi"),
    ],
)
def test_every_object_is_whole_though_the_store_fails_now_and_then(
    world, promise, name, fault, pipeline
):
    kept, world = promise(name), world(pipeline)

    outcome = world.run(fault)

    assert outcome.faults[0].hits > 0
    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome)


def test_store_that_takes_no_writes_fails_the_run_in_a_sentence_and_holds_nothing(world, promise):
    kept, world = promise("s3-readonly"), world("taxi")

    outcome = world.run("s3:readonly@{first}")

    assert {task.task_id for task in outcome.failures} == {world.pipeline.first}
    root = world.services["DATA_ROOT"]
    assert sentence(outcome).startswith(f"{root}/taxi/")
    assert "cannot be written" in sentence(outcome)
    assert world.objects == {}
    kept.kept(world, outcome)
    world.assert_nothing_lost(world.run())


def test_metadata_database_that_restarts_ends_the_run_right_or_with_a_sentence(world, promise):
    kept, world = promise("postgres-restart"), world("taxi")

    outcome = world.run("postgres:restart@{train},seconds=1")

    assert outcome.faults[0].hits > 0
    if outcome.state == "success":  # Airflow 3.0 asks its own API again
        world.assert_nothing_lost(outcome)
        kept.kept(world, outcome)
        return
    lost = "Airflow could not go on without its metadata database"
    assert outcome.error.message.startswith(lost)
    assert world.champion is None
    assert world.counts[1] == 0
    assert world.objects
    world.assert_each_object_is_whole()
    kept.kept(world, outcome)
    world.assert_nothing_lost(world.run())
