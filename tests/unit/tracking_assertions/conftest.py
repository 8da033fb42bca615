"""An MLflow client without a server, and the outcome of a DAG whose tasks logged to it."""

from types import SimpleNamespace as Plain

import pytest

from dagproof import services
from dagproof.model import Attempt, BegunRun, DagOutcome, SeenRuns, TaskOutcome
from dagproof.tracking_assertions import assert_tracked

ADDRESS = "http://mlflow.test:5000"


class GoneError(Exception):
    """What MLflow says of a run that it does not hold."""

    error_code = "RESOURCE_DOES_NOT_EXIST"


class Client:
    """Holds runs, logged models and versions as MLflow's entities are shaped."""

    tracking_uri = ADDRESS

    def __init__(self):
        self.runs, self.logged, self.versions, self.aliases = {}, [], [], {}
        self.questions = []

    def add(self, run_id="r1", status="FINISHED", stage="active", **data):
        info = Plain(
            run_id=run_id,
            run_name=f"name of {run_id}",
            experiment_id="7",
            status=status,
            start_time=1_795_663_686_163,
            lifecycle_stage=stage,
        )
        inputs = Plain(dataset_inputs=data.pop("datasets", []))
        texts = {"params": {}, "metrics": {}, "tags": {}} | data
        self.runs[run_id] = Plain(info=info, data=Plain(**texts), inputs=inputs)
        return self.runs[run_id]

    def log_model(self, model_id="m-1", name="model", run_id="r1", created=1):
        location = f"s3://artifacts/{model_id}"
        self.logged.append(
            Plain(
                model_id=model_id,
                name=name,
                source_run_id=run_id,
                creation_timestamp=created,
                artifact_location=location,
            )
        )

    def register(self, name="taxi", version=1, run_id="r1", source="models:/m-1", aliases=()):
        self.versions.append(Plain(name=name, version=version, run_id=run_id, source=source))
        self.aliases.setdefault(name, {}).update(dict.fromkeys(aliases, str(version)))

    def get_run(self, run_id):
        if run_id not in self.runs:
            raise GoneError(run_id)
        return self.runs[run_id]

    def get_experiment(self, experiment_id):
        return Plain(name=f"experiment {experiment_id}")

    def search_logged_models(self, experiments, chosen, max_results):
        assert experiments == ["7"]
        self.questions.append(chosen)
        return [one for one in self.logged if chosen == f"source_run_id = '{one.source_run_id}'"]

    def search_model_versions(self, chosen, max_results=100):
        self.questions.append(chosen)
        return [one for one in self.versions if chosen in self._quoted(one.name)]

    def _quoted(self, name):
        return f"name = '{name}'", f'name = "{name}"'

    def search_registered_models(self, max_results):
        return [Plain(name=name, aliases=found) for name, found in self.aliases.items()]


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def dataset():
    def dataset(name="green", digest="d1", context="training", schema=None):
        tags = [Plain(key="mlflow.data.context", value=context)] if context else []
        return Plain(dataset=Plain(name=name, digest=digest, schema=schema), tags=tags)

    return dataset


@pytest.fixture
def task():
    def task(task_id="train", runs=("r1",), map_index=-1, state="success", tries=1, **more):
        return TaskOutcome(task_id, map_index, state, tries, 0.1, mlflow_runs=tuple(runs), **more)

    return task


@pytest.fixture
def outcome(task):
    """Make the outcome of a DAG; each run of a task began in a try of its own."""

    def outcome(*tasks, nobodys=(), unseen=()):
        tasks = tasks or (task(),)
        begun = [
            BegunRun(run_id, Attempt(one.task_id, one.map_index, at + 1))
            for one in tasks
            for at, run_id in enumerate(one.mlflow_runs)
        ]
        begun += [BegunRun(run_id, None, parent) for run_id, parent in nobodys]
        return DagOutcome("d", "r", "success", tasks, 1.0, seen_runs=SeenRuns(tuple(begun), unseen))

    return outcome


@pytest.fixture
def signature(monkeypatch):
    """Give the signature of every model, and why it does not load."""
    given = Plain(inputs=[], outputs=[], trouble="", asked=[])

    def model_signature(client, location):
        given.asked.append(location)
        return given.inputs, given.outputs

    monkeypatch.setattr(services, "model_signature", model_signature)
    monkeypatch.setattr(services, "model_trouble", lambda client, location: given.trouble)
    return given


@pytest.fixture
def said(outcome, client):
    """Return what an assertion on the run of `train` says, without its first and last lines."""

    def said(*, whole=False, **expected):
        try:
            assert_tracked(outcome(), client, "train", **expected)
        except AssertionError as error:
            text = str(error)
            return text if whole else "\n".join(text.splitlines()[1:-2])
        return ""

    return said
