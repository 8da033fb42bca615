"""What the reference pipelines promise of a worker that is killed: see docs/reliability.md."""

import os
import signal

import pytest
from fixtures.killing import Trap, way_through
from fixtures.workers import LOG, run, workers

MLFLOW = "/api/2.0/mlflow"
TAXI = (
    ("PUT .*/taxi/raw/green/2023-01.parquet ", "half"),
    ("PUT .*/xcom/", "half"),
    (f"POST {MLFLOW}/runs/create ", "after"),
    (f"POST {MLFLOW}/logged-models ", "after"),
    ("PUT .*/artifacts/model.skops", "half"),
    (f"POST {MLFLOW}/model-versions/create ", "after"),
    (f"POST {MLFLOW}/registered-models/alias ", "before"),
    ("PUT .*/taxi/green/run.json ", "half"),
)
IRIS = (
    ("PUT .*/iris/production/v1/model.skops", "half"),
    ("PUT .*/iris/production/current.json", "after"),
)


@pytest.mark.parametrize(("name", "moments"), [("taxi", TAXI), ("iris", IRIS)])
def test_killed_at_one_write_after_the_other_the_next_start_ends_the_run_right(
    world, promise, request, tmp_path, name, moments
):
    kept, world, trap = promise("worker-killed"), world(name), Trap()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    s3, mlflow = world.services["AWS_ENDPOINT_URL"], world.services["MLFLOW_TRACKING_URI"]
    with (
        way_through(s3, trap) as s3_way,
        way_through(mlflow, trap) as mlflow_way,
        workers(
            tmp_path, {**os.environ, "TMPDIR": str(scratch), "PYTHONWARNINGS": "ignore"}
        ) as started,
    ):
        ways = {s3: s3_way, mlflow: mlflow_way}
        env = {name: rewritten(value, ways) for name, value in world.services.items()} | world.env
        for fatal, way in moments:
            trap.arm(fatal, way)
            trap.aim(started.start(world.pipeline.dag, world.pipeline.conf, env))
            code = started.wait()
            assert code == -signal.SIGKILL, (
                fatal,
                trap,
                code,
                (tmp_path / LOG).read_text()[-2000:],
            )
            assert trap.sprung
            world.assert_each_object_is_whole()
            if name == "iris":
                assert world.champion is None, "the alias moves when what it stands for is there"

    outcome = run(
        request.getfixturevalue("_dagproof_session"),
        world.pipeline.dag,
        world.pipeline.conf,
        world.env,
    )

    world.assert_nothing_lost(outcome)
    kept.kept(world, outcome, fault="kill -9", tries=len(moments) + 1, hits=len(moments))


def rewritten(text, addresses):
    for old, new in addresses.items():
        text = text.replace(old.removeprefix("http://"), new.removeprefix("http://"))
    return text
