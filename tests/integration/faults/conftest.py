"""Runs the reference pipelines among faults, and compares what they leave with a quiet run."""

import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from fixtures.nothing_lost import (
    IRIS,
    TAXI,
    Left,
    Pipeline,
    assert_nothing_lost,
    champion,
    counts,
    left_by,
    read_objects,
    unfinished,
)
from fixtures.promises import PROMISES, Measured, Promise, write
from fixtures.tlc import FILE, source_of, write_month

ROWS = 2_000


@pytest.fixture(scope="session")
def few_trips(tmp_path_factory):
    """A TAXI_SOURCE of one small generated month, January 2023."""
    folder = tmp_path_factory.mktemp("months")
    write_month(folder / FILE.format(colour="green", year=2023, month=1), rows=ROWS)
    return source_of(folder)


@pytest.fixture(scope="session")
def quiet_runs():
    """What undisturbed runs have left, by pipeline and kind of services."""
    return {}


@dataclass(slots=True)
class World:
    """One pipeline among clean services, and what is asked of them afterwards."""

    pipeline: Pipeline
    run_dag: Any
    client: Any
    s3: Any
    services: Any
    env: dict[str, str]
    quiet: Left
    faults: list[str] = field(default_factory=list)

    def run(self, fault="", *, env=None, **options):
        """Run the pipeline; `{first}`, `{train}` and `{publish}` in a fault are its tasks."""
        faults = [fault.format(**tasks_of(self.pipeline))] if fault else []
        self.faults += faults
        environ = {**self.env, **(env or {})}
        return self.run_dag(
            self.pipeline.dag, self.pipeline.conf, env=environ, faults=faults, **options
        )

    def left(self, outcome) -> Left:
        """Read what a run has left."""
        root = self.services["DATA_ROOT"]
        return left_by(self.pipeline, outcome.run_id, self.client, self.s3, root)

    def assert_nothing_lost(self, outcome):
        """Compare all that a run has left with what an undisturbed one leaves."""
        assert outcome.state == "success", outcome.failures
        assert_nothing_lost(self.left(outcome), self.quiet)
        assert unfinished(self.client) == []

    def assert_each_object_is_whole(self):
        """Compare what objects there are with those of an undisturbed run."""
        whole = list(self.quiet.objects.values())
        assert [key for key, said in self.objects.items() if said not in whole] == []

    @property
    def champion(self):
        """The version that serves; None where there is none."""
        return champion(self.client, self.pipeline)

    @property
    def serving(self):
        """What is in production, by key; each object has been read whole."""
        return {key: said for key, said in self.objects.items() if "/production/" in key}

    @property
    def objects(self):
        """Every object under DATA_ROOT, by key; each has been read whole."""
        return read_objects(self.s3, self.services["DATA_ROOT"])

    @property
    def counts(self):
        """How many MLflow runs and registered versions there are."""
        return counts(self.client, self.pipeline)


def tasks_of(pipeline):
    return {name: getattr(pipeline, name) for name in ("first", "train", "publish")}


@pytest.fixture
def world(request, run_dag, services, mlflow_client, s3, few_trips, quiet_runs, dagproof_services):
    """Make the world of a pipeline, which is clean, though the pipeline may have run before."""

    def make(name):
        pipeline = {"taxi": TAXI, "iris": IRIS}[name]
        env = {"TAXI_SOURCE": few_trips}
        key = (name, dagproof_services)
        made = World(pipeline, run_dag, mlflow_client, s3, services, env, quiet_runs.get(key))
        if made.quiet is None:
            outcome = made.run()
            assert outcome.state == "success", outcome.failures
            quiet_runs[key] = made.quiet = made.left(outcome)
            request.getfixturevalue("_dagproof_session").reset()
        return made

    return make


@dataclass(slots=True)
class Keeping:
    """A promise while its test runs."""

    promise: Promise
    measured: Measured | None = None

    def kept(self, world, outcome, *, fault="", tries=None, hits=None):
        """Write down what came of a disturbed run, when all that is promised has been asserted."""
        [text] = [fault] if fault else world.faults
        began = sum(record.began or 0.0 for record in outcome.faults)
        self.measured = Measured(
            fault=text,
            pipeline=world.pipeline.name,
            ends=outcome.state,
            seconds=outcome.seconds - began,
            tries=tries or max(task.tries for task in outcome.tasks),
            hits=sum(record.hits for record in outcome.faults) if hits is None else hits,
            runs=len(world.left(outcome).runs),
            versions=len(world.left(outcome).versions),
        )


@pytest.fixture
def promise(dagproof_services):
    """Name the promise that a test is about; `DAGPROOF_WRITE_RELIABILITY=1` puts it in the docs."""
    taken = []

    def take(name):
        [found] = [one for one in PROMISES if one.name == name]
        taken.append(Keeping(found))
        return taken[-1]

    yield take
    for one in taken:
        if one.measured is not None:
            assert one.measured.pipeline in one.promise.pipelines
            if os.environ.get("DAGPROOF_WRITE_RELIABILITY") == "1" and (
                dagproof_services in (None, "embedded")
            ):
                write(one.promise, one.measured)
